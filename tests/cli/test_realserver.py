"""`monlvs director realserver` as people call it, where no kernel is needed.

Rule: the host is this machine, so nothing here goes beyond --dry-run; the lab does.
"""

import asyncio
import io
import json

import pytest

from monlvs.cli import realserver
from tests.commandline import monlvs
from tests.director.remote.sshd import sshd

CONFIG = """
[[virtual_service]]
address = "203.0.113.250"
port = 80
servers = [{ address = "203.0.113.251", forwarding = "dr" }]
"""


@pytest.fixture
def site(tmp_path):
    path = tmp_path / "site.toml"
    path.write_text(CONFIG)
    return str(path)


def ways(server):
    folder = server.folder
    return ["-i", str(folder / "key"), "--known-hosts", str(folder / "known_hosts")]


async def test_a_host_that_is_no_real_server_is_told_and_left_alone(tmp_path, site):
    async with sshd(tmp_path) as server:
        host = f"monlvs@127.0.0.1:{server.port}"
        words = ["director", "realserver", "prepare", host, "-c", site, "--dry-run"]
        done = await asyncio.to_thread(monlvs, *words, *ways(server))
        told = await asyncio.to_thread(monlvs, *words, *ways(server), "--json")

    reason = "it has no address of the configuration's real servers (203.0.113.251)"
    assert (done.status, told.status) == (1, 1)
    assert f"cannot be prepared: {reason}" in done.out
    assert done.err.splitlines()[0] == f"looking: {host}"
    (plain,) = json.loads(told.out)
    assert (plain["host"], plain["obstacles"]) == (host, [reason])
    assert plain["changes"] == []
    # Nothing but looking.
    assert not [line for line in server.asked if "sudo" in line or "mkdir" in line]


async def test_undo_has_nothing_to_do_where_nothing_was_done(tmp_path):
    async with sshd(tmp_path) as server:
        host = f"monlvs@127.0.0.1:{server.port}"
        words = ["director", "realserver", "undo", host, "--dry-run", *ways(server)]
        done = await asyncio.to_thread(monlvs, *words)

    assert (done.status, done.out) == (0, "")
    assert "nothing to do" in done.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "expected either hosts or --all"),
        (["rs1", "--all"], "expected either hosts or --all"),
        (["rs1:ssh"], "expected a port of 1 to 65535"),
        (["--", "-oProxyCommand=id"], "expected [USER@]HOST[:PORT]"),
        (["rs1", "--json"], "expected --dry-run with --json"),
        (["rs1", "-i", "/nowhere"], "/nowhere"),
    ],
)
def test_a_wrong_command_line_is_told(site, words, told):
    done = monlvs("director", "realserver", "prepare", "-c", site, *words)

    assert done.status == 2
    assert told in done.err


def test_a_slip_is_answered_with_what_was_meant():
    done = monlvs("director", "realserver", "prepair")

    assert "Did you mean 'prepare'?" in done.err


def test_a_host_that_is_not_reached_is_told_with_status_1(site):
    done = monlvs("director", "realserver", "prepare", "127.0.0.1:1", "-c", site)

    assert done.status == 1
    assert "127.0.0.1:1: not reached: Connection refused" in done.err


def test_without_a_terminal_nobody_agrees_to_anything(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))

    with pytest.raises(SystemExit) as ended:
        realserver._agree(2, yes=False)

    assert ended.value.code == 1
    assert "expected --yes, or --dry-run" in capsys.readouterr().err
    realserver._agree(2, yes=True)
