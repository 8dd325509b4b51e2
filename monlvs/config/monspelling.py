"""The shape of `[mon]` in mon_lvs.toml; see `spelling`."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from monlvs.config.notation import STRICT, Count, Port, Positive


@dataclass(frozen=True, kw_only=True)
class MonTable:
    """Variables of mon's; with this table the daemon behaves as mon does: it serves
    mon's clients and traps, and checks first after one interval."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    basedir: str | None = None
    """What mon's relative directories are under."""
    cfbasedir: str | None = None
    """Told to programs as MON_CFBASEDIR."""
    alertdir: list[str] | None = None
    """Where a mon.cf looks for alerts."""
    mondir: list[str] | None = None
    """Where a mon.cf looks for monitors."""
    statedir: str | None = None
    """Directory of mon's state files."""
    logdir: str | None = None
    """Directory of mon's logs."""
    authfile: str | None = None
    """Who may use which command, and who may send traps (auth.cf)."""
    authtype: list[str] | None = None
    """How passwords are looked at: getpwnam, userfile, pam, trustlocal."""
    userfile: str | None = None
    """Users and passwords for authtype userfile."""
    pamservice: str | None = None
    """Service name for authtype pam."""
    serverbind: str | None = None
    """Address of the clients' port; all unless set."""
    serverport: Port | None = None
    """TCP port for clients; 2583 unless set."""
    trapbind: str | None = None
    """Address of the port for traps; all unless set."""
    trapport: Port | None = None
    """UDP port for traps; 2583 unless set."""
    clientallow: str | None = None
    """Regular expression that a client's whole address has to match."""
    cltimeout: Positive | None = None
    """A client that says nothing for this long is sent away; 1m unless set."""
    dtlogging: bool | None = None
    """Whether downtimes are logged."""
    dtlogfile: str | None = None
    """File of the downtimes."""
    monerrfile: str | None = None
    """Where the output goes with -f."""
    histlength: Annotated[int, Field(ge=0)] | None = None
    """Length of the histories; 100 unless set."""
    historicfile: str | None = None
    """File that alerts are appended to, and read back from at start."""
    historictime: Positive | None = None
    """How far back it is read."""
    pidfile: str | None = None
    """File of the process number, as mon knows it."""
    maxprocs: Count | None = None
    """Programs running at once, as mon knows it."""
    randstart: Positive | None = None
    """Time in which the first checks are made."""
    dep_recur_limit: Annotated[int, Field(ge=0)] | None = None
    """How deep dependencies of dependencies are followed; 10 unless set."""
    syslog_facility: str | None = None
    """Facility of syslog(3)."""
    startupalerts_on_reset: bool | None = None
    """Whether a reset sends startup alerts."""
    monremote: str | None = None
    """Program that is called when some requests of clients are handled."""
    native: bool | None = None
    """Whether a mon.cf may run monlvs's own monitors and alerts for mon's."""
