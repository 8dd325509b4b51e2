"""Answers from IPVS: bytes in, values out.

A dump repeats itself every few seconds, so an entry's constant part is decoded once and
found again by its bytes: what has not changed costs a slice and a look-up, and is the
same object as before, which makes it quick to compare as well.
"""

import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from monlvs.director.codec.encode import Timeouts
from monlvs.director.codec.numbers import (
    FORWARD_MASK,
    TYPE_MASK,
    CommandAttribute,
    DaemonAttribute,
    DestAttribute,
    InfoAttribute,
    ServiceAttribute,
    StatsAttribute,
)
from monlvs.model.lvs import (
    Counters,
    Entry,
    Family,
    Forwarding,
    Fwmark,
    Listener,
    Protocol,
    RealServer,
    ServiceFlags,
    Tunnel,
    TunnelFlags,
    TunnelType,
    VirtualKey,
    VirtualService,
)
from monlvs.model.sync import SyncDaemon, SyncRole
from monlvs.model.traffic import Traffic
from monlvs.model.values import Address

_HEADER = struct.Struct("=HH")
_U32 = struct.Struct("=I")
_U16 = struct.Struct("=H")
_GENL_LENGTH: Final = 4

Attributes = dict[int, bytes]


class DecodeError(ValueError):
    """The kernel's answer is not what linux/ip_vs.h describes."""


@dataclass(frozen=True, slots=True)
class Info:
    """The answer to GET_INFO."""

    version: tuple[int, int, int]
    connection_table: int
    """Buckets of the connection table."""


def attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Walk (type, value) over one level of netlink attributes.

    Raises DecodeError where a length does not fit.
    """
    offset, end = 0, len(data)
    while offset + _HEADER.size <= end:
        length, kind = _HEADER.unpack_from(data, offset)
        if length < _HEADER.size or offset + length > end:
            raise DecodeError(f"attribute {kind} of length {length} at byte {offset}")
        yield kind & TYPE_MASK, data[offset + 4 : offset + length]
        offset += (length + 3) & ~3


def _nest(message: bytes, wanted: CommandAttribute) -> Attributes:
    for kind, value in attributes(message[_GENL_LENGTH:]):
        if kind == wanted:
            return dict(attributes(value))
    raise DecodeError(f"no {wanted.name} in the answer")


def _u16(found: Attributes, kind: int, default: int = 0) -> int:
    raw = found.get(kind)
    return default if raw is None else int(_U16.unpack_from(raw)[0])


def _u32(found: Attributes, kind: int, default: int = 0) -> int:
    raw = found.get(kind)
    return default if raw is None else int(_U32.unpack_from(raw)[0])


def _be16(found: Attributes, kind: int) -> int:
    return int.from_bytes(found.get(kind, b"\0\0")[:2], "big")


def _text(found: Attributes, kind: int) -> str:
    return found.get(kind, b"").split(b"\0", 1)[0].decode("ascii", "replace")


def _address(raw: bytes, family: int) -> Address:
    if family == Family.IPV4:
        return IPv4Address(raw[:4])
    return IPv6Address(raw[:16])


def _key(found: Attributes) -> VirtualKey:
    family = Family(_u16(found, ServiceAttribute.AF))
    if ServiceAttribute.FWMARK in found:
        return Fwmark(_u32(found, ServiceAttribute.FWMARK), family)
    return Listener(
        Protocol(_u16(found, ServiceAttribute.PROTOCOL)),
        _address(found[ServiceAttribute.ADDR], family),
        _be16(found, ServiceAttribute.PORT),
    )


def _prefix(found: Attributes, family: Family) -> int | None:
    """Give the persistence netmask's prefix length; None when it masks nothing."""
    raw = found.get(ServiceAttribute.NETMASK)
    if raw is None:
        return None
    if family is Family.IPV4:
        mask = int.from_bytes(raw[:4], "big")
        prefix = mask.bit_count()
        if mask != 0xFFFFFFFF << (32 - prefix) & 0xFFFFFFFF:
            raise ValueError(f"netmask {IPv4Address(mask)}, which is no prefix")
        return None if prefix == 32 else prefix
    prefix = _u32(found, ServiceAttribute.NETMASK)
    return None if prefix == 128 else prefix


def decode_service(message: bytes) -> VirtualService:
    """Read one message of a dump of services (from its generic netlink header on).

    Persistence is told by `persistence`, not by its flag; HASHED is the kernel's own
    and left out; a netmask means something only with persistence. Raises DecodeError.
    """
    try:
        found = _nest(message, CommandAttribute.SERVICE)
        key = _key(found)
        flags = ServiceFlags(_u32(found, ServiceAttribute.FLAGS))
        persistent = bool(flags & ServiceFlags.PERSISTENT)
        timeout = timedelta(seconds=_u32(found, ServiceAttribute.TIMEOUT))
        return VirtualService(
            key=key,
            scheduler=_text(found, ServiceAttribute.SCHED_NAME),
            flags=flags & ~(ServiceFlags.PERSISTENT | ServiceFlags.HASHED),
            persistence=timeout if persistent else None,
            netmask=_prefix(found, key.family) if persistent else None,
            persistence_engine=_text(found, ServiceAttribute.PE_NAME) or None,
        )
    except (KeyError, ValueError, struct.error) as error:
        raise DecodeError(f"virtual service: {error}") from error


def _entry(found: Attributes, family: int) -> Entry:
    forwarding = Forwarding(_u32(found, DestAttribute.FWD_METHOD) & FORWARD_MASK)
    tunnel = None
    if forwarding is Forwarding.TUNNEL:
        wrapping = TunnelType(found.get(DestAttribute.TUN_TYPE, b"\0")[0])
        if wrapping is not TunnelType.IPIP:  # which has neither port nor flags
            tunnel = Tunnel(
                type=wrapping,
                port=_be16(found, DestAttribute.TUN_PORT),
                flags=TunnelFlags(_u16(found, DestAttribute.TUN_FLAGS)),
            )
    return Entry(
        server=RealServer(
            _address(found[DestAttribute.ADDR], family),
            _be16(found, DestAttribute.PORT),
        ),
        forwarding=forwarding,
        weight=_u32(found, DestAttribute.WEIGHT),
        upper=_u32(found, DestAttribute.U_THRESH),
        lower=_u32(found, DestAttribute.L_THRESH),
        tunnel=tunnel,
    )


# `ip_vs_genl_fill_dest` writes the constant attributes ADDR .. L_THRESH first, 84 bytes
# since tunnels have types (5.3), then the three counters and ADDR_FAMILY.
_DEST_START: Final = 8  # generic netlink header, header of the nested attribute
_CONSTANT: Final = 84
_COUNTERS: Final = struct.Struct("=HHIHHIHHIHHH")


_LAYOUT: Final = struct.Struct("=HH16sHH2sxxHHIHHIHHBxxxHH2sxxHHHxxHHIHHI")
_LAYOUT_TYPES: Final = (1, 2, 3, 4, 13, 14, 15, 5, 6)


@lru_cache(maxsize=1 << 17)
def _known_entry(constant: bytes, family: int) -> Entry:
    found = _LAYOUT.unpack(constant)
    if found[1::3] != _LAYOUT_TYPES:
        raise DecodeError("another order of attributes")
    address, port, method, weight, _, _, _, upper, lower = found[2::3]
    if method & FORWARD_MASK == Forwarding.TUNNEL:
        return _entry(dict(attributes(constant)), family)
    return Entry(
        server=RealServer(_address(address, family), int.from_bytes(port, "big")),
        forwarding=Forwarding(method & FORWARD_MASK),
        weight=weight,
        upper=upper,
        lower=lower,
    )


def decode_destination(message: bytes, family: Family) -> tuple[Entry, Counters]:
    """Read one message of a dump of real servers (from its generic netlink header on).

    `family` is the virtual service's: kernels before 3.18 do not tell an entry's own.
    Raises DecodeError.
    """
    try:
        head = _COUNTERS.unpack_from(message, _DEST_START + _CONSTANT)
        if head[0:10:3] == (8, 8, 8, 6) and head[1:11:3] == (7, 8, 9, 11):
            entry = _known_entry(message[8 : 8 + _CONSTANT], head[11])
            active, inactive, persistent = head[2], head[5], head[8]
            return entry, _counters(active, inactive, persistent)
    except (struct.error, DecodeError, KeyError, ValueError):
        pass  # not that layout: read it attribute by attribute
    return _decode_any_layout(message, family)


@lru_cache(maxsize=4096)
def _counters(active: int, inactive: int, persistent: int) -> Counters:
    return Counters(active=active, inactive=inactive, persistent=persistent)


def _decode_any_layout(message: bytes, family: Family) -> tuple[Entry, Counters]:
    try:
        found = _nest(message, CommandAttribute.DEST)
        own = _u16(found, DestAttribute.ADDR_FAMILY, family)
        return _entry(found, own), _counters(
            _u32(found, DestAttribute.ACTIVE_CONNS),
            _u32(found, DestAttribute.INACT_CONNS),
            _u32(found, DestAttribute.PERSIST_CONNS),
        )
    except (KeyError, ValueError, struct.error) as error:
        raise DecodeError(f"real server: {error}") from error


def decode_info(message: bytes) -> Info:
    """Read the answer to GET_INFO. Raises DecodeError."""
    found = dict(attributes(message[_GENL_LENGTH:]))
    version = _u32(found, InfoAttribute.VERSION)
    return Info(
        (version >> 16 & 0xFF, version >> 8 & 0xFF, version & 0xFF),
        _u32(found, InfoAttribute.CONN_TAB_SIZE),
    )


def decode_timeouts(message: bytes) -> Timeouts:
    """Read the answer to GET_CONFIG. Raises DecodeError."""
    found = dict(attributes(message[_GENL_LENGTH:]))

    def seconds(kind: CommandAttribute) -> timedelta:
        return timedelta(seconds=_u32(found, kind))

    return Timeouts(
        tcp=seconds(CommandAttribute.TIMEOUT_TCP),
        tcp_fin=seconds(CommandAttribute.TIMEOUT_TCP_FIN),
        udp=seconds(CommandAttribute.TIMEOUT_UDP),
    )


def decode_sync(message: bytes) -> SyncDaemon:
    """Read one message of a dump of sync daemons. Raises DecodeError."""
    try:
        found = _nest(message, CommandAttribute.DAEMON)
        group: Address | None = None
        if raw := found.get(DaemonAttribute.MCAST_GROUP):
            group = IPv4Address(raw[:4])
        elif raw := found.get(DaemonAttribute.MCAST_GROUP6):
            group = IPv6Address(raw[:16])
        return SyncDaemon(
            role=SyncRole(_u32(found, DaemonAttribute.STATE)),
            interface=_text(found, DaemonAttribute.MCAST_IFN),
            sync_id=_u32(found, DaemonAttribute.SYNC_ID),
            max_length=_u16(found, DaemonAttribute.SYNC_MAXLEN),
            group=group,
            port=_u16(found, DaemonAttribute.MCAST_PORT),
            ttl=found.get(DaemonAttribute.MCAST_TTL, b"\0")[0],
        )
    except (IndexError, ValueError, struct.error) as error:
        raise DecodeError(f"sync daemon: {error}") from error


def decode_service_traffic(message: bytes) -> tuple[VirtualKey, Traffic]:
    """Read a virtual service's counts from a dump of services. Raises DecodeError."""
    try:
        found = _nest(message, CommandAttribute.SERVICE)
        return _key(found), _traffic(found, ServiceAttribute)
    except (KeyError, ValueError, struct.error) as error:
        raise DecodeError(f"virtual service: {error}") from error


def decode_server_traffic(message: bytes, family: Family) -> tuple[RealServer, Traffic]:
    """Read a real server's counts from a dump; `family` as in `decode_destination`."""
    try:
        found = _nest(message, CommandAttribute.DEST)
        own = _u16(found, DestAttribute.ADDR_FAMILY, family)
        server = RealServer(
            _address(found[DestAttribute.ADDR], own), _be16(found, DestAttribute.PORT)
        )
        return server, _traffic(found, DestAttribute)
    except (KeyError, ValueError, struct.error) as error:
        raise DecodeError(f"real server: {error}") from error


_COUNTED: Final = tuple(
    zip((field.name for field in fields(Traffic)), StatsAttribute, strict=True)
)


def _traffic(
    found: Attributes, kinds: type[ServiceAttribute] | type[DestAttribute]
) -> Traffic:
    """Read STATS64, or STATS of kernels before 4.1, which count in 32 bits."""
    raw = found.get(kinds.STATS64)
    stats = dict(attributes(raw if raw is not None else found.get(kinds.STATS, b"")))
    # A number is as long as its attribute: some are of 32 bits, some of 64.
    return Traffic(
        **{
            name: int.from_bytes(stats.get(kind, b""), sys.byteorder)
            for name, kind in _COUNTED
        },
    )
