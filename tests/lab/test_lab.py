"""The LVS of each kind serves its client, and what a test does to it shows."""

import asyncio
import re
import signal
from pathlib import Path

import pytest

from monlvs.lab import (
    CLIENT,
    DIRECTOR,
    CommandTimeoutError,
    Cut,
    Kind,
    Lab,
    LabError,
    Request,
)
from tests.labs import LendLab

pytestmark = pytest.mark.lab

SERVERS = {"rs1", "rs2", "rs3"}


async def answers_from(lab: Lab, count: int) -> list[str]:
    script = f"for i in $(seq {count}); do curl -s -m 5 http://{lab.vip}/; done"
    return (await lab.run(CLIENT, script, check=True)).stdout.split()


def seen_after(lab: Lab, moment: float, count: int) -> list[Request]:
    later = [request for request in lab.requests() if request.began > moment]
    return later if len(later) >= count else []


@pytest.mark.parametrize("kind", Kind)
async def test_the_client_is_served_by_every_server(
    running_labs: LendLab, kind: Kind
) -> None:
    lab = running_labs(kind)
    lab.cluster.fill_table()
    expected = SERVERS | ({DIRECTOR} if kind is Kind.LOCALNODE else set())
    assert set(await answers_from(lab, 8)) == expected


@pytest.mark.parametrize("kind", Kind)
async def test_a_server_asks_the_client_to_log_in(
    running_labs: LendLab, kind: Kind
) -> None:
    lab = running_labs(kind)
    lab.cluster.fill_table()
    talk = f"(sleep 1) | busybox nc -w 5 {lab.vip} 23"
    said = (await lab.run(CLIENT, talk)).stdout
    assert re.search(r"(rs[123]|director) login: $", said)


@pytest.mark.parametrize("kind", Kind)
async def test_the_director_reaches_every_server_by_ipv4_and_ipv6(
    running_labs: LendLab, kind: Kind
) -> None:
    lab = running_labs(kind)
    for server in lab.topology.servers:
        for address in (server.address, f"[{server.address6}]"):
            page = await lab.run(DIRECTOR, ["curl", "-sm5", f"http://{address}/"])
            assert page.stdout == f"{server.host}\n", address


async def test_nat_serves_on_8080_and_over_ipv6_too(nat_lab: Lab) -> None:
    vip6 = f"[{nat_lab.topology.vip6}]:80"
    lines = [
        f"-A -t {vip6} -s rr",
        *(
            f"-a -t {vip6} -r [{server.address6}]:8080 -m"
            for server in nat_lab.topology.servers
        ),
    ]
    await nat_lab.run(DIRECTOR, "ipvsadm -R", stdin="\n".join(lines) + "\n", check=True)
    assert f"tcp {vip6} -> [fd00:2::2]:8080 Masq 1" in await nat_lab.table()
    pages = [
        (await nat_lab.run(CLIENT, ["curl", "-sgm5", f"http://{vip6}/"])).stdout
        for _ in SERVERS
    ]
    assert {page.strip() for page in pages} == SERVERS


@pytest.mark.parametrize("cut", Cut)
async def test_requests_fail_while_a_cable_is_pulled(dr_lab: Lab, cut: Cut) -> None:
    lab = dr_lab
    lab.cluster.fill_table()
    await lab.visit(limit=0.3)
    pulled = (await lab.pull("rs2", cut=cut)).ended
    during = await lab.until(lambda: seen_after(lab, pulled, 20))
    assert {request.server for request in during} == {"rs1", "rs3", None}
    plugged = (await lab.plug("rs2")).ended
    # Its neighbours may take a moment to ask for its address again.
    await lab.until(
        lambda: any(r.server == "rs2" and r.began > plugged for r in lab.requests())
    )
    healed = await lab.now()
    after = await lab.until(lambda: seen_after(lab, healed, 20))
    assert all(request.ok for request in after)
    assert {request.server for request in after} == SERVERS


async def test_a_host_sees_only_a_cut_that_takes_its_carrier(dr_lab: Lab) -> None:
    carrier = "ip -br link show eth0 | grep -c LOWER_UP"
    await dr_lab.pull("rs1", cut=Cut.UNSEEN)
    assert (await dr_lab.run("rs1", carrier)).stdout == "1\n"
    await dr_lab.pull("rs1")
    assert (await dr_lab.run("rs1", carrier)).stdout == "0\n"


async def test_a_stopped_service_refuses_and_a_hanging_one_is_silent(
    nat_lab: Lab,
) -> None:
    fetch = ["curl", "-sm1", "http://10.1.1.3/"]
    await nat_lab.stop_service("rs2", "httpd")
    assert (await nat_lab.run(DIRECTOR, fetch)).status == 7  # curl(1): refused
    await nat_lab.start_service("rs2", "httpd")
    assert (await nat_lab.run(DIRECTOR, fetch)).stdout == "rs2\n"
    await nat_lab.hang_service("rs2", "httpd")
    assert (await nat_lab.run(DIRECTOR, fetch)).status == 28  # curl(1): timeout
    await nat_lab.resume_service("rs2", "httpd")
    assert (await nat_lab.run(DIRECTOR, fetch)).stdout == "rs2\n"


async def test_the_watcher_tells_what_changed_and_when(dr_lab: Lab) -> None:
    lab = dr_lab
    lab.cluster.fill_table()
    await lab.watch_table()
    server = f"tcp {lab.vip}:80 -> 192.168.1.3:80 Route"
    edit = f"ipvsadm -e -t {lab.vip}:80 -r 192.168.1.3 -g -w 0"
    edited = await lab.run(DIRECTOR, edit, check=True)
    (change,) = await lab.until(lambda: lab.table_watch().changes)
    assert change.removed == {f"{server} 1"}
    assert change.added == {f"{server} 0"}
    assert edited.began <= change.at
    assert change.after <= edited.ended
    assert change.table == await lab.table()
    quiet = await lab.now()
    await lab.until(lambda: lab.table_watch().until > quiet)
    assert len(lab.table_watch().changes) == 1


async def test_requests_alone_change_nothing_in_the_table(dr_lab: Lab) -> None:
    lab = dr_lab
    lab.cluster.fill_table()
    await lab.watch_table()
    await lab.visit()
    requests = await lab.until(lambda: seen_after(lab, 0.0, 30))
    assert len({request.port for request in requests}) == len(requests)
    seen = await lab.now()
    await lab.until(lambda: lab.table_watch().until > seen)
    assert lab.table_watch().changes == ()
    assert len(lab.table_watch().first) == 8


async def test_ipvs_remembers_a_client_s_port_after_its_server_has_left(
    dr_lab: Lab,
) -> None:
    """Why a visitor takes no port twice, and what net.ipv4.vs.expire_nodest_conn does."""
    lab = dr_lab
    setting = "/proc/sys/net/ipv4/vs/expire_nodest_conn"
    await lab.run(
        DIRECTOR,
        f"ipvsadm -A -t {lab.vip}:80 -s rr\n"
        f"ipvsadm -a -t {lab.vip}:80 -r 192.168.1.2:80 -g\n",
        check=True,
    )
    fetch = ["curl", "-sm1", "--local-port", "1000", f"http://{lab.vip}/"]
    await lab.pull("rs1")
    assert (await lab.run(CLIENT, fetch)).status == 28  # curl(1): timeout
    await lab.run(
        DIRECTOR,
        f"ipvsadm -a -t {lab.vip}:80 -r 192.168.1.3:80 -g\n"
        f"ipvsadm -d -t {lab.vip}:80 -r 192.168.1.2:80\n",
        check=True,
    )
    assert (await lab.run(CLIENT, fetch)).status == 28
    try:
        await lab.run(DIRECTOR, f"echo 1 >{setting}", check=True)
        assert (await lab.run(CLIENT, fetch)).stdout == "rs2\n"
    finally:
        await lab.run(DIRECTOR, f"echo 0 >{setting}", check=True)


async def test_a_mail_from_the_director_arrives(nat_lab: Lab) -> None:
    await nat_lab.receive_mail()
    before = await nat_lab.now()
    script = (
        "import smtplib\n"
        "with smtplib.SMTP('192.168.1.5', timeout=5) as line:\n"
        "    text = 'Subject: down\\n\\nrs2 is down\\n.\\nend\\n'\n"
        "    line.sendmail('mon@director', ['a@client', 'b@client'], text)\n"
    )
    await nat_lab.run(DIRECTOR, [nat_lab.python, "-c", script], check=True)
    (mail,) = nat_lab.mails()
    assert before < mail.at < await nat_lab.now()
    assert mail.sender == "mon@director"
    assert mail.recipients == ("a@client", "b@client")
    assert mail.text == "Subject: down\n\nrs2 is down\n.\nend\n"


async def test_a_program_in_the_background_can_be_read_and_ended(nat_lab: Lab) -> None:
    program = await nat_lab.start("rs1", "hostname; exec sleep 1000")
    await nat_lab.until(lambda: program.output() == "rs1\n")
    assert await program.stop() == -signal.SIGTERM
    assert not await program.signal(signal.SIGTERM)
    assert await program.wait() == -signal.SIGTERM
    with pytest.raises(LabError, match=r"rs1: .*still runs after 0.1 s"):
        await (await nat_lab.start("rs1", "sleep 1000")).wait(0.1)


async def test_a_host_has_its_own_name_and_network(nat_lab: Lab) -> None:
    result = await nat_lab.run("rs3", "hostname; ip -br -4 addr show eth0")
    assert result.stdout.split()[0] == "rs3"
    assert "10.1.1.4/24" in result.stdout


async def test_a_failing_command_raises_only_when_it_is_checked(nat_lab: Lab) -> None:
    assert (await nat_lab.run("rs1", "exit 3")).status == 3
    with pytest.raises(LabError, match=r"(?s)rs1: .*status 3.*nope"):
        await nat_lab.run("rs1", "echo nope; exit 3", check=True)
    with pytest.raises(CommandTimeoutError, match=r"(?s)rs1: .*killed.*so far"):
        await nat_lab.run("rs1", "echo so far; sleep 9", timeout=0.2)


async def test_unknown_hosts_services_and_cables_are_named(nat_lab: Lab) -> None:
    with pytest.raises(LabError, match="rs9"):
        await nat_lab.run("rs9", "true")
    with pytest.raises(LabError, match="no service ftpd on rs1; there are: rs1 httpd,"):
        await nat_lab.stop_service("rs1", "ftpd")
    with pytest.raises(LabError, match="no cable at rs1 eth7; there are: client eth0"):
        await nat_lab.pull("rs1", device="eth7")


async def test_who_listens_is_waited_for_on_that_host_alone(nat_lab: Lab) -> None:
    await nat_lab.until_listening("rs1", 80, 8080, 23)
    serve = "sleep 0.3; exec busybox nc -l -p 81"
    await nat_lab.start("rs1", ["sh", "-c", serve])
    await nat_lab.until_listening("rs1", 80, 81)
    with pytest.raises(
        LabError, match=r"rs2: nobody has come to listen on port 7, 81$"
    ):
        await nat_lab.until_listening("rs2", 81, 80, 7, timeout=0.1)


async def test_files_have_one_path_on_both_sides(nat_lab: Lab) -> None:
    path = nat_lab.write_file("etc/mon.cf", "hostgroup a b\n")
    assert (await nat_lab.run(DIRECTOR, ["cat", str(path)])).stdout == "hostgroup a b\n"
    await nat_lab.run(DIRECTOR, f"echo more >>{path}", check=True)
    assert nat_lab.read_file("etc/mon.cf") == "hostgroup a b\nmore\n"


async def test_a_lent_lab_is_tidy_again(nat_lab: Lab) -> None:
    nat_lab.cluster.fill_table()
    await nat_lab.stop_service("rs1", "httpd")
    await nat_lab.hang_service("rs2", "httpd")
    await nat_lab.pull("director", device="eth1")
    program = await nat_lab.start("rs3", "sleep 1000")
    await asyncio.to_thread(nat_lab.tidy)
    assert await nat_lab.table() == ()
    assert await program.wait() == -signal.SIGKILL
    for server in nat_lab.topology.servers:
        fetch = ["curl", "-sm5", f"http://{server.address}/"]
        assert (await nat_lab.run(DIRECTOR, fetch)).stdout == f"{server.host}\n"


async def test_open_boots_and_halts_with_a_table_and_five_servers() -> None:
    async with Lab.open(Kind.DR, servers=5, table=True) as lab:
        assert set(await answers_from(lab, 5)) == SERVERS | {"rs4", "rs5"}
        settled = await lab.until_table(lambda table: len(table) == 12)
        assert f"tcp {lab.vip}:23 -> 192.168.1.7:23 Route 1" in settled
        with pytest.raises(LabError, match=r"has not become right in 0.1 s"):
            await lab.until_table(lambda table: not table, timeout=0.1)
    assert not lab.guest.alive
    with pytest.raises(LabError, match="the lab was halted"):
        await lab.run(CLIENT, "true")


async def test_a_lab_that_is_abandoned_while_it_boots_is_halted() -> None:
    async def enter() -> None:
        async with Lab.open(Kind.DR):
            raise AssertionError("it should not have come this far")

    before = children()
    opening = asyncio.get_running_loop().create_task(enter())
    async with asyncio.timeout(30):
        while children() == before:
            await asyncio.sleep(0.01)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        while children() != before:
            await asyncio.sleep(0.01)


def children() -> set[str]:
    # Of every thread: the boot has one of its own.
    threads = Path("/proc/self/task").iterdir()
    return {pid for t in threads for pid in (t / "children").read_text().split()}
