"""What keepalived and ldirectord were told, told to monlvs: the same servers are in."""

import signal
from pathlib import Path

import pytest

from monlvs.config.importers.blueprint import Site
from monlvs.config.importers.conversion import import_text
from monlvs.config.importers.formats import Format
from monlvs.lab import DIRECTOR, Lab
from tests.e2e.watching import Home

pytestmark = pytest.mark.lab

KEEPALIVED = """\
! One virtual server, checked as in keepalived's samples
global_defs {
    router_id LVS_DEVEL
}
virtual_server 192.168.1.1 80 {
    delay_loop 1
    lb_algo rr
    lb_kind NAT
    protocol TCP
    sorry_server 10.1.1.4 80
    real_server 10.1.1.2 80 {
        weight 2
        HTTP_GET {
            url {
                path /
                status_code 200
            }
            connect_timeout 1
            retry 1
            delay_before_retry 1
        }
    }
    real_server 10.1.1.3 80 {
        weight 1
        TCP_CHECK {
            connect_timeout 1
            retry 0
        }
    }
}
"""
LDIRECTORD = """\
checkinterval = 1
checktimeout = 1
quiescent = yes
virtual = 192.168.1.1:80
    real = 10.1.1.2:80 masq 2
    real = 10.1.1.3:80 masq
    service = http
    request = "/"
    scheduler = wlc
    protocol = tcp
"""


def told(text: str, format_: Format, state: Path) -> str:
    """Convert a text, and give the daemon a place for its state."""
    given = import_text(text, "given", format_, Site())
    assert given.equal
    return f'[settings]\nstate_dir = "{state}"\n\n{given.text}'


async def test_keepalived_is_relieved_without_a_change_and_dead_servers_come_and_go(
    nat_lab: Lab,
) -> None:
    lab = nat_lab
    home = await Home.make(lab)
    one = "tcp 192.168.1.1:80 -> 10.1.1.2:80 Masq 2"
    other = "tcp 192.168.1.1:80 -> 10.1.1.3:80 Masq 1"
    sorry = "tcp 192.168.1.1:80 -> 10.1.1.4:80 Masq 1"

    written = home.folder / "keepalived.conf"
    written.write_text(KEEPALIVED)
    words = ["keepalived", "-C", "-n", "-l", "-f", str(written)]
    words += ["-p", str(home.folder / "pid"), "-c", str(home.folder / "checkers.pid")]
    its = await lab.start(DIRECTOR, words)
    made = await lab.until_table(lambda table: {one, other} <= set(table), timeout=20)
    await its.signal(signal.SIGKILL)  # else it would empty the table
    converted = told(KEEPALIVED, Format.KEEPALIVED, home.state)
    home.write(converted)
    planned = await lab.run(DIRECTOR, home.command("director", "plan"))
    assert (planned.status, planned.stdout) == (0, ""), planned

    watch = await home.start(converted)
    assert await lab.table() == made
    await lab.until_table(lambda table: one in table and other in table, timeout=20)
    await lab.stop_service("rs1", "httpd")
    await lab.until_table(lambda table: one not in table and other in table, timeout=20)
    await lab.stop_service("rs2", "httpd")
    await lab.until_table(
        lambda table: sorry in table and other not in table, timeout=20
    )
    for server in ("rs1", "rs2"):
        await lab.start_service(server, "httpd")
    await lab.until_table(
        lambda table: {one, other} <= set(table) and sorry not in table, timeout=20
    )
    await watch.stop()


async def test_ldirectord_is_relieved_without_a_change_and_dead_servers_are_quiesced(
    nat_lab: Lab,
) -> None:
    lab = nat_lab
    home = await Home.make(lab)
    up = "tcp 192.168.1.1:80 -> 10.1.1.2:80 Masq 2"
    down = "tcp 192.168.1.1:80 -> 10.1.1.2:80 Masq 0"
    other = "tcp 192.168.1.1:80 -> 10.1.1.3:80 Masq 1"

    written = home.folder / "ldirectord.cf"
    written.write_text(LDIRECTORD)
    its = await lab.start(DIRECTOR, ["ldirectord", "-d", str(written), "start"])
    made = await lab.until_table(lambda table: {up, other} <= set(table), timeout=30)
    await its.signal(signal.SIGKILL)
    converted = told(LDIRECTORD, Format.LDIRECTORD, home.state)
    home.write(converted)
    planned = await lab.run(DIRECTOR, home.command("director", "plan"))
    assert (planned.status, planned.stdout) == (0, ""), planned

    watch = await home.start(converted)
    assert await lab.table() == made
    await lab.until_table(lambda table: up in table and other in table, timeout=20)
    await lab.stop_service("rs1", "httpd")
    await lab.until_table(lambda table: down in table and other in table, timeout=20)
    await lab.start_service("rs1", "httpd")
    await lab.until_table(lambda table: up in table and other in table, timeout=20)
    await watch.stop()
