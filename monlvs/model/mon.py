"""What mon.cf says once for the daemon, beyond what every format can say."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Groups that a client may choose to see alone."""

    name: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """Lines of free text that clients may list."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonSettings:
    """The global variables of mon.cf (mon(8), "Global Variables").

    Relative paths are resolved already: files stand as they are opened.
    """

    basedir: str = "/usr/lib/mon"
    cfbasedir: str = "/etc/mon"
    alertdir: tuple[str, ...] = ("/usr/local/lib/mon/alert.d", "/usr/lib/mon/alert.d")
    mondir: tuple[str, ...] = ("/usr/local/lib/mon/mon.d", "/usr/lib/mon/mon.d")
    statedir: str = "/var/lib/mon"
    logdir: str = "/var/log/mon"
    authfile: str = "/etc/mon/auth.cf"
    authtype: tuple[str, ...] = ("getpwnam",)
    userfile: str = "/etc/mon/monusers.cf"
    pamservice: str = "passwd"
    serverbind: str | None = None
    """Address of the client port; None: all."""
    serverport: int = 2583
    trapbind: str | None = None
    trapport: int = 2583
    clientallow: str | None = None
    """Pattern that a client's address must match from its beginning to its end."""
    cltimeout: timedelta = timedelta(minutes=1)
    dtlogging: bool = False
    dtlogfile: str = "/var/log/mon/downtime.log"
    monerrfile: str = "/dev/null"
    histlength: int = 100
    historicfile: str | None = None
    historictime: timedelta | None = None
    """How far back the historic file is read at start; None: all of it."""
    pidfile: str | None = None
    maxprocs: int | None = None
    randstart: timedelta | None = None
    """First checks fall somewhere in this time; None: each after its interval."""
    dep_recur_limit: int = 10
    syslog_facility: str = "daemon"
    startupalerts_on_reset: bool = False
    monremote: str | None = None
    """Program called when some requests of clients are handled."""
    native: bool = True
    """Whether monlvs may run its own monitors and alerts in place of mon's."""

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        """The directories, as programs are told of them."""
        return (
            ("MON_LOGDIR", self.logdir),
            ("MON_STATEDIR", self.statedir),
            ("MON_CFBASEDIR", self.cfbasedir),
        )
