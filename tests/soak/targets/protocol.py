"""What clients say on TCP 2583."""

import re
from pathlib import Path

from monlvs.core.snapshot import dump
from monlvs.mon.authcf import FREE, Authority, parse_authcf
from monlvs.mon.command import COMMANDS, parse_command
from monlvs.mon.escape import to_text
from monlvs.mon.opstatus import opstatus_fields
from monlvs.server.clients import LINE_LIMIT
from monlvs.server.session import Session
from tests.soak.house import House
from tests.soak.target import Target

_ALL, _ = parse_authcf("".join(f"{name}: all\n" for name in COMMANDS))
_LISTS, _ = parse_authcf("list: all\nget: all\nservertime: all\n")
_END = re.compile(rb"[25][0-9][0-9] ")
_LINES = 16


def examine(data: bytes) -> None:
    """Each line gets one reply; who may only look changes nothing."""
    lines = [to_text(line) for line in data.split(b"\n")[:_LINES]]
    _converse(House(_ALL), lines)
    for authority in (_LISTS, Authority()):
        watched = House(authority)
        before = dump(watched.engine)
        _converse(watched, lines)
        assert not watched.acts, watched.acts
        assert dump(watched.engine) == before


def _converse(house: House, lines: list[str]) -> None:
    session = Session(address="192.0.2.7", name="192.0.2.7:1")
    for line in lines:
        command = parse_command(line)
        told = house.ask(session, line)
        if told is None:
            assert command is not None
            assert command.name == "login"
            continue
        _assert_one_reply(told, line)
        known = command is not None and command.known
        assert known or told == [b"520 invalid command\n"]
        if command is not None and not house.desk._guard.may(None, command.name):
            assert command.name not in FREE
            assert len(told) == 1
        _assert_listed(told, line)
    assert len(house.engine.watched) == 3
    assert house.histories.length <= 1_000_000


def _assert_one_reply(told: list[bytes], line: str) -> None:
    """The last line alone has a code, and none is much longer than what was said."""
    for each in told:
        assert each.endswith(b"\n")
        assert each.count(b"\n") == 1
        assert b"\r" not in each
        assert len(each) <= 9 * len(line.encode("utf-8", "replace")) + 9 * LINE_LIMIT
    assert _END.match(told[-1]), told[-1]
    assert not any(_END.match(each) for each in told[:-1]), told


def _assert_listed(told: list[bytes], line: str) -> None:
    """Lists hold words of visible ASCII that tell of services that are there."""
    if not line.startswith("list opstatus") or len(told) < 2:
        return
    for each in told[:-1]:
        assert each.isascii()
        fields = opstatus_fields(each.decode().rstrip("\n"))
        assert (fields["group"], fields["service"]) in (
            ("web", "http"),
            ("web", "ftp"),
            ("db", "sql"),
        )
        assert all("=" in word for word in each.decode().split())


def _said(text: str) -> bytes:
    """Return what clients say in a transcript."""
    lines = text.splitlines()
    return "\n".join(line[3:] for line in lines if line.startswith("C:")).encode()


_TRANSCRIPTS = Path(__file__).parents[2] / "server" / "transcripts"

TARGET = Target(
    examine=examine,
    files=(
        "monlvs/server/acts.py",
        "monlvs/server/desk.py",
        "monlvs/server/listings.py",
        "monlvs/server/reply.py",
        "monlvs/server/request.py",
        "monlvs/server/trials.py",
        "monlvs/server/variables.py",
        "monlvs/mon/command.py",
        "monlvs/mon/listings.py",
        "monlvs/mon/opstatus.py",
        "monlvs/mon/replies.py",
        "monlvs/mon/words.py",
    ),
    seeds=(
        *(_said(path.read_text()) for path in sorted(_TRANSCRIPTS.glob("*.txt"))),
        b'ack web http "it\'s \\"known\\""\nlist opstatus web,http db\nlist disabled',
        b"set web http interval 5m\nget web http interval\nset web ftp x y\nlist pids",
        b"disable host h1 h2\ndisable watch db\ndisable service web ftp\nlist disabled\n"
        b"enable host h1\nenable watch db\nenable service web ftp\nlist group web",
        b"login joe x y\nLIST watch\n quit\nlist\r\nstop\nlist state\nstart\nreset",
        b"set maxkeep 7\nget maxkeep\nset maxkeep -1\nclear timers web http\n"
        b"test monitor web http\ntest alert web http 1 LBL\ntest config\nterm\nquit",
        b"setview front\nlist watch\nsetview x\ngetview\nset web http _ack 1\n\xff\x00",
        b"checkauth list\nprotid 9745\nprotid x\nversion\nservertime\nreload auth\ndump",
    ),
    words=(
        *(f"{name} ".encode() for name in sorted(COMMANDS)),
        *(b"web http ", b"web ftp ", b"db sql ", b"web", b"h1 ", b"service ", b"host "),
        *(b"watch ", b"group ", b"opstatus ", b"failures", b"alerthist", b"dtlog"),
        *(b"deps", b"aliases", b"views", b"disabled", b"pids", b"state", b"monitor "),
        *(b"interval ", b"maxkeep ", b"timers ", b"keepstate", b"_ack ", b"LBL"),
        *(b'"', b"'", b"\\0a", b"\\", b"\r\n", b"\n", b"=", b",", b"1h", b"-1"),
    ),
    slope=500e-6,
)
