"""Declares which entry of the director's table a service's health decides about.

It is no alert that is sent: a configuration compiles it to a guard, and the director
keeps the table as the guards say. What it offers is the declaration, as values.
"""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from ipaddress import ip_address
from typing import Any, ClassVar, NamedTuple

from monlvs.model.lvs import (
    EntrySpec,
    Family,
    Forwarding,
    Fwmark,
    Listener,
    Protocol,
    RealServer,
    VirtualKey,
    VirtualService,
)
from monlvs.model.plugin import OPTION_RULES, AlertKind, Occasion
from monlvs.model.values import Address, Host

_LAST_PORT = 65_535
_HEAVIEST = 65_535  # ipvsadm(8), --weight
_SCHEDULER = re.compile(r"[a-z0-9_]{1,15}")  # linux/ip_vs.h, IP_VS_SCHEDNAME_MAXLEN
_ENDPOINT = re.compile(r"(?:\[(?P<v6>[^]]+)\]|(?P<v4>[^:]+))(?::(?P<port>\d{1,5}))?")


class Endpoint(NamedTuple):
    """An address, with a port where one was stated."""

    address: Address
    port: int | None


class Transport(StrEnum):
    """The protocols that IPVS balances, as `-P` spells them."""

    TCP = "tcp"
    UDP = "udp"
    SCTP = "sctp"


class FamilyWord(StrEnum):
    """Address families."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"


class ForwardingWord(StrEnum):
    """The words for a forwarding method: ipvsadm's letters, and those of LVS scripts."""

    G = "g"
    I = "i"  # noqa: E741  ipvsadm's letter
    M = "m"
    DR = "dr"
    ROUTE = "route"
    TUN = "tun"
    TUNNEL = "tunnel"
    NAT = "nat"
    MASQ = "masq"
    LOCAL = "local"


_FORWARDING = {
    ForwardingWord.G: Forwarding.ROUTE,
    ForwardingWord.DR: Forwarding.ROUTE,
    ForwardingWord.ROUTE: Forwarding.ROUTE,
    ForwardingWord.I: Forwarding.TUNNEL,
    ForwardingWord.TUN: Forwarding.TUNNEL,
    ForwardingWord.TUNNEL: Forwarding.TUNNEL,
    ForwardingWord.M: Forwarding.MASQ,
    ForwardingWord.NAT: Forwarding.MASQ,
    ForwardingWord.MASQ: Forwarding.MASQ,
    ForwardingWord.LOCAL: Forwarding.LOCAL,
}
_METHOD_LETTER = {
    Forwarding.ROUTE: "-g",
    Forwarding.TUNNEL: "-i",
    Forwarding.MASQ: "-m",
    # ipvsadm(8) has no letter for it: the kernel knows its own addresses.
    Forwarding.LOCAL: "-g",
}
_SERVICE_LETTER = {
    Protocol.TCP: "-t",
    Protocol.UDP: "-u",
    Protocol.SCTP: "--sctp-service",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Virtualserver:
    """Take a real server out of the table while its service fails, put it in after.

    On an `alert` line it takes the entry out, on an `upalert` line it puts it in; on
    both it does both. What is not stated here is taken from the entry that the table
    has, and is never changed.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = OPTION_RULES

    letters: ClassVar[dict[str, str]] = {
        "P": "protocol",
        "V": "virtual",
        "M": "fwmark",
        "R": "real",
        "W": "weight",
        "F": "forwarding",
        "S": "scheduler",
        "D": "delete_service",
        "B": "backup",
        "X": "plain",
    }
    """Options by the letters of virtualserver.alert, lvs.alert and ipvs.alert. `-B` without an
    address is `build`."""

    virtual: str | None = None
    """The virtual service, ADDRESS:PORT; without a port, every port (-V)."""

    fwmark: int | None = None
    """The virtual service by its firewall mark, instead of `virtual` (-M)."""

    family: FamilyWord | None = None
    """ipv4 or ipv6 behind `fwmark`, where the real server is reached through a tunnel of
    the other family; else the real server's."""

    protocol: Transport = Transport.TCP
    """Protocol of the virtual service (-P)."""

    real: str | None = None
    """The real server, ADDRESS or ADDRESS:PORT; else the watched host (-R)."""

    port: int | None = None
    """Port of the real server where `real` states none; else the virtual service's."""

    weight: int | None = None
    """Weight of the entry (-W)."""

    forwarding: ForwardingWord | None = None
    """How packets reach the real server (-F): g, dr, route; i, tun, tunnel; m, nat,
    masq; local."""

    scheduler: str | None = None
    """Scheduler of a virtual service that has to be created (-S); else wlc."""

    delete_service: bool = False
    """Take out the whole virtual service, and not an entry (-D)."""

    build: bool = False
    """Create the virtual service when it is missing (-B alone)."""

    backup: str | None = None
    """ADDRESS or ADDRESS:PORT that stands in while the real server is out (-B with an
    address)."""

    whole_group: bool = False
    """Follow the state of the whole host group, as mon does, where it has several hosts;
    else the watched host that is the real server."""

    plain: bool = False
    """Nothing but taking out and putting in, which is what happens without `backup`,
    `build` and `delete_service` anyway (-X)."""

    _virtual: Endpoint | None = field(init=False, repr=False, compare=False)
    _real: Endpoint | None = field(init=False, repr=False, compare=False)
    _backup: Endpoint | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_virtual", _endpoint("virtual", self.virtual))
        object.__setattr__(self, "_real", _endpoint("real", self.real))
        object.__setattr__(self, "_backup", _endpoint("backup", self.backup))
        self._check_service()
        self._check_server()
        self._check_families()

    def key(self, host: Host | None = None) -> VirtualKey:
        """Return the virtual service; `host` is as for `entry`.

        It tells the address family of a firewall mark where `real` does not.
        """
        if self._virtual is not None:
            transport = Protocol[self.protocol.name]
            return Listener(transport, self._virtual.address, self._virtual.port or 0)
        assert self.fwmark is not None
        if self.family is not None:
            return Fwmark(self.fwmark, Family[self.family.name])
        known = self._real or self._backup or (_watched(host) if host else None)
        ipv6 = known is not None and known.address.version == 6
        return Fwmark(self.fwmark, Family.IPV6 if ipv6 else Family.IPV4)

    def entry(self, host: Host | None = None) -> EntrySpec | None:
        """Return the guarded entry as far as it is stated; None with `delete_service`.

        `host` is the address of the watched host, which is the real server unless
        `real` says otherwise. Raises ValueError when no address is known.
        """
        if self.delete_service:
            return None
        if self._real is None and host is None:
            raise ValueError("real: expected an address, since no host is watched here")
        return self._spec(self._real or _watched(host or ""))

    def stand_in(self) -> EntrySpec | None:
        """Return the entry that is in while the guarded one is out, if there is one."""
        return None if self._backup is None else self._spec(self._backup)

    def builds(self, host: Host | None = None) -> VirtualService | None:
        """Return the virtual service to create when it is missing, if it may be."""
        return self._service(host) if self.build else None

    def preview(self, occasion: Occasion) -> str:
        """Say which entries `occasion` would take out or put in, as ipvsadm(8) would."""
        hosts: tuple[Host | None, ...] = occasion.failed or occasion.hosts
        if self._real is not None or self.delete_service:
            hosts = (None,)
        lines: list[str] = []
        for host in hosts:
            try:
                lines += self._commands(occasion.kind, host)
            except ValueError as error:
                lines.append(f"# {error}")
        return "".join(f"{line}\n" for line in dict.fromkeys(lines))

    def _commands(self, kind: AlertKind, host: Host | None) -> list[str]:
        match kind:
            case AlertKind.UP:
                return self._puts_in(host)
            case AlertKind.STARTUP | AlertKind.ACK:
                return ["# the table stays as it is"]
            case _:
                return self._takes_out(host)

    def _takes_out(self, host: Host | None) -> list[str]:
        key = self.key(host)
        entry, stand_in = self.entry(host), self.stand_in()
        if entry is None:
            return [f"ipvsadm -D {_service_words(key)}"]
        lines = [f"ipvsadm -d {_service_words(key)} -r {_server_word(entry)}"]
        if stand_in is not None:
            lines.insert(0, _addition(key, stand_in))
        return lines

    def _puts_in(self, host: Host | None) -> list[str]:
        key = self.key(host)
        entry, stand_in = self.entry(host), self.stand_in()
        lines = []
        if self.build or self.delete_service:
            scheduler = self._service(host).scheduler
            lines.append(f"ipvsadm -A {_service_words(key)} -s {scheduler}")
        if entry is not None:
            lines.append(_addition(key, entry))
        if stand_in is not None:
            server = _server_word(stand_in)
            lines.append(f"ipvsadm -d {_service_words(key)} -r {server}")
        return lines

    def _service(self, host: Host | None) -> VirtualService:
        bare = VirtualService(key=self.key(host))
        return replace(bare, scheduler=self.scheduler or bare.scheduler)

    def _spec(self, server: Endpoint) -> EntrySpec:
        port = server.port or self.port
        if port is None:
            port = (self._virtual.port or 0) if self._virtual is not None else 0
        return EntrySpec(
            server=RealServer(server.address, port),
            forwarding=None
            if self.forwarding is None
            else _FORWARDING[self.forwarding],
            weight=self.weight,
        )

    def _check_service(self) -> None:
        if (self._virtual is None) == (self.fwmark is None):
            raise ValueError(
                "virtual, fwmark: expected one of them, to name the virtual service"
            )
        if self.family is not None and self.fwmark is None:
            raise ValueError(
                "family: expected fwmark with it; an address tells its own"
            )
        if self.fwmark is not None and not 1 <= self.fwmark < 2**32:
            raise ValueError(f"fwmark: expected 1 to {2**32 - 1}, not {self.fwmark}")
        if self.scheduler is not None and not _SCHEDULER.fullmatch(self.scheduler):
            raise ValueError(
                f"scheduler: expected a name such as wlc, not {self.scheduler!r}"
            )
        if self.delete_service and (self.build or self.backup):
            raise ValueError(
                "delete_service: expected neither build nor backup with it"
            )
        if self.plain and (self.build or self.backup or self.delete_service):
            raise ValueError(
                "plain: expected neither build nor backup nor delete_service with it"
            )

    def _check_server(self) -> None:
        if self.port is not None and not 1 <= self.port <= _LAST_PORT:
            raise ValueError(f"port: expected 1 to {_LAST_PORT}, not {self.port}")
        stated = None if self._real is None else self._real.port
        if self.port is not None and stated not in (None, self.port):
            raise ValueError(f"port: {self.port} contradicts real = {self.real!r}")
        if self.weight is not None and not 0 <= self.weight <= _HEAVIEST:
            raise ValueError(f"weight: expected 0 to {_HEAVIEST}, not {self.weight}")

    def _check_families(self) -> None:
        real, backup = self._real, self._backup
        if real is not None and real == backup:
            raise ValueError("backup: expected another server than real")
        if (
            self._virtual is None
            or _FORWARDING.get(self.forwarding or ForwardingWord.MASQ)
            is Forwarding.TUNNEL
        ):
            return  # a tunnel may carry one family inside the other
        family = self._virtual.address.version
        for option, server in (("real", real), ("backup", backup)):
            if server is not None and server.address.version != family:
                raise ValueError(
                    f"{option}: expected an IPv{family} address like the virtual "
                    f"service's, not {server.address}"
                )


def _endpoint(option: str, text: str | None) -> Endpoint | None:
    """Read ADDRESS, ADDRESS:PORT, IPv6 addresses with a port in brackets."""
    if text is None:
        return None
    match = _ENDPOINT.fullmatch(text)
    port = int(match["port"] or 0) if match is not None else 0
    try:
        address = ip_address(text if match is None else match["v6"] or match["v4"])
    except ValueError:
        address = None
    if address is None or port > _LAST_PORT:
        raise ValueError(
            f"{option}: expected ADDRESS or ADDRESS:PORT, an IPv6 address with a port "
            f"in brackets, not {text!r}"
        )
    return Endpoint(address, port or None)


def _watched(host: Host) -> Endpoint:
    try:
        return Endpoint(ip_address(host), None)
    except ValueError:
        raise ValueError(
            f"real: expected an address, since the watched host {host!r} is a name"
        ) from None


def _service_words(key: VirtualKey) -> str:
    match key:
        case Listener():
            return (
                f"{_SERVICE_LETTER[key.protocol]} {RealServer(key.address, key.port)}"
            )
        case Fwmark():
            return f"-f {key.mark}" + (" -6" if key.family is Family.IPV6 else "")


def _server_word(entry: EntrySpec) -> str:
    server = str(entry.server)
    return server if entry.server.port else server.rpartition(":")[0]


def _addition(key: VirtualKey, entry: EntrySpec) -> str:
    # ipvsadm's own default is -g; what is not stated here is masq with weight 1.
    method = _METHOD_LETTER[entry.forwarding or Forwarding.MASQ]
    weight = 1 if entry.weight is None else entry.weight
    server = _server_word(entry)
    return f"ipvsadm -a {_service_words(key)} -r {server} {method} -w {weight}"
