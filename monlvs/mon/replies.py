"""mon's answers to commands: data lines, then one line with a code.

2xx is success and 5xx is not (mon(8), "moncmd"). The answers to `list` are in
`listings`. Where mon answers twice to a failed `ack`, monlvs answers once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from monlvs.model.values import Host, Problem
from monlvs.mon.ctime import ctime_line
from monlvs.mon.escape import escape, to_bytes
from monlvs.mon.findings import cf_error

PROTOCOL = 9745
"""What `version` and `protid` speak of."""

NO_VIEW = "no view selected -- all groups will be displayed"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer."""

    code: int
    text: str
    lines: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the command was carried out."""
        return self.code < 400

    @property
    def told(self) -> tuple[str, ...]:
        """All lines, the one with the code last."""
        return (*self.lines, f"{self.code} {self.text}")

    def encode(self) -> bytes:
        """Return the answer as it goes over the wire."""
        # A line end inside a line would be a second answer.
        one = (line.replace("\r", " ").replace("\n", " ") for line in self.told)
        return to_bytes("".join(f"{line}\n" for line in one))


def done(text: str, *lines: str) -> Reply:
    """Return the answer to a command that was carried out."""
    return Reply(220, text, lines)


def failed(text: str, *lines: str) -> Reply:
    """Return the answer to a command that was not carried out."""
    return Reply(520, text, lines)


INVALID = failed("invalid command")
"""To a line that is no command."""
DENIED = failed("command could not be executed, unknown command")
"""To a command that is not allowed, or `dump`."""
AUTHORIZED = done("command authorized")
"""To `checkauth` of a command that is allowed; else NOT_EXECUTED."""
NOT_EXECUTED = failed("command could not be executed")
"""To `disable` or `enable` with words that make no sense, and to `checkauth`."""

LOGIN_ACCEPTED = done("login accepted")
LOGIN_REFUSED = Reply(530, "login unsuccessful")
QUITTING = done("quitting")
STOPPED = done("stop completed")
STARTED = done("start completed")
TERMINATING = done("terminating server")
RELOADED = done("reload completed")
UNKNOWN_RELOAD = failed("unknown reload command")
VERSION = done("version completed", f"version {PROTOCOL}")

ACKNOWLEDGED = done("ack completed")
NOT_FAILING = failed("service is in a non-failure state")
UNKNOWN_GROUP = failed("unknown group")
"""To `ack` and `clear timers`."""
UNKNOWN_SERVICE = failed("unknown service")

SERVICE_DISABLED = done("disable service completed")
WATCH_DISABLED = done("disable watch completed")
HOST_DISABLED = done("disable host completed")
NO_SERVICE_TO_DISABLE = failed("disable error, unknown service")
ENABLED = done("enable completed")
"""A service or hosts."""
WATCH_ENABLED = done("enable watch completed")
NO_WATCH_TO_ENABLE = failed("enable error, unknown watch")
NO_SERVICE_TO_ENABLE = failed("enable error, unknown group")

SAVED = done("savestate completed")
NOTHING_TO_SAVE = failed("savestate error, arguments required")
LOADED = done("loadstate completed")
TIMERS_CLEARED = done("clear timers completed")
UNKNOWN_CLEAR = failed("unknown clear command")

MONITOR_TESTED = done("test monitor completed")
ALERT_TESTED = done("test alert completed")
"""Upalerts and startupalerts, too."""
NO_PERIOD = failed("period not defined")
UNKNOWN_TEST = failed("test error")


def protid(word: str) -> Reply:
    """Answer `protid N`."""
    same = word.isascii() and word.isdigit() and word.lstrip("0") == str(PROTOCOL)
    return done("protocol match") if same else failed("protocol mismatch")


def servertime(now: datetime) -> Reply:
    """Answer `servertime`."""
    line = f"{int(now.timestamp())} {ctime_line(now)}"
    return done("servertime completed", line)


def reset_done(pid: int, host: str) -> Reply:
    """Answer `reset` that was carried out, by the daemon `pid` on `host`."""
    return done(f"reset PID {pid}@{host}")


def reset_failed(pid: int, host: str) -> Reply:
    """Answer `reset` where the configuration is broken and nothing has changed."""
    return failed(f"reset PID {pid}@{host} failed, error in config file")


def config_tested(problems: Iterable[Problem]) -> Reply:
    """Answer `test config`; mon tells the first error, monlvs all of them."""
    errors = [cf_error(problem) for problem in problems if not problem.warning]
    if not errors:
        return done("test config completed OK, no errors found")
    return failed("test config completed, errors found in config file", *errors)


def view_set(view: str) -> Reply:
    """Answer `setview VIEW`; without a view, all groups are shown again."""
    line = f"selecting view {view}" if view else NO_VIEW
    return done("setview completed", line)


def unknown_view(view: str) -> Reply:
    """Answer `setview` of a view that there is not."""
    return Reply(504, f"unknown view {view}")


def view_got(view: str) -> Reply:
    """Answer `getview`."""
    return done("getview completed", f"view {view} selected" if view else NO_VIEW)


def maxkeep_got(number: int) -> Reply:
    """Answer `get maxkeep`."""
    return done("set completed", f"maxkeep = {number}")


MAXKEEP_SET = done("set completed")


def variable_got(group: str, service: str, name: str, value: str) -> Reply:
    """Answer `get GROUP SERVICE NAME`; what is unknown is empty."""
    return done("get completed", f"{group} {service} {name}='{escape(value)}'")


def variable_set(group: str, service: str, name: str, value: str) -> Reply:
    """Answer `set GROUP SERVICE NAME VALUE`; here the value is not escaped."""
    return done("set completed", f"{group} {service} {name}='{value}'")


def no_such_variable(group: str, service: str) -> Reply:
    """Answer `get` and `set` of a service that there is not."""
    return failed(f"{group},{service} not defined")


def no_watch_to_disable(group: str) -> Reply:
    """Answer `disable watch` of a group that there is not."""
    return failed(f'disable error, unknown watch "{group}"')


def no_host_to_disable(hosts: Iterable[Host]) -> Reply:
    """Answer `disable host` where no group has these of the hosts."""
    return failed(f"disable host failed, host(s) {' '.join(hosts)} do not exist")


def no_monitor_to_test(group: str, service: str) -> Reply:
    """Answer `test monitor` of a service that there is not; mon says success."""
    return done("test monitor completed", f"{group} {service} not defined")


def no_alert_to_test(group: str, service: str) -> Reply:
    """Answer `test alert` of a service that there is not."""
    return failed(f"{group} {service} not defined")
