"""What keepalived and ldirectord were told, told to monlvs: the same servers are in."""

import signal
from pathlib import Path

import pytest

from monlvs.config.importers.blueprint import Site
from monlvs.config.importers.conversion import import_text
from monlvs.config.importers.formats import Format
from monlvs.config.reading import parse
from monlvs.director import rules
from monlvs.director.declared import declared_table
from monlvs.director.plan import plan
from monlvs.lab import DIRECTOR, Lab, Process
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


async def keepalived(lab: Lab, text: str) -> Process:
    """Start keepalived's checkers on a text."""
    written = lab.folder / "keepalived.conf"
    written.write_text(text)
    words = ["keepalived", "-C", "-n", "-l", "-f", str(written)]
    words += ["-p", str(lab.folder / "k.pid"), "-c", str(lab.folder / "checkers.pid")]
    return await lab.start(DIRECTOR, words)


ODD = """\
virtual_server 10.9.0.1 5060 {
    protocol UDP
    lvs_sched sh
    sh-port
    sh-fallback
    ops
    lvs_method DR
    real_server 10.9.1.2 5060 {
        weight 0
    }
}
virtual_server 10.9.0.2 80 {
    protocol TCP
    lvs_sched mh
    mh-port
    persistence_timeout
    persistence_granularity 255.255.255.0
    lvs_method TUN
    real_server 10.9.1.2 80 {
        lvs_method TUN type gre csum
    }
    real_server 10.9.1.3 80 {
        lvs_method TUN type gue port 6080 remcsum
    }
    real_server 10.9.1.4 81 {
        lvs_method NAT
        weight 70
    }
}
virtual_server fd09::1 80 {
    protocol TCP
    persistence_timeout 30
    persistence_granularity 64
    real_server fd09::2 8080 {
    }
}
virtual_server fwmark 9 {
    lvs_method DR
    real_server fd09::2 {
    }
}
virtual_server 10.9.0.3 53 {
    real_server 10.9.1.2 53 {
    }
}
virtual_server 10.9.0.4 {
    protocol SCTP
    persistence_timeout 9
    real_server 10.9.1.2 {
    }
}
"""
SAMPLES = Path("/usr/share/doc/keepalived/samples")


async def test_each_of_keepalived_s_samples_makes_the_table_that_keepalived_makes(
    nat_lab: Lab,
) -> None:
    lab = nat_lab
    texts = {
        path.name: path.read_text() for path in sorted(SAMPLES.glob("keepalived.*"))
    }
    # Without its alpha mode, in which the table is empty until a check succeeds.
    texts = {name: text.replace("\n  alpha\n", "\n") for name, text in texts.items()}
    compared = 0
    for name, text in {"odd": ODD, **texts}.items():
        if "\nvirtual_server" not in f"\n{text}":
            continue
        given = import_text(text, name, Format.KEEPALIVED, Site())
        config, _ = parse(given.text or "", name)
        assert config is not None, given.problems
        wanted, refused = await declared_table(config)
        assert refused == ()

        await lab.run(DIRECTOR, "ipvsadm -C", check=True)
        its = await keepalived(lab, text)
        lines = sum(1 + len(pool.entries) for pool in wanted.values())
        await lab.until_table(lambda table, n=lines: len(table) >= n, timeout=20)
        await its.signal(signal.SIGKILL)
        saved = await lab.run(DIRECTOR, "ipvsadm -Sn", check=True)
        made = rules.read(saved.stdout, name).table
        assert [change.as_ipvsadm() for change in plan(made, wanted)] == [], name
        assert [change.as_ipvsadm() for change in plan(wanted, made)] == [], name
        compared += 1
    assert compared >= 16


async def test_keepalived_is_relieved_without_a_change_and_dead_servers_come_and_go(
    nat_lab: Lab,
) -> None:
    lab = nat_lab
    home = await Home.make(lab)
    one = "tcp 192.168.1.1:80 -> 10.1.1.2:80 Masq 2"
    other = "tcp 192.168.1.1:80 -> 10.1.1.3:80 Masq 1"
    sorry = "tcp 192.168.1.1:80 -> 10.1.1.4:80 Masq 1"

    its = await keepalived(lab, KEEPALIVED)
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
