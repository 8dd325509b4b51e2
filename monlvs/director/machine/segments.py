"""How large TCP segments may be that come through VS-TUN's tunnels: pure.

A client that is told the real server's own size (MSS) fills its packets, and with the
tunnel's headers they do not fit any more.
"""

from collections.abc import Iterator, Sequence
from typing import Final, assert_never

from monlvs.director.machine.roles import NOWHERE, Role
from monlvs.director.machine.settings import SegmentLimit
from monlvs.director.machine.surroundings import Surroundings
from monlvs.model.lvs import Listener, Protocol, Tunnel, TunnelFlags, TunnelType
from monlvs.model.values import Address

ETHERNET: Final = 1500
"""Bytes that clients' packets have at most, and a wire carries that is not known."""

_HEADERS: Final = {4: 20, 6: 40}
"""Bytes of the outer packet's header, by family."""
_GRE: Final = 4
_GRE_CHECKSUM: Final = 4  # net/gre.h, gre_calc_hlen
_GUE: Final = 8 + 4  # linux/udp.h, net/gue.h: struct udphdr, struct guehdr
_GUE_OFFLOAD: Final = 4 + 4  # net/gue.h, GUE_LEN_PRIV, GUE_PLEN_REMCSUM
_TCP_AND_IP: Final = {4: 40, 6: 60}


def overhead(tunnel: Tunnel, version: int) -> int:
    """Return the bytes that `tunnel` adds to a packet; `version`: of the outer one.

    As the kernel counts them (net/netfilter/ipvs/ip_vs_xmit.c).
    """
    more = 0
    match tunnel.type:
        case TunnelType.IPIP:
            pass
        case TunnelType.GRE:
            more = _GRE
            if tunnel.flags & TunnelFlags.CSUM:
                more += _GRE_CHECKSUM
        case TunnelType.GUE:
            more = _GUE
            if tunnel.flags & TunnelFlags.REMCSUM:
                more += _GUE_OFFLOAD
        case _:
            assert_never(tunnel.type)
    return _HEADERS[version] + more


def segment(room: int, vip: Address) -> int:
    """Return the data that a packet to `vip` of at most `room` bytes has room for."""
    return room - _TCP_AND_IP[vip.version]


def limits(
    roles: Sequence[Role], server: Surroundings, director: Surroundings = NOWHERE
) -> tuple[SegmentLimit, ...]:
    """Say which VIPs of one machine's `roles` have to ask for smaller segments.

    `server` and `director` are what a look at the machines found; what is not known of
    a wire is taken for Ethernet's.
    """
    found: dict[Address, SegmentLimit] = {}
    for limit in _limits(roles, server, director):
        other = found.setdefault(limit.address, limit)
        if limit.size < other.size:
            found[limit.address] = limit
    return tuple(found.values())


def _limits(
    roles: Sequence[Role], server: Surroundings, director: Surroundings
) -> Iterator[SegmentLimit]:
    for role in roles:
        if role.tunnel is None or not isinstance(role.key, Listener):
            continue
        if role.key.protocol is not Protocol.TCP:
            continue
        vip, over = role.key.address, overhead(role.tunnel, role.server.version)
        home, towards = server.holder(role.server), director.towards(role.server)
        ends = (home, director.device(towards or ""))
        # An address may be on the loopback, which says nothing of the wire.
        wires = [each for each in ends if each and not each.loopback]
        room = min([each.mtu for each in wires if each.mtu] or [ETHERNET])
        outside = director.holder(vip)
        largest = min(ETHERNET, (outside and outside.mtu) or ETHERNET)
        if room < largest + over:
            yield SegmentLimit(
                address=vip,
                size=segment(room - over, vip),
                because=f"of {room} bytes {over} are the tunnel's: larger segments do "
                "not fit",
            )
