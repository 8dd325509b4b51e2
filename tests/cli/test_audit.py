"""`monlvs director audit` where there is no IPVS, or no privilege: told, with a status."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.commandline import monlvs, run, without_privileges
from tests.daemons import configuration
from tests.director.remote.sshd import sshd


def test_what_is_found_is_told_with_the_cure_and_exits_with_2(tmp_path: Path) -> None:
    path = str(configuration(tmp_path, 80))

    ended = monlvs("director", "audit", "-c", path)
    plain = monlvs("director", "audit", "-c", path, "--json")

    assert ended.status == plain.status == 2
    assert "LOST director: this kernel has no IPVS  [ipvs-missing]" in ended.out
    assert "     # modprobe ip_vs\n" in ended.out
    assert ended.out.splitlines()[-1].endswith("found; looked at: director")
    told = json.loads(plain.out)
    assert told["looked_at"] == ["director"]
    first = told["findings"][0]
    assert (first["name"], first["machine"]) == ("ipvs-missing", "director")
    assert (first["severity"], first["fix"]) == ("lost", ["modprobe ip_vs"])


def test_what_needs_privileges_is_said_not_to_have_been_looked_at(
    tmp_path: Path,
) -> None:
    path = str(configuration(tmp_path, 80))

    ended = run(without_privileges("director", "audit", "-c", path, "--json"))

    left_out = json.loads(ended.out)["not_looked_at"]
    assert len(left_out) == 2
    for words in left_out:
        assert words.endswith("(as root?)")
        assert f"monlvs: warning: {words}\n" in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ("--nope",),
        ("-c", "/no/such"),
        ("-c", "/"),
        ("--client", "nobody"),
        ("--client", "10.0.0.0/8"),
    ],
)
def test_an_audit_that_cannot_be_made_is_not_taken_for_one(
    words: tuple[str, ...],
) -> None:
    ended = monlvs("director", "audit", *words)

    assert ended.status == 1
    assert ended.out == ""
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "expected either hosts or --all"),
        (("--all", "127.0.0.1"), "expected either hosts or --all"),
        (("root@",), "expected [USER@]HOST[:PORT]"),
        (("127.0.0.1:1",), "127.0.0.1:1: not reached"),
    ],
)
def test_real_servers_that_are_not_looked_at_are_told_with_a_status(
    words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    path = str(configuration(tmp_path, 80))

    ended = monlvs("director", "realserver", "audit", "-c", path, *words)

    assert ended.status == 1
    assert said in ended.err
    assert "Traceback" not in ended.err


async def test_a_machine_of_no_real_server_is_told(tmp_path: Path) -> None:
    """A real SSH server on loopback, and a configuration of others' addresses."""
    path = str(configuration(tmp_path, 80))
    async with sshd(tmp_path) as server:
        where = f"monlvs@127.0.0.1:{server.port}"
        login = ("-i", tmp_path / "key", "--known-hosts", tmp_path / "known_hosts")
        words = ("director", "realserver", "audit", "-c", path, where, *map(str, login))
        ended = await asyncio.to_thread(monlvs, *words)

    assert ended.status == 1
    assert "it has the address of no real server" in ended.err
    assert ended.out == "nothing found; looked at: nobody\n"
