"""Which machines an LVS of each kind has, with their addresses and cables: pure.

Addresses are those of the LVS-HOWTO, sections 7 to 10. IPv6, which it did not
have: the same last number in fd00:1::/64 outside and fd00:2::/64 inside.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import Enum

from monlvs.model.lvs import TunnelType

CLIENT = "client"
DIRECTOR = "director"
PAIR = ("dirA", "dirB")
"""The directors where there are two; the VIP is then keepalived's to give."""
VIP = "192.168.1.110"
VIP6 = "fd00:1::110"
DIRECTOR_NUMBERS = ("1", "111")
"""The directors' last numbers: a hundred servers leave .1, and what is beyond the VIP."""


class Kind(Enum):
    """The kinds of LVS."""

    NAT = "VS-NAT"
    DR = "VS-DR"
    TUN = "VS-TUN"
    LOCALNODE = "LocalNode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cable:
    """From a host's device to a bridge; the addresses are on the host's end."""

    host: str
    device: str
    bridge: str
    addresses: tuple[str, ...]

    @property
    def socket(self) -> str:
        """The name of the cable's other end, in the bridge."""
        return f"{self.host}-{self.device}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RealServer:
    """A real server: the host's name, and the addresses that the director uses."""

    host: str
    address: str
    address6: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """The machines of one LVS.

    `vip` and `vip6` are what clients connect to. The director is not among the
    `servers` of a LocalNode: `local` tells that it serves as well. `gateway` and
    `gateway6` are what the servers of a VS-NAT answer through, in other kinds nothing;
    of two directors' none has them from the start, nor the VIP. Hosts that are `bare` have their cables and the addresses of these, and no more: neither VIP nor
    gateway, and the kernel's own defaults. `tunnels` are what the servers of a VS-TUN
    take packets out of.
    """

    kind: Kind
    vip: str
    vip6: str
    directors: tuple[str, ...] = (DIRECTOR,)
    servers: tuple[RealServer, ...]
    cables: tuple[Cable, ...]
    gateway: str = ""
    gateway6: str = ""
    bare: frozenset[str] = frozenset()
    tunnels: tuple[TunnelType, ...] = (TunnelType.IPIP,)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host, the client first, then the directors."""
        return CLIENT, *self.directors, *(server.host for server in self.servers)

    @property
    def bridges(self) -> tuple[str, ...]:
        """Every bridge."""
        return tuple(dict.fromkeys(cable.bridge for cable in self.cables))

    @property
    def local(self) -> bool:
        """Whether the director is a server too."""
        return self.kind is Kind.LOCALNODE

    @property
    def paired(self) -> bool:
        """Whether there are two directors: the VIP goes from one to the other, and with
        it the gateway of a VS-NAT."""
        return len(self.directors) > 1

    def cables_of(self, host: str) -> tuple[Cable, ...]:
        """Return the cables that end in `host`."""
        return tuple(cable for cable in self.cables if cable.host == host)


def lay_out(
    kind: Kind,
    *,
    servers: int = 3,
    pair: bool = False,
    bare: Collection[str] = (),
    tunnels: Collection[TunnelType] = (TunnelType.IPIP,),
) -> Topology:
    """Return the HOWTO's LVS of this kind with `servers` real servers (1 to 100).

    With `pair` two directors share the VIP, but not that of a LocalNode; `bare` and
    `tunnels` are as in `Topology`. Raises ValueError.
    """
    if not 1 <= servers <= 100:
        raise ValueError(f"an LVS of 1 to 100 real servers, not {servers}")
    if pair and kind is Kind.LOCALNODE:
        raise ValueError(f"two directors of any kind but {kind.value}")
    directors = PAIR if pair else (DIRECTOR,)
    nat = kind is Kind.NAT
    made = _nat(servers, directors) if nat else _one_wire(kind, servers, directors)
    if unknown := set(bare) - set(made.hosts):
        raise ValueError(f"no host {min(unknown)}; there are: {', '.join(made.hosts)}")
    return replace(made, bare=frozenset(bare), tunnels=tuple(tunnels))


def _nat(servers: int, directors: tuple[str, ...]) -> Topology:
    real = tuple(_server("10.1.1", "fd00:2:", n) for n in range(1, servers + 1))
    moving = len(directors) > 1
    return Topology(
        kind=Kind.NAT,
        vip=VIP if moving else "192.168.1.1",
        vip6=VIP6 if moving else "fd00:1::1",
        directors=directors,
        servers=real,
        cables=(
            _outside(CLIENT, "5"),
            *(
                cable
                for director, last in zip(directors, DIRECTOR_NUMBERS, strict=False)
                for cable in (
                    _outside(director, last),
                    _inside(director, "eth1", f"10.1.1.{last}", f"fd00:2::{last}"),
                )
            ),
            *(_inside(each.host, "eth0", each.address, each.address6) for each in real),
        ),
        gateway="10.1.1.254" if moving else "10.1.1.1",
        gateway6="fd00:2::254" if moving else "fd00:2::1",
    )


def _one_wire(kind: Kind, servers: int, directors: tuple[str, ...]) -> Topology:
    real = tuple(_server("192.168.1", "fd00:1:", n) for n in range(1, servers + 1))
    return Topology(
        kind=kind,
        vip=VIP,
        vip6=VIP6,
        directors=directors,
        servers=real,
        cables=(
            _outside(CLIENT, "5"),
            *map(_outside, directors, DIRECTOR_NUMBERS),
            *(
                _outside(server.host, server.address.rpartition(".")[2])
                for server in real
            ),
        ),
    )


def _server(network: str, network6: str, number: int) -> RealServer:
    # The HOWTO's client has .5, right after three servers from .2: leave it out.
    last = number + 1 if number <= 3 else number + 2
    return RealServer(
        host=f"rs{number}",
        address=f"{network}.{last}",
        address6=f"{network6}:{last}",
    )


def _outside(host: str, last: str) -> Cable:
    return Cable(
        host=host,
        device="eth0",
        bridge="outside",
        addresses=(f"192.168.1.{last}/24", f"fd00:1::{last}/64"),
    )


def _inside(host: str, device: str, address: str, address6: str) -> Cable:
    return Cable(
        host=host,
        device=device,
        bridge="inside",
        addresses=(f"{address}/24", f"{address6}/64"),
    )
