"""checktype and service of an ldirectord.cf to the checks of a real server."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_address
from typing import Any, Final

from monlvs import plugins
from monlvs.config.importers.blueprint import PlannedCheck, Site, Timing
from monlvs.config.importers.fitting import complaint
from monlvs.config.importers.ldirectord.programs import PROGRAMS
from monlvs.config.importers.ldirectord.servers import Real
from monlvs.config.importers.ldirectord.values import Combined
from monlvs.config.importers.ldirectord.web import through_proxy, web
from monlvs.config.importers.ldirectord.words import Words
from monlvs.config.importers.slugs import slug
from monlvs.config.tomltext import duration
from monlvs.model.lvs import Fwmark, Listener, Protocol

_TLS: Final = {"tls": True, "verify": False}
"""ldirectord looks at no certificate."""
_GREETINGS: Final = {
    "imap": "imap",
    "imaps": "imap",
    "nntp": "nntp",
    "pop": "pop3",
    "pops": "pop3",
    "smtp": "smtp",
    "submission": "smtp",
}
"""Services that a monitor of monlvs's greets as ldirectord does."""


@dataclass(frozen=True, slots=True)
class Case:
    """One real server of one virtual service."""

    words: Words
    real: Real
    site: Site

    @property
    def port(self) -> int | None:
        """Where to check."""
        return self.words.check_port(self.real.port)

    def check(
        self, monitor: str, options: Mapping[str, Any], limit: timedelta, name: str = ""
    ) -> PlannedCheck:
        """Plan a check at the port of the real server."""
        own = self.words.port if isinstance(self.words.key, Listener) else 0
        return PlannedCheck(
            service=name or monitor,
            monitor=monitor,
            options=options,
            port=None if self.port == (self.real.port or own) else self.port,
            timing=Timing(
                interval=self.words.interval, timeout=limit, fall=self.words.fall
            ),
        )


def checks(words: Words, real: Real, site: Site) -> tuple[PlannedCheck, ...]:
    """Return what is checked on a real server; nothing: it counts as well always."""
    case = Case(words, real, site)
    if case.port is None and words.checktype not in ("on", "off", "ping"):
        _portless(case)
        return ()
    match words.checktype:
        case "on" | "off":
            return ()
        case "connect":
            return (_connect(case),)
        case "ping":
            return (_ping(case),)
        case "external" | "external-perl":
            return (_external(case),)
        case Combined(connects=connects):
            return _combined(case, connects)
        case _:
            return _negotiate(case)


def _portless(case: Case) -> None:
    words = case.words
    if words.service != "none":
        words.notes.error(
            words.spot,
            f"no port to check: expected one with `real`, or checkport, for service = "
            f"{words.service}",
        )


def _connect(case: Case) -> PlannedCheck:
    if case.words.protocol is Protocol.UDP:
        return _ping(case)
    return case.check("tcp", {}, case.words.checktimeout)


def _ping(case: Case) -> PlannedCheck:
    """Ping checkcount times, each with the whole time limit."""
    words = case.words
    count, limit = int(words.get("checkcount", 1)), words.checktimeout
    options: dict[str, Any] = {"retries": count - 1, "interval": duration(limit)}
    made = case.check("fping", options, count * limit)
    return replace(made, port=None)


def _external(case: Case) -> PlannedCheck:
    words, real = case.words, case.real
    key = words.key
    named = str(key.mark) if isinstance(key, Fwmark) else _bracketed(str(key.address))
    if words.checktype == "external-perl":
        words.notes.changed(
            words.where("checktype"),
            "external-perl runs as a program of its own: checkcommand has to be "
            "executable and to begin with #!/usr/bin/perl",
        )
    command = str(words.get("checkcommand", "/bin/true"))
    arguments = [named, str(words.port), _bracketed(str(real.address)), str(real.port)]
    options = {"command": command, "args": arguments, "hosts": False}
    name = command.rpartition("/")[2]
    made = case.check("external", options, words.checktimeout)
    return replace(made, service=slug(name) or "external", port=None)


def _combined(case: Case, connects: int) -> tuple[PlannedCheck, ...]:
    """Connect at every interval, and negotiate after so many connections."""
    found = _negotiate(case)
    if not connects or not found:
        return found
    slow = tuple(
        replace(
            check,
            timing=replace(
                check.timing, interval=(connects + 1) * check.timing.interval
            ),
        )
        for check in found
        if check.monitor != "tcp" or check.options
    )
    return (replace(_connect(case), service="connect"), *slow)


def _negotiate(case: Case) -> tuple[PlannedCheck, ...]:
    words = case.words
    service = words.service
    if service == "none":
        return ()
    limit = words.negotiatetimeout
    if service in ("http", "https"):
        return (web(case.words, case.real, case.check),)
    if service == "http_proxy":
        return (through_proxy(case.words, case.real, case.check),)
    if service in _GREETINGS:
        return (_greeting(case, limit),)
    made = _OTHERS.get(service, _program)(case)
    return (made,)


def _greeting(case: Case, limit: timedelta) -> PlannedCheck:
    words = case.words
    monitor = _GREETINGS[words.service]
    if words.get("login"):
        words.notes.lost(
            words.where("login"),
            f"the login: {monitor} waits for the greeting and takes leave; a program "
            "that logs in can be checked with as `external`",
        )
    options = {"feeder": True} if monitor == "nntp" else {}
    if words.service in ("imaps", "pops"):
        options = _TLS
    return case.check(monitor, options, limit, words.service)


def _ftp(case: Case) -> PlannedCheck:
    words = case.words
    words.notes.lost(
        words.where("service"),
        "logging in and fetching `request`: ftp waits for the greeting and takes leave",
    )
    return case.check("ftp", {}, words.negotiatetimeout)


def _simple(case: Case) -> PlannedCheck:
    words, real = case.words, case.real
    request = words.get("request", "") if real.request is None else real.request
    receive = words.get("receive", "") if real.receive is None else real.receive
    # ldirectord puts a slash before every request, and takes it away again here.
    request = request.removeprefix("/").replace("\\n", "\n")
    options: dict[str, Any] = {"send": request} if request else {}
    options["expect"] = receive or "[\\s\\S]"
    monitor = "udp" if words.protocol is Protocol.UDP else "tcp"
    if (wrong := complaint(plugins.monitors(), monitor, options)) is not None:
        words.notes.lost(
            words.where("receive"), f"receive: {wrong}; any answer will do"
        )
        options["expect"] = "[\\s\\S]"
    return case.check(monitor, options, words.negotiatetimeout, "simpletcp")


def _sip(case: Case) -> PlannedCheck:
    words = case.words
    monitor = "udp" if words.protocol is Protocol.UDP else "tcp"
    user = str(words.get("login", "monlvs@localhost"))
    request = (
        f"OPTIONS sip:{user} SIP/2.0\r\n"
        f"Via: SIP/2.0/{monitor.upper()} localhost;branch=z9hG4bK.monlvs;rport\r\n"
        "Max-Forwards: 70\r\n"
        f"To: <sip:{user}>\r\nFrom: <sip:{user}>;tag=monlvs\r\n"
        "Call-ID: monlvs\r\nCSeq: 1 OPTIONS\r\n"
        "Accept: application/sdp\r\nContent-Length: 0\r\n\r\n"
    )
    options = {"send": request, "expect": "^SIP/2.0 200 "}
    return case.check(monitor, options, words.negotiatetimeout, "sip")


def _dns(case: Case) -> PlannedCheck:
    """Look up a name's address, or the name of an address."""
    words, real = case.words, case.real
    request = words.get("request", "") if real.request is None else real.request
    receive = words.get("receive", "") if real.receive is None else real.receive
    name = request.removeprefix("/")
    if not name:
        words.notes.error(words.spot, "dns: expected `request`, what to look up")
        name = "."
    with suppress(ValueError):
        name = f"{ip_address(name).reverse_pointer}:PTR"
    options: dict[str, Any] = {"query": [name]}
    if receive:
        options["answer"] = receive
    if words.protocol is not Protocol.UDP and isinstance(words.key, Listener):
        options["tcp"] = True
    return case.check("dns", options, words.negotiatetimeout)


def _program(case: Case) -> PlannedCheck:
    """Let a program of mon's check what monlvs has no monitor for, where it is there."""
    words = case.words
    known = PROGRAMS.get(words.service)
    if known is None or case.port is None:
        return _instead(case, f"monlvs has no monitor for {words.service}")
    name, arguments, told = known
    path = case.site.program(name)
    if path is None:
        return _instead(
            case,
            f"monlvs has no monitor for {words.service}, and mon's {name} is not "
            "installed here",
        )
    words.notes.changed(words.where("service"), f"{words.service}: {path} {told}")
    options = {"command": path, "args": arguments(words, case.port)}
    made = case.check("external", options, words.negotiatetimeout)
    return replace(made, service=words.service, port=None)


def _instead(case: Case, why: str) -> PlannedCheck:
    """Check that there is somebody at all, and say that it is less."""
    words = case.words
    made = _connect(case)
    does = "a ping" if made.monitor == "fping" else "a connection to the port"
    words.notes.lost(
        words.where("service"),
        f"service = {words.service}: {why}; {does} has to do until a program is named "
        "as an `external` monitor",
    )
    return made


def _ldaps(case: Case) -> PlannedCheck:
    """See that somebody speaks TLS at the port, at least."""
    case.words.notes.lost(
        case.words.where("service"),
        "ldaps: the search: that a TLS session begins has to do until a program is named "
        "as an `external` monitor",
    )
    return case.check("tcp", _TLS, case.words.negotiatetimeout, "ldaps")


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


_OTHERS: Final[Mapping[str, Callable[[Case], PlannedCheck]]] = {
    "dns": _dns,
    "ftp": _ftp,
    "ldaps": _ldaps,
    "simpletcp": _simple,
    "sip": _sip,
}
