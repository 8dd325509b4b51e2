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
