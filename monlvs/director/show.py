"""A reading of the table for people, as `ipvsadm -Ln` prints it, and for programs.

ipvsadm sorts by the difference of two addresses in 32 bits with a sign, so that
192.168.0.0 comes before 10.0.0.0; here too, that both can be held side by side.
"""

from collections.abc import Iterator
from functools import cmp_to_key
from typing import Any, Final

from monlvs.director import plain, spelling
from monlvs.director.codec import Info
from monlvs.director.table import Reading
from monlvs.model.lvs import (
    Counters,
    Entry,
    Family,
    Forwarding,
    Fwmark,
    Pool,
    RealServer,
    ServiceFlags,
    VirtualKey,
    VirtualService,
)
from monlvs.model.values import Address

_FORWARDING: Final = {
    Forwarding.MASQ: "Masq",
    Forwarding.LOCAL: "Local",
    Forwarding.TUNNEL: "Tunnel",
    Forwarding.ROUTE: "Route",
}
_NOBODY: Final = Counters()
KERNEL: Final = Info((1, 2, 1), 4096)
"""What most kernels answer about themselves."""


def show(reading: Reading, info: Info = KERNEL) -> str:
    """Print `reading` as `ipvsadm -Ln` prints the same table, ending in a newline."""
    version = ".".join(map(str, info.version))
    lines = [
        f"IP Virtual Server version {version} (size={info.connection_table})",
        "Prot LocalAddress:Port Scheduler Flags",
        "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn",
    ]
    for key in sorted(reading.table, key=cmp_to_key(_compare_keys)):
        pool = reading.table[key]
        lines.append(service_line(pool.service))
        lines += (
            _entry_line(entry, counters) for entry, counters in _rows(reading, pool)
        )
    return "\n".join(lines) + "\n"


def service_line(service: VirtualService) -> str:
    """Print the line of a virtual service."""
    words = [f"{_name(service.key)} {service.scheduler}"]
    if flags := spelling.scheduler_flags(service):
        words.append(f"({flags})")
    if service.persistence is not None:
        words.append(f"persistent {int(service.persistence.total_seconds())}")
    if mask := spelling.netmask(service):
        words.append(f"mask {mask}")
    if service.persistence_engine:
        words.append(f"pe {service.persistence_engine}")
    if service.flags & ServiceFlags.ONE_PACKET:
        words.append("ops")
    return " ".join(words)


def to_plain(reading: Reading) -> list[dict[str, Any]]:
    """Tell `reading` as lists, dicts and scalars, in the order of `show`."""
    found: list[dict[str, Any]] = []
    for key in sorted(reading.table, key=cmp_to_key(_compare_keys)):
        pool = reading.table[key]
        servers = [
            {
                **plain.entry_to_plain(entry),
                "active": counters.active,
                "inactive": counters.inactive,
                "persistent": counters.persistent,
            }
            for entry, counters in _rows(reading, pool)
        ]
        found.append({**plain.service_to_plain(pool.service), "servers": servers})
    return found


def _rows(reading: Reading, pool: Pool) -> Iterator[tuple[Entry, Counters]]:
    key = pool.service.key
    for server in sorted(pool.entries, key=cmp_to_key(_compare_servers)):
        yield pool.entries[server], reading.counters.get((key, server), _NOBODY)


def _name(key: VirtualKey) -> str:
    if isinstance(key, Fwmark):
        family = " IPv6" if key.family is Family.IPV6 else ""
        return f"FWM  {key.mark}{family}"
    host = f"[{key.address}]" if key.address.version == 6 else str(key.address)
    return f"{key.protocol.name:<4} {host}:{key.port}"


def _entry_line(entry: Entry, counters: Counters) -> str:
    method = _FORWARDING[entry.forwarding]
    return (
        f"  -> {entry.server!s:<28} {method:<7} {entry.weight:<6} "
        f"{counters.active:<10} {counters.inactive:<10}"
    )


def _words(address: Address) -> tuple[int, ...]:
    raw = address.packed.ljust(16, b"\0")
    return tuple(int.from_bytes(raw[at : at + 4], "big") for at in range(0, 16, 4))


def _compare_addresses(first: Address, second: Address) -> int:
    for one, two in zip(_words(first), _words(second), strict=True):
        if one != two:
            return -1 if (one - two) & 0x80000000 else 1
    return 0


def _compare_servers(first: RealServer, second: RealServer) -> int:
    by_address = _compare_addresses(first.address, second.address)
    return by_address or first.port - second.port


def _compare_keys(first: VirtualKey, second: VirtualKey) -> int:
    """By mark, family, protocol, address, port; what has no mark comes first."""
    one, two = _rank(first), _rank(second)
    if one != two or isinstance(first, Fwmark) or isinstance(second, Fwmark):
        return -1 if one < two else 1
    by_address = _compare_addresses(first.address, second.address)
    return by_address or first.port - second.port


def _rank(key: VirtualKey) -> tuple[int, int, int]:
    if isinstance(key, Fwmark):
        return key.mark, key.family, 0
    return 0, key.family, key.protocol
