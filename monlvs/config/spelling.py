"""The shape of mon_lvs.toml: what may stand where, before it becomes the model.

Rule 1: every class here forbids unknown keys and guesses at no type.
Rule 2: where a list or a table holds tables, None stands for one that was refused; TOML
itself has no such value.
"""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from monlvs.config.machinespelling import DeviceName, MachineTable
from monlvs.config.monspelling import MonTable
from monlvs.config.notation import (
    CHECK_REF,
    STRICT,
    After,
    Alert,
    AnyAddress,
    AtLeast,
    Check,
    Count,
    Duration,
    Endpoint,
    Every,
    ForwardingWord,
    Interval,
    LogOptions,
    MailOptions,
    Monitor,
    Name,
    Netmask,
    Port,
    Positive,
    Scheduler,
    ServiceFlag,
    listed,
    server_table,
)
from monlvs.config.pairspelling import PairTable


@dataclass(frozen=True, kw_only=True)
class SettingsTable:
    """What is said once for the daemon."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    state_dir: str | None = None
    """Directory of the state file and the journal: an absolute path."""
    resync: Interval | None = None
    """How often the kernel's table is read again and drift repaired."""
    max_checks: Count | None = None
    """Checks over the network in flight at once."""
    max_programs: Count | None = None
    """External programs running at once."""
    spread: bool | None = None
    """Spread the first checks over their interval; otherwise all start at once."""
    journal_keep: Positive | None = None
    """How long journal entries are kept."""
    pid_file: str | None = None
    """File that the daemon writes its process number to: an absolute path."""
    table: Literal["auto", "kernel", "memory"] | None = None
    """kernel, memory, or auto: the kernel's table where it can be used."""


@dataclass(frozen=True, kw_only=True)
class DefaultsTable:
    """What every service has that does not say otherwise."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    interval: Interval | None = None
    """Time from one check to the next."""
    timeout: Positive | None = None
    """A check that takes longer has failed; the interval unless set."""
    rise: Count | None = None
    """Consecutive successes that make a host healthy again."""
    fall: Count | None = None
    """Consecutive failures that make a host unhealthy."""
    failure_interval: Interval | None = None
    """Replaces `interval` while the service fails."""
    randskew: Duration | None = None
    """Random time, up to this, by which checks come earlier or later."""
    upalert_first: bool | None = None
    """The first success after a start sends an upalert, as the mon of 1999 did."""
    unack_summary: bool | None = None
    """A changed summary ends an acknowledgement."""


@dataclass(frozen=True, kw_only=True)
class HostgroupTable:
    """Hosts that are watched together."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    hosts: list[str]
    """Names or addresses."""
    disabled: list[str] = field(default_factory=list)
    """Members that are not checked (`*host` in mon.cf)."""


@dataclass(frozen=True, kw_only=True)
class PeriodTable:
    """When, how often and to whom a service's failures are told."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    label: str | None = None
    """Its name, unique in the service; what stands in `when` unless set."""
    when: str = ""
    """When it is in force, as Time::Period(3pm) spells it; empty is always."""
    alertevery: Every | None = None
    """At most one alert in this time; after it observe_detail, ignore_summary or strict."""
    alertafter: After | None = None
    """Failures before the first alert: 3, "5m", or "3 30m" (three within)."""
    numalerts: Count | None = None
    """At most this many alerts in one outage."""
    upalertafter: Duration | None = None
    """An outage shorter than this ends without an upalert."""
    no_comp_alerts: bool = False
    """Send upalerts even where no alert was sent."""
    alert: list[Alert] = field(default_factory=list)
    """Told of failures."""
    upalert: list[Alert] = field(default_factory=list)
    """Told of recoveries."""
    startupalert: list[Alert] = field(default_factory=list)
    """Told when the daemon starts."""
    ackalert: list[Alert] = field(default_factory=list)
    """Told when somebody acknowledges a failure."""
    disablealert: list[Alert] = field(default_factory=list)
    """Never run: mon takes such lines and runs none of them either."""


@dataclass(frozen=True, kw_only=True)
class ServiceTable(DefaultsTable):
    """What is checked on a group's hosts, how often, and what follows."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    monitor: Monitor | None = None
    """The monitor by name, or a table of its name and options; a service without one
    hears of traps alone."""
    monitor_text: str | None = None
    """What clients of mon's are shown as the monitor; its name unless set."""
    description: str | None = None
    """What alerts say of the service."""
    exclude_hosts: list[str] = field(default_factory=list)
    """Members of the group that this service leaves out."""
    exclude_period: str | None = None
    """When the monitor is not run, as Time::Period(3pm) spells it."""
    variables: dict[str, str] = field(default_factory=dict)
    """Environment for external programs."""
    allow_empty_group: bool = False
    """Run the monitor even when no host is left."""
    traptimeout: Interval | None = None
    """Every such time without a trap is a failure (mon(8), TRAPS)."""
    trapduration: Positive | None = None
    """So long after a failure that a trap told, the service counts as well again."""
    depend: str | None = None
    """Services that have to be well, such as "gw:ping && !(a:b || SELF:c)"."""
    dep_behavior: Literal["a", "m", "hm"] | None = None
    """What a failing `depend` keeps back: alerts (a), the monitor (m), hosts that the
    failing services name (hm); a unless set."""
    alertdepend: str | None = None
    """As `depend`, for alerts, beside it."""
    monitordepend: str | None = None
    """As `depend`, for the monitor, beside it."""
    hostdepend: str | None = None
    """As `depend`, for hosts, beside it."""
    dep_memory: Positive | None = None
    """A service that others depend on counts as failing for this long after it failed."""
    redistribute: Alert | None = None
    """Told of every result, whatever the periods say."""
    period: list[PeriodTable | None] = field(default_factory=list)
    """Periods; without any, nobody is told."""


@dataclass(frozen=True, kw_only=True)
class WatchTable:
    """What is watched on one host group."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    service: dict[str, ServiceTable | None]
    """Services by name."""


@dataclass(frozen=True, kw_only=True)
class ServerTable:
    """A real server."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    address: AnyAddress
    """Its address."""
    port: Port | None = None
    """Its port; the virtual service's unless set."""
    weight: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    """Its share of new connections; 0: none."""
    forwarding: ForwardingWord | None = None
    """nat (masq), dr (route), tun (tunnel) or local."""
    upper: Annotated[int, Field(ge=0, le=2**32 - 1)] | None = None
    """Connections from which on it gets no new ones; 0: no limit."""
    lower: Annotated[int, Field(ge=0, le=2**32 - 1)] | None = None
    """Connections under which it gets new ones again; 0: three quarters of upper."""
    tunnel: Literal["ipip", "gue", "gre"] | None = None
    """Encapsulation with forwarding = "tun"."""
    tunnel_port: Port | None = None
    """Port of tunnel = "gue"."""
    tunnel_checksum: Literal["nocsum", "csum", "remcsum"] | None = None
    """Checksum mode of tunnel = "gue" or "gre"."""


Server: TypeAlias = Annotated[
    ServerTable | None,
    BeforeValidator(server_table, json_schema_input_type=str | ServerTable),
]


@dataclass(frozen=True, kw_only=True)
class DampingTable:
    """When a server goes up and down too often to be believed."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    flaps: Annotated[int, Field(ge=2)]
    """So many failures,"""
    within: Positive
    """in this time,"""
    hold: Positive
    """keep the server out for this long after the last one."""


@dataclass(frozen=True, kw_only=True)
class BalancingTable:
    """Attributes of a virtual service, and how it is kept."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    scheduler: Scheduler | None = None
    """How connections are shared out (ipvsadm(8), --scheduler); wlc where the kernel
    has no such virtual service yet. This and the four after it are left to others
    unless set: as they stand, they stay."""
    flags: list[ServiceFlag] | None = None
    """ops (UDP only), sh-fallback, sh-port, mh-fallback, mh-port, flag-1 … flag-3."""
    persistence: Duration | None = None
    """How long a client stays with its server; "0s": it does not."""
    netmask: Netmask | None = None
    """Prefix length (or IPv4 netmask) that groups persistent clients; 32 (128 for
    IPv6): each is its own."""
    pe: Literal["sip", "none"] | None = None
    """Persistence engine."""
    on_failure: Literal["remove", "quiesce"] | None = None
    """remove the failing server's entry, or quiesce it: weight 0, connections go on."""
    undeclared: Literal["keep", "remove"] | None = None
    """What happens to an entry that the configuration does not name."""
    on_drift: Literal["repair", "report"] | None = None
    """What happens when the table is not as desired."""
    device: DeviceName | None = None
    """The network device that gets the VIP, where [machine] sees to that."""
    fallback: Server = None
    """Sorry server, in only while no server of the pool is kept: "ADDRESS",
    "ADDRESS:PORT" or a table."""
    keep_at_least: AtLeast | None = None
    """So many servers, or "50%" of them, stay in however many checks fail."""
    drain: Positive | None = None
    """A drained server's entry goes after this time, if not before with its last
    connection."""
    slow_start: Positive | None = None
    """Time in which a server that comes in rises to its whole weight."""
    damping: DampingTable | None = None
    """Keeps a server out that goes up and down too often."""
    weight_from: Literal["config", "check"] | None = None
    """check: checks report how much of its weight a server can take."""


@dataclass(frozen=True, kw_only=True)
class VirtualServiceTable(BalancingTable):
    """A virtual service with its real servers."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    address: AnyAddress | None = None
    """The VIP."""
    port: Annotated[int, Field(ge=0, le=65_535)] | None = None
    """Its port; 0: every port (persistent services only)."""
    protocol: Literal["tcp", "udp", "sctp"] | None = None
    """tcp unless set."""
    fwmark: Annotated[int, Field(ge=1, le=2**32 - 1)] | None = None
    """A firewall mark, instead of address and port."""
    family: Literal["ipv4", "ipv6"] | None = None
    """Address family behind `fwmark`; ipv4 unless set."""
    servers: list[Server] = field(default_factory=list)
    """Real servers: "ADDRESS", "ADDRESS:PORT" or tables."""


@dataclass(frozen=True, kw_only=True)
class LvsTable(DefaultsTable, BalancingTable):
    """The short form: a VIP, its real servers, what is checked, who is told."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    name: Name
    """Begins the name of each real server's host group: NAME-ADDRESS."""
    vip: Endpoint
    """The virtual service, ADDRESS:PORT."""
    protocol: Literal["tcp", "udp", "sctp"] = "tcp"
    """Protocol of the virtual service."""
    kind: Literal["nat", "dr", "tun", "local"]
    """VS-NAT, VS-DR, VS-TUN or LocalNode: how packets reach servers that say nothing."""
    servers: Annotated[list[Server], Field(min_length=1)]
    """Real servers: "ADDRESS", "ADDRESS:PORT" or tables."""
    check: Annotated[
        list[Check],
        BeforeValidator(listed),
        Field(min_length=1),
        WithJsonSchema({"anyOf": [CHECK_REF, {"type": "array", "items": CHECK_REF}]}),
    ]
    """One check or several: a monitor's name, or a table of its name and options, with
    `service` for another service name than the monitor's. A real server is in the table
    only while all of them succeed. A port that is not stated is the real server's."""
    description: str | None = None
    """What alerts say of the services."""
    mail: MailOptions | None = None
    """Who gets mail: an address, a list of them, or the options of the mail alert."""
    log: LogOptions = None
    """Log alerts too: true, the path of the file, or the options of the log alert."""
    alert: list[Alert] = field(default_factory=list)
    """Further alerts, told of failures and of recoveries."""
    when: str = ""
    """When people are told; the table is kept true always."""
    alertevery: Every | None = None
    """As in a period."""
    alertafter: After | None = None
    """As in a period; the number of `fall` unless set."""
    numalerts: Count | None = None
    """As in a period."""
    upalertafter: Duration | None = None
    """As in a period."""


@dataclass(frozen=True, kw_only=True)
class FileTable:
    """A configuration of monlvs."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    settings: SettingsTable | None = None
    """What is said once for the daemon."""
    defaults: DefaultsTable | None = None
    """What every service has that does not say otherwise."""
    machine: MachineTable | None = None
    """What the machine around the table is to have; without it, it is left alone."""
    pair: PairTable | None = None
    """The other director, where there are two."""
    mon: MonTable | None = None
    """Variables of mon's."""
    views: dict[str, list[str]] = field(default_factory=dict)
    """Groups that a client of mon's may choose to see alone, by name."""
    aliases: dict[str, list[str]] = field(default_factory=dict)
    """Lines of free text that mon's clients may list, by name."""
    lvs: list[LvsTable | None] = field(default_factory=list)
    """The short form: one block for each virtual service."""
    hostgroups: dict[str, list[str] | None] = field(default_factory=dict)
    """Host groups by name, each a list of hosts."""
    hostgroup: dict[str, HostgroupTable | None] = field(default_factory=dict)
    """Host groups with members that are not checked."""
    watch: dict[str, WatchTable | None] = field(default_factory=dict)
    """What is watched, by the name of the host group."""
    virtual_service: list[VirtualServiceTable | None] = field(default_factory=list)
    """The director's virtual services."""
