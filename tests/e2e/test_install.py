"""From an empty kernel one `director apply` makes an LVS of each kind, `clear` none of it."""

import pytest

from monlvs.lab import Lab
from monlvs.lab.inside import program
from tests.e2e import installing as say
from tests.e2e.installing import SNAPSHOT, Ended, told

pytestmark = pytest.mark.lab

VIP, VIP6 = "192.168.1.110", "fd00:1::110"


async def install(
    lab: Lab, services: dict[str, str], asked: dict[str, set[str]]
) -> None:
    """Install each of `services`, be served by all, and clear; each leaves no trace.

    `asked` are the servers that the client has to meet at the VIP, by service.
    """
    steps: list[str | list[str]] = []
    for name, text in services.items():
        head = f'[settings]\nstate_dir = "{lab.folder}/{name}"\n[machine]\n'
        path = str(lab.write_file(f"{name}.toml", head + text))
        apply, plan, clear = (
            ["director", act, "-c", path] for act in ("apply", "plan", "clear")
        )
        visit = say.visit(VIP6 if name.endswith("6") else VIP, len(asked[name]))
        steps += [SNAPSHOT, apply, visit, plan, clear, SNAPSHOT]
    answers = await told(lab, steps)
    for name in services:
        before, apply, pages, again, clear, after = answers[:6]
        del answers[:6]
        assert (apply.status, apply.err) == (0, ""), (name, apply.err)
        assert apply.lines[-1].startswith("ip address add "), "VIPs come last"
        assert sorted(pages.lines) == sorted(asked[name]), name
        assert again == Ended(0, "", ""), name
        assert (clear.status, clear.err) == (0, ""), (name, clear.err)
        assert clear.lines[0].startswith("ip address del "), "and go first"
        assert after.lines == before.lines, name
        assert "ipv4/vs/expire_nodest_conn:0" in before.out


async def test_vs_nat_is_installed_in_both_families(bare_nat_lab: Lab) -> None:
    lab = bare_nat_lab
    real = lab.topology.servers
    names = {each.host for each in real}
    await install(
        lab,
        {
            "nat": say.service(VIP, [say.server(r.address, "nat") for r in real]),
            "nat6": say.service(VIP6, [say.server(r.address6, "nat") for r in real]),
        },
        {"nat": names, "nat6": names},
    )


async def test_the_kinds_on_one_wire_are_installed(bare_tun_lab: Lab) -> None:
    lab = bare_tun_lab
    real = lab.topology.servers
    names = {each.host for each in real}
    root = lab.folder / "www" / "director"
    root.mkdir(parents=True)
    (root / "index.html").write_text("director\n")
    httpd = [lab.python, str(program("httpd.py")), str(root), "80"]
    await lab.start("director", httpd)
    tunnels = {
        "ipip": "",
        "gre": ', tunnel = "gre"',
        "gue": ', tunnel = "gue", tunnel_port = 6080',
    }
    services = {
        "dr": say.service(VIP, [say.server(r.address, "dr") for r in real]),
        "dr6": say.service(VIP6, [say.server(r.address6, "dr") for r in real]),
        "local": say.service(
            VIP,
            [say.server("127.0.0.1", "local"), say.server(real[0].address, "dr")],
        ),
        **{
            name: say.service(VIP, [say.server(r.address, "tun", more) for r in real])
            for name, more in tunnels.items()
        },
    }
    asked = {
        name: {"director", "rs1"} if name == "local" else names for name in services
    }
    await install(lab, services, asked)


async def test_what_others_have_is_neither_taken_nor_cleared(bare_tun_lab: Lab) -> None:
    """Clients' addresses, their entries; and a plan that has become another one."""
    lab = bare_tun_lab
    one, *_ = lab.topology.servers
    text = say.service(VIP, [say.server(one.address, "dr")])
    text += say.service(VIP6, [say.server(one.address6, "dr")])
    head = f'[settings]\nstate_dir = "{lab.folder}/others"\n[machine]\n'
    path = str(lab.write_file("others.toml", head + text))
    agreed = f"{lab.folder}/agreed"
    client = "ip -n client address {0} " + f"{VIP}/32 dev eth0; "
    # Without nodad it answers for the address only after a second (RFC 4862, 5.4).
    client += "ip -n client address {0} " + f"{VIP6}/128 dev eth0 nodad"
    table = f"ipvsadm -A -t {VIP}:80 -s wlc -p 600; ipvsadm -a -t {VIP}:80 -r 192.168.1.77 -g"
    watch = f"timeout --preserve-status -s INT 4 {lab.python} -m monlvs director show --watch"

    def act(name: str, *more: str) -> list[str]:
        return ["director", name, "-c", path, *more]

    (
        _,
        _,
        plan,
        taken,
        _,
        stale,
        apply,
        again,
        _,
        show,
        dry,
        clear,
        left,
        _,
        watched,
    ) = await told(
        lab,
        [
            client.format("add"),
            table,
            act("plan", "--json", ">", agreed),
            act("apply", "--plan", agreed),
            client.format("del"),
            act("apply", "--plan", agreed),
            act("apply"),
            act("plan"),
            f"ipvsadm -a -t [{VIP6}]:80 -r [fd00:1::77]:80 -g",
            act("show"),
            act("clear", "--dry-run", "--json"),
            act("clear"),
            "ipvsadm -Sn",
            "ipvsadm -C",
            watch,
        ],
    )
    assert plan.status == 2
    refusals = [line for line in taken.err.splitlines() if "answers for it" in line]
    assert taken.status == 1
    assert [line.split(" dev ")[0] for line in refusals] == [
        f"refused: ip address add {VIP}/32",
        f"refused: ip address add {VIP6}/128",
    ]
    assert f"-a -t {VIP}:80 -r {one.address}:80 -g -w 1" in taken.out, (
        "nothing else stops"
    )
    assert stale.status == 1
    assert "is not as it was when" in stale.err
    assert (apply.status, apply.err, len(apply.lines)) == (0, "", 2)
    assert again == Ended(0, "", "")
    assert "192.168.1.77:80" in show.out
    assert "no daemon runs by it" in show.err
    assert (dry.status, clear.status) == (2, 0)
    assert clear.err.splitlines() == [
        f"note: -t {VIP}:80 stays, since monlvs did not create it",
        f"note: -t [{VIP6}]:80 stays, since others have real servers in it",
    ]
    assert f"ipvsadm -E -t {VIP}:80 -s wlc -p 600" in clear.out
    assert left.lines == [
        f"-A -t {VIP}:80 -s wlc -p 600",
        f"-a -t {VIP}:80 -r 192.168.1.77:80 -g -w 1",
        f"-A -t [{VIP6}]:80 -s rr",
        f"-a -t [{VIP6}]:80 -r [fd00:1::77]:80 -g -w 1",
    ]
    assert watched.status == 130
    assert watched.out.count("IP Virtual Server version") >= 1
    assert watched.err == ""
