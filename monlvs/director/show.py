"""A reading of the table for people, as `ipvsadm -Ln` prints it, and for programs."""

from collections.abc import Iterator
from typing import Any, Final

from monlvs.director import plain, spelling
from monlvs.director.codec import Info
from monlvs.director.order import sorted_keys, sorted_servers
from monlvs.director.table import Reading
from monlvs.model.lvs import (
    Counters,
    Entry,
    Family,
    Forwarding,
    Fwmark,
    Pool,
    ServiceFlags,
    VirtualKey,
    VirtualService,
)

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
    for key in sorted_keys(reading.table):
        pool = reading.table[key]
        lines.append(service_line(pool.service))
        lines += (
            _entry_line(entry, counters) for entry, counters in _rows(reading, pool)
        )
    return "\n".join(lines) + "\n"


def service_line(service: VirtualService) -> str:
    """Print the line of a virtual service."""
    words = [f"{key_name(service.key)} {service.scheduler}"]
    if (flags := spelling.printed_flags(service)) is not None:
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
    for key in sorted_keys(reading.table):
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


def key_name(key: VirtualKey) -> str:
    """Name a virtual service as ipvsadm's lists do."""
    if isinstance(key, Fwmark):
        family = " IPv6" if key.family is Family.IPV6 else ""
        return f"FWM  {spelling.signed(key.mark)}{family}"
    return f"{key.protocol.name:<4} {spelling.endpoint(key.address, key.port)}"


def _rows(reading: Reading, pool: Pool) -> Iterator[tuple[Entry, Counters]]:
    key = pool.service.key
    for server in sorted_servers(pool.entries):
        yield pool.entries[server], reading.counters.get((key, server), _NOBODY)


def _entry_line(entry: Entry, counters: Counters) -> str:
    method = _FORWARDING[entry.forwarding]
    server = spelling.endpoint(entry.server.address, entry.server.port)
    return (
        f"  -> {server:<28} {method:<7} {entry.weight:<6} "
        f"{counters.active:<10} {counters.inactive:<10}"
    )
