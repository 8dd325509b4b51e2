"""Arguments of mon's own programs, to monitors and alerts of monlvs.

Every reader takes the words of a line and the settings, and raises NotUnderstoodError
for an argument that means something monlvs does not do: then the program itself runs.
A plugin is imported where a line needs it, so that a daemon starts soon.
"""

import re
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from getopt import GetoptError, getopt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monlvs.config import dnsarguments, lvsarguments
from monlvs.config.native import NativeAlert, NativeMonitor, NotUnderstoodError
from monlvs.model.mon import MonSettings
from monlvs.model.plugin import Monitor

if TYPE_CHECKING:
    from monlvs.alerts.file import File
    from monlvs.alerts.mail import Mail
    from monlvs.alerts.trap import Trap

TEST_LOG = "/var/log/mon/test.alert.log"
_NUMBER = re.compile(r"[0-9]{1,9}")
_REGEX = re.compile(r"/(.*)/([i]?)", re.DOTALL)

_Given = dict[str, str]


def monitor(name: str, arguments: Sequence[str]) -> NativeMonitor | None:
    """Return what stands for the monitor program `name`; None: nothing does.

    Raises NotUnderstoodError.
    """
    if name == "dns.monitor":
        native: NativeMonitor = _made(lambda: dnsarguments.read(arguments))
        return native
    known = _MONITORS.get(name)
    if known is None:
        return None
    letters, patience, make = known
    given, rest = _parted(arguments, letters)
    if rest:
        raise NotUnderstoodError(f"expected options, not {rest[0]!r}")
    seconds = _number("t", given.pop("t")) if patience and "t" in given else patience
    made = _made(lambda: make(given))
    return NativeMonitor(made, timedelta(seconds=seconds) if seconds else None)


def alert(
    name: str, arguments: Sequence[str], settings: MonSettings, *, recovers: bool
) -> NativeAlert | None:
    """Return what stands for the alert program `name`; None: nothing does.

    `recovers` tells that it is an `upalert` line. Raises NotUnderstoodError.
    """
    if name in ("virtualserver.alert", "lvs.alert", "ipvs.alert"):
        declared = lvsarguments.read(arguments, recovers=recovers)
        return NativeAlert(declared.alert, declared.notices)
    if name == "test.alert":
        from monlvs.alerts.log import Log

        return NativeAlert(Log(file=TEST_LOG, args=tuple(arguments)))
    known = _ALERTS.get(name)
    if known is None:
        return None
    letters, make = known
    given, rest = _parted(arguments, letters)
    return NativeAlert(_made(lambda: make(given, rest, settings)))


def _parted(arguments: Sequence[str], letters: str) -> tuple[_Given, list[str]]:
    try:
        options, rest = getopt(list(arguments), letters)
    except GetoptError as error:
        raise NotUnderstoodError(str(error)) from None
    return {option[1:]: value for option, value in options}, rest


def _made(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except ValueError as error:
        raise NotUnderstoodError(str(error)) from None


def _number(letter: str, text: str) -> int:
    if _NUMBER.fullmatch(text) is None or int(text) < 1:
        raise NotUnderstoodError(
            f"-{letter}: expected a number from 1 on, not {text!r}"
        )
    return int(text)


def _port(given: Mapping[str, str], usual: int) -> int:
    text = given.get("p")
    if text is None:
        return usual
    if text.isdecimal():
        return _number("p", text)
    try:
        return socket.getservbyname(text, "tcp")
    except (OSError, ValueError):  # a name with a NUL in it
        raise NotUnderstoodError(f"-p: expected a port, not {text!r}") from None


def _fping(given: _Given) -> Monitor:
    from monlvs.monitors.fping import Fping

    return Fping(
        retries=_number("r", given.get("r", "3")),
        # fping(8) waits longer from request to request; ours are evenly apart.
        interval=timedelta(milliseconds=_number("t", given.get("t", "2000"))),
    )


def _ping(given: _Given) -> Monitor:
    from monlvs.monitors.fping import Fping

    return Fping(retries=_number("c", given.get("c", "1")) - 1)


def _tcp(given: _Given) -> Monitor:
    from monlvs.monitors.tcp import Tcp

    return Tcp(port=_port(given, 23))


def _smtp(given: _Given) -> Monitor:
    from monlvs.monitors.smtp import Smtp

    return Smtp(port=_port(given, 25))


def _pop3(given: _Given) -> Monitor:
    from monlvs.monitors.pop3 import Pop3

    return Pop3(port=_port(given, 110))


def _imap(given: _Given) -> Monitor:
    from monlvs.monitors.imap import Imap

    return Imap(port=_port(given, 143))


def _ftp(given: _Given) -> Monitor:
    from monlvs.monitors.ftp import Ftp

    return Ftp(port=_port(given, 21))


def _telnet(given: _Given) -> Monitor:
    from monlvs.monitors.telnet import Telnet

    if "l" not in given:
        return Telnet(port=_port(given, 23), prompt="(?i)ogin:")
    found = _REGEX.fullmatch(given["l"])
    if found is None:
        raise NotUnderstoodError(f"-l: expected /…/ or /…/i, not {given['l']!r}")
    prompt = f"(?i){found[1]}" if found[2] and found[1] else found[1]
    return Telnet(port=_port(given, 23), prompt=prompt)


def _http(given: _Given) -> Monitor:
    from monlvs.monitors.http import Http

    # -o leaves healthy hosts out of the detail, and ours never has any.
    return Http(
        port=_port(given, 80),
        path=given.get("u", "/"),
        user_agent=given.get("a", "mon.d/http.monitor"),
        body=given.get("m"),
        whole_reply="m" in given,
    )


def _nntp(given: _Given) -> Monitor:
    from monlvs.monitors.nntp import Nntp

    return Nntp(
        port=_port(given, 119),
        group=given.get("g", "control"),
        feeder="f" in given,
        username=given.get("u"),
        password=given.get("a"),
    )


_MONITORS: dict[str, tuple[str, int, Callable[[_Given], Monitor]]] = {
    "fping.monitor": ("r:t:", 0, _fping),
    "ping.monitor": ("c:", 0, _ping),
    "tcp.monitor": ("p:t:", 10, _tcp),
    "telnet.monitor": ("l:p:t:", 10, _telnet),
    "http.monitor": ("p:t:u:a:m:o", 30, _http),
    "smtp.monitor": ("p:t:", 30, _smtp),
    "pop3.monitor": ("p:t:", 30, _pop3),
    "imap.monitor": ("p:t:", 30, _imap),
    "nntp.monitor": ("fg:p:t:u:a:", 30, _nntp),
    "ftp.monitor": ("p:t:", 30, _ftp),
}
"""Letters (a colon: a value follows), seconds that a host has, and what is made."""


def _mail(given: _Given, rest: list[str], _: MonSettings) -> "Mail":
    from monlvs.alerts.mail import Mail

    to = [address for word in rest for address in word.split(",") if address]
    return Mail(to=tuple(to), subject=given.get("S"), sender=given.get("f"))


def _file(given: _Given, rest: list[str], settings: MonSettings) -> "File":
    from monlvs.alerts.file import File

    if len(rest) != 1:
        raise NotUnderstoodError("expected one file")
    directory = given.get("d", settings.logdir)
    return File(file=str(Path(directory) / rest[0]))


def _trap(given: _Given, rest: list[str], _: MonSettings) -> "Trap":
    from monlvs.alerts.trap import Trap

    status = given.get("o")
    return Trap(
        to=tuple(rest),
        username=given.get("U"),
        password=given.get("P"),
        opstatus=None if status is None else _number("o", status),
    )


_ALERTS: dict[str, tuple[str, Callable[[_Given, list[str], MonSettings], Any]]] = {
    "mail.alert": ("S:f:", _mail),
    "file.alert": ("d:", _file),
    "trap.alert": ("U:P:o:", _trap),
}
