"""What `contrib/` holds works with the command as it is."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from monlvs.cli.daemon import command
from tests.commandline import ROOT, Finished, run
from tests.server.mondaemon import furnish
from tests.wire.test_process import is_alive

CONTRIB = ROOT / "contrib"


@pytest.mark.parametrize("name", ["monlvs.service", "mon.service.d-monlvs.conf"])
def test_a_unit_starts_the_daemon_with_options_that_it_has(name: str) -> None:
    lines = (CONTRIB / name).read_text().splitlines()
    (start,) = (line for line in lines if re.match("ExecStart=.", line))
    program, verb, *words = shlex.split(start.removeprefix("ExecStart="))

    assert (Path(program).name, verb) == ("monlvs", "daemon")
    assert command.make_context(verb, words).params["journal"]


def rc_mon(folder: Path, verb: str) -> Finished:
    """Run `rc.mon VERB` for the mon.cf in a folder."""
    monlvs = folder / "monlvs"
    monlvs.write_text(f'#!/bin/sh\nexec {sys.executable} -m monlvs "$@"\n')
    monlvs.chmod(0o755)
    settings = {
        "MONLVS": str(monlvs),
        "MON_CF": str(folder / "mon.cf"),
        "PIDFILE": str(folder / "mon.pid"),
    }
    return run(["sh", str(CONTRIB / "rc.mon"), verb], env=settings)


def test_rc_mon_starts_reloads_and_stops_the_daemon(tmp_path: Path) -> None:
    furnish(tmp_path)
    pid_file = tmp_path / "mon.pid"
    assert rc_mon(tmp_path, "status").status == 3
    assert rc_mon(tmp_path, "start").status == 0
    try:
        first = int(pid_file.read_text())
        assert rc_mon(tmp_path, "status").out == f"monlvs runs: {first}\n"
        assert "runs already" in rc_mon(tmp_path, "start").out
        assert rc_mon(tmp_path, "reload").status == 0
        assert rc_mon(tmp_path, "restart").status == 0
        assert int(pid_file.read_text()) != first
        assert not is_alive(first)
    finally:
        stopped = rc_mon(tmp_path, "stop")
    assert (stopped.status, pid_file.exists()) == (0, False)
    assert rc_mon(tmp_path, "status").status == 3
    assert rc_mon(tmp_path, "dance").status == 2


def test_rc_mon_starts_no_daemon_by_a_broken_file(tmp_path: Path) -> None:
    (tmp_path / "mon.cf").write_text("bogus = 1\n")
    refused = rc_mon(tmp_path, "start")

    assert refused.status == 2
    assert "mon.cf:1: unknown variable 'bogus'" in refused.out
    assert not (tmp_path / "mon.pid").exists()


WIRED = """
for device in eth0 eth1; do
    ip link add $device type veth peer name far-$device
    ip link set $device up; ip link set far-$device up
done
keepalived -t -f "$1"
"""


@pytest.mark.parametrize("name", ["dirA", "dirB"])
def test_the_gateway_of_vs_nat_goes_along_with_the_vip(name: str) -> None:
    """keepalived takes the file, which differs from the plain one in that alone."""
    plain = (CONTRIB / "keepalived" / f"{name}.conf").read_text().splitlines()
    path = CONTRIB / "keepalived" / f"nat-{name}.conf"
    lines = path.read_text().splitlines()
    more = [(a, b) for a, b in zip(plain, lines, strict=True) if a != b]
    took = run(
        ["unshare", "--map-root-user", "--net", "sh", "-c", WIRED, "-", str(path)]
    )

    assert all(a.replace("#", "").split() == b.split() for a, b in more)
    assert [b.strip() for _, b in more] == [
        *("10.1.1.254/24 dev eth1", "track_interface {", "eth1", "}"),
    ]
    assert (took.status, took.out) == (0, ""), took.err
