"""Every scheduler, protocol and mixture of families in the lab's kernel, with traffic."""

import json
from ipaddress import ip_address
from pathlib import Path
from typing import get_args

import pytest

from monlvs.config.notation import Scheduler
from monlvs.config.reading import parse
from monlvs.director.declared import declared_table
from monlvs.director.plan import plan
from monlvs.lab import DIRECTOR
from monlvs.lab.kernel import find_kernel
from monlvs.model.lvs import Forwarding, Listener, Protocol, ServiceFlags
from tests.director.test_kernel import do, ipvsadm

pytestmark = pytest.mark.lab

TALK = Path(__file__).parent / "talk.py"
SIP = "INVITE sip:a@b SIP/2.0\r\nCall-ID: {}\r\n\r\n"


def schedulers():
    """The schedulers that the lab's kernel has modules for."""
    found = find_kernel().modules.glob("*/kernel/net/netfilter/ipvs/ip_vs_*.ko")
    return sorted({path.stem.removeprefix("ip_vs_") for path in found} - NO_SCHEDULERS)


NO_SCHEDULERS = {"ftp", "pe_sip"}


async def desired(text):
    config, problems = parse(text, "kinds.toml")
    assert [str(problem) for problem in problems] == []
    table, refusals = await declared_table(config)
    assert refusals == ()
    return table


async def apply(lab, text):
    wanted = await desired(text)
    refusals, written = await do(lab, ("apply", plan({}, wanted)), ("written",))
    assert refusals == []
    assert await ipvsadm(lab, "-Sn") == written
    return wanted


async def serve(lab, kind, port, address=""):
    """Have every real server tell its name at `port`.

    A UDP server answers from the VIP only if it is bound to it.
    """
    for server in lab.topology.servers:
        log = f"{server.host}-{kind}-{port}"
        argv = ["python3", str(TALK), "serve", kind, str(port), server.host, address]
        process = await lab.start(server.host, [lab.python, *argv[1:]], name=log)
        await lab.until(lambda p=process: "ready" in p.log.read_text())


async def ask(lab, kind, host, port, *words):
    """The names that answered, one for each word that was sent."""
    argv = [lab.python, str(TALK), "ask", kind, host, str(port), *words]
    return json.loads((await lab.run("client", argv, check=True)).stdout)


async def test_every_scheduler_of_the_kernel_is_accepted_with_its_flags(nat_lab):
    names = schedulers()
    assert set(names) <= set(get_args(Scheduler))
    text = ""
    for number, name in enumerate(names):
        own = [f"{name}-fallback", f"{name}-port"] if name in ("sh", "mh") else []
        for at, flags in enumerate([[], ["flag-1", "flag-2"], own or ["flag-3"]]):
            text += (
                f'[[virtual_service]]\naddress = "192.168.1.1"\n'
                f'port = {1000 + 10 * number + at}\nscheduler = "{name}"\n'
                f"flags = {json.dumps(flags)}\n"
                'servers = [{ address = "10.1.1.2", weight = 2, forwarding = "nat" }]\n'
            )
    wanted = await apply(nat_lab, text)
    ((read, _, unread),) = await do(nat_lab, ("read",))
    assert unread == ()
    assert {key: service for key, (service, _) in read.items()} == {
        key: each.service for key, each in wanted.items()
    }
    three = ServiceFlags.SCHED1 | ServiceFlags.SCHED2
    assert sum(service.flags == three for service, _ in read.values()) >= len(names)


def services(lab, protocol, port, kind, **more):
    told = "".join(f"{key} = {json.dumps(value)}\n" for key, value in more.items())
    servers = ", ".join(
        f'{{ address = "{server.address}", forwarding = "{kind}" }}'
        for server in lab.topology.servers
    )
    return (
        f'[[virtual_service]]\naddress = "{lab.vip}"\nport = {port}\n'
        f'protocol = "{protocol}"\nscheduler = "rr"\n{told}servers = [{servers}]\n'
    )


async def test_udp_is_balanced_and_one_packet_each_when_asked_for(dr_lab):
    text = services(dr_lab, "udp", 7000, "dr")
    text += services(dr_lab, "udp", 7001, "dr", flags=["ops"])
    await apply(dr_lab, text)
    await serve(dr_lab, "udp", 7000, dr_lab.vip)
    await serve(dr_lab, "udp", 7001, dr_lab.vip)

    held = await ask(dr_lab, "udp", dr_lab.vip, 7000, "a", "b", "c")
    each = await ask(dr_lab, "udp", dr_lab.vip, 7001, "a", "b", "c")

    assert len(set(held)) == 1
    assert set(each) == {"rs1", "rs2", "rs3"}


async def test_sctp_is_balanced_by_nat(nat_lab):
    await nat_lab.run(None, "/run/modprobe sctp", check=True)
    await apply(nat_lab, services(nat_lab, "sctp", 7000, "nat"))
    await serve(nat_lab, "sctp", 7000)

    answers = await ask(nat_lab, "sctp", nat_lab.vip, 7000, "a", "b", "c")

    assert set(answers) == {"rs1", "rs2", "rs3"}


async def test_a_call_stays_with_its_server(dr_lab):
    """pe sip: persistence by Call-ID, so that one client's calls are spread."""
    text = services(
        dr_lab, "udp", 5060, "dr", flags=["ops"], persistence="60s", pe="sip"
    )
    await apply(dr_lab, text)
    await serve(dr_lab, "udp", 5060, dr_lab.vip)
    calls = [SIP.format(f"call{n}") for n in (1, 2, 3, 1, 2, 3)]

    answers = await ask(dr_lab, "udp", dr_lab.vip, 5060, *calls)

    assert set(answers[:3]) == {"rs1", "rs2", "rs3"}
    assert answers[3:] == answers[:3]
    (ours,) = await do(dr_lab, ("connections",))
    theirs = await ipvsadm(dr_lab, "-Lcn --persistent-conn")
    assert without_expiry(ours) == without_expiry(theirs)
    assert "call1" in ours


def without_expiry(lines):
    """Seconds go by between one look and the next."""
    return [line[:4] + line[10:] for line in lines.splitlines()]


async def test_clients_of_a_network_stay_together(dr_lab):
    text = services(dr_lab, "tcp", 80, "dr", persistence="60s", netmask=24)
    await apply(dr_lab, text)
    pages = set()
    await dr_lab.run("client", "ip addr add 192.168.1.55/24 dev eth0", check=True)
    for source in ("192.168.1.5", "192.168.1.55", "192.168.1.5"):
        get = f"curl -s --interface {source} http://{dr_lab.vip}/"
        pages.add((await dr_lab.run("client", get, check=True)).stdout)
    await dr_lab.run("client", "ip addr del 192.168.1.55/24 dev eth0", check=True)

    assert len(pages) == 1


async def test_firewall_marks_are_balanced_in_both_families(nat_lab):
    text = ""
    for family, field in (("ipv4", "address"), ("ipv6", "address6")):
        servers = ", ".join(
            f'{{ address = "{getattr(each, field)}", forwarding = "nat" }}'
            for each in nat_lab.topology.servers
        )
        text += (
            f'[[virtual_service]]\nfwmark = 7\nfamily = "{family}"\n'
            f'scheduler = "rr"\nservers = [{servers}]\n'
        )
    await apply(nat_lab, text)
    rule = "-t mangle -{} PREROUTING -i eth0 -p tcp --dport 80 -j MARK --set-mark 7"
    tables = ("iptables-legacy", "ip6tables-legacy")
    for each in tables:
        await nat_lab.run(DIRECTOR, f"{each} {rule.format('A')}", check=True)
    pages = {}
    for host in (nat_lab.vip, f"[{nat_lab.topology.vip6}]"):
        get = f"for i in 1 2 3; do curl -gs http://{host}/; done"
        found = await nat_lab.run("client", get, check=True)
        pages[host] = set(found.stdout.split())
    for each in tables:
        await nat_lab.run(DIRECTOR, f"{each} {rule.format('D')}", check=True)

    assert list(pages.values()) == [{"rs1", "rs2", "rs3"}] * 2


async def test_tunnels_carry_the_other_family(tun_lab):
    """IPv4 clients, real servers known by their IPv6 addresses (ip6tnl there).

    The kernel's ip6tnl0 takes IPv6 alone out of IPv6; for IPv4 one is made.
    """
    servers = ", ".join(
        f'{{ address = "{each.address6}", forwarding = "tun" }}'
        for each in tun_lab.topology.servers
    )
    text = (
        f'[[virtual_service]]\naddress = "{tun_lab.vip}"\nport = 80\n'
        f'scheduler = "rr"\nservers = [{servers}]\n'
    )
    wanted = await apply(tun_lab, text)
    ((read, _, _),) = await do(tun_lab, ("read",))
    (key,) = wanted
    assert key == Listener(Protocol.TCP, ip_address(tun_lab.vip), 80)
    assert read[key][1] == dict(wanted[key].entries)
    assert {e.forwarding for e in read[key][1].values()} == {Forwarding.TUNNEL}

    await tun_lab.run(None, "/run/modprobe ip6_tunnel", check=True)
    for each in tun_lab.topology.servers:
        up = (
            f"ip link add wrapped type ip6tnl mode ipip6 local {each.address6} "
            "remote fd00:1::1; ip link set wrapped up; "
            "echo 0 >/proc/sys/net/ipv4/conf/wrapped/rp_filter"
        )
        await tun_lab.run(each.host, up, check=True)
    get = f"for i in 1 2 3; do curl -s -m 5 http://{tun_lab.vip}/; done"
    pages = await tun_lab.run("client", get, check=True)
    for each in tun_lab.topology.servers:
        await tun_lab.run(each.host, "ip link del wrapped", check=True)

    assert set(pages.stdout.split()) == {"rs1", "rs2", "rs3"}


async def test_ipv6_clients_reach_ipv4_servers_through_a_tunnel(tun_lab):
    servers = ", ".join(
        f'{{ address = "{each.address}", forwarding = "tun" }}'
        for each in tun_lab.topology.servers
    )
    vip = tun_lab.topology.vip6
    text = (
        f'[[virtual_service]]\naddress = "{vip}"\nport = 80\n'
        f'scheduler = "rr"\nservers = [{servers}]\n'
    )
    await apply(tun_lab, text)
    await tun_lab.run(None, "/run/modprobe sit", check=True)
    for each in tun_lab.topology.servers:
        up = (
            "ip link set sit0 up; "
            f"ip addr replace {vip}/128 dev lo nodad preferred_lft 0"
        )
        await tun_lab.run(each.host, up, check=True)
    get = f"for i in 1 2 3; do curl -gs -m 5 'http://[{vip}]/'; done"
    pages = await tun_lab.run("client", get, check=True)

    assert set(pages.stdout.split()) == {"rs1", "rs2", "rs3"}
