"""The monitors of mail, news and FTP servers against real servers with a script."""

import socket

import pytest

from monlvs.model.result import Reason, Verdict
from monlvs.monitors.ftp import Ftp
from monlvs.monitors.imap import Imap
from monlvs.monitors.nntp import Nntp
from monlvs.monitors.pop3 import Pop3
from monlvs.monitors.smtp import Smtp
from monlvs.wire.monitor import Exchanger
from tests.monitors.loopback import check, closed_port, serving, silence
from tests.monitors.scripted import script

HELO = f"HELO {socket.gethostname()}"
MONITORS = (Smtp, Pop3, Imap, Nntp, Ftp)

UP = {
    "smtp": (
        Smtp(),
        script(
            ("220-mx.example.org\r\n220 ESMTP\r\n", HELO),
            ("250-mx\r\n250 ok\r\n", "QUIT"),
            ("221 bye\r\n", ""),
        ),
    ),
    "smtp with a bare code": (
        Smtp(helo="me"),
        script(("220\r\n", "HELO me"), ("250\r\n", "QUIT"), ("221\r\n", "")),
    ),
    "pop3": (Pop3(), script(("+OK ready\r\n", "QUIT"), ("+OK bye\r\n", ""))),
    "imap": (
        Imap(),
        script(
            ("* OK IMAP4rev1\r\n", "a1 LOGOUT"),
            ("* BYE logging out\r\na1 OK done\r\n", ""),
        ),
    ),
    "imap that needs no login": (
        Imap(),
        script(("* PREAUTH hello\r\n", "a1 LOGOUT"), ("a1 OK done\r\n", "")),
    ),
    "nntp": (
        Nntp(group="misc.test"),
        script(
            ("201 no posting\r\n", "MODE READER"),
            ("200 go on\r\n", "GROUP misc.test"),
            ("211 3 1 3 misc.test\r\n", "QUIT"),
            ("205 bye\r\n", ""),
        ),
    ),
    "nntp with a login": (
        Nntp(username="joe", password="secret"),
        script(
            ("200 welcome\r\n", "AUTHINFO USER joe"),
            ("381 more\r\n", "AUTHINFO PASS secret"),
            ("281 fine\r\n", "MODE READER"),
            ("200 go on\r\n", "GROUP control"),
            ("211 0 0 0 control\r\n", "QUIT"),
            ("205 bye\r\n", ""),
        ),
    ),
    "nntp that feeds": (
        Nntp(feeder=True),
        script(("200 welcome\r\n", "QUIT"), ("205 bye\r\n", "")),
    ),
    "ftp": (
        Ftp(),
        script(("220-hello\r\n220-again\r\n220 go\r\n", "QUIT"), ("221 bye\r\n", "")),
    ),
}

DOWN = {
    "smtp": (Smtp(), script(("554 go away\r\n", "QUIT"))),
    "smtp that takes no HELO": (
        Smtp(),
        script(("220 mx\r\n", HELO), ("421 too busy\r\n", "QUIT")),
    ),
    "pop3": (Pop3(), script(("-ERR down for repairs\r\n", "QUIT"))),
    "imap": (Imap(), script(("* BYE overloaded\r\n", "a1 LOGOUT"))),
    "nntp": (Nntp(), script(("400 not now\r\n", "QUIT"))),
    "nntp without the group": (
        Nntp(group="no.such"),
        script(
            ("200 hi\r\n", "MODE READER"),
            ("200 ok\r\n", "GROUP no.such"),
            ("411 no such group\r\n", "QUIT"),
        ),
    ),
    "nntp with a wrong password": (
        Nntp(username="joe", password="wrong"),
        script(
            ("200 welcome\r\n", "AUTHINFO USER joe"),
            ("381 more\r\n", "AUTHINFO PASS wrong"),
            ("481 no\r\n", "QUIT"),
        ),
    ),
    "ftp": (Ftp(), script(("421 too many users\r\n", "QUIT"))),
}


def at(monitor: object, port: int) -> Exchanger:
    """Return the monitor with another port."""
    import dataclasses

    moved = dataclasses.replace(monitor, port=port)  # type: ignore[type-var]
    assert isinstance(moved, Exchanger)
    return moved


@pytest.mark.parametrize("name", UP)
async def test_a_server_that_says_what_it_should_is_up(name: str) -> None:
    monitor, talk = UP[name]
    async with serving(talk) as served:
        outcome = await check(at(monitor, served.port), served.target)

    assert (outcome.verdict, outcome.reason) == (Verdict.UP, Reason.OK)


@pytest.mark.parametrize("name", DOWN)
async def test_a_server_that_refuses_is_down_at_once_and_quoted(name: str) -> None:
    monitor, talk = DOWN[name]
    async with serving(talk) as served:
        outcome = await check(at(monitor, served.port), served.target)

    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.UNEXPECTED)
    assert outcome.detail


@pytest.mark.parametrize("kind", MONITORS)
async def test_a_server_that_says_nothing_is_down(kind: type) -> None:
    async with serving(silence) as served:
        outcome = await check(kind(port=served.port), served.target, timeout=0.3)

    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.TIMED_OUT)


@pytest.mark.parametrize("kind", MONITORS)
async def test_a_server_that_is_not_there_is_down(kind: type) -> None:
    served = await closed_port()
    outcome = await check(kind(port=served.port), served.target)

    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.REFUSED)


@pytest.mark.parametrize("kind", MONITORS)
async def test_another_address_can_be_asked(kind: type) -> None:
    there = await closed_port("127.0.0.3")
    monitor = kind(port=there.port, address="127.0.0.3")

    assert str(monitor.exchange(there.target, timeout=1).address) == "127.0.0.3"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Smtp(port=0), "port: expected a port"),
        (lambda: Smtp(helo="a\r\nQUIT"), "helo: expected text"),
        (lambda: Nntp(group=""), "group: expected text"),
        (lambda: Nntp(username="joe"), "username, password: expected both"),
        (lambda: Imap(address="here"), "address: expected an IPv4"),
    ],
)
def test_what_cannot_be_said_is_refused(make: object, words: str) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=words):
        make()
