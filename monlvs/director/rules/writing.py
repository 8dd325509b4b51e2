"""A table as `ipvsadm -Sn` of version 1.31 prints it, byte for byte.

That format drops some of what a table holds, and says so nowhere: see `dropped`.
"""

from collections.abc import Iterator
from typing import TypeGuard

from monlvs.director import spelling
from monlvs.director.order import sorted_keys, sorted_servers
from monlvs.model.lvs import (
    Entry,
    Forwarding,
    Fwmark,
    Listener,
    Pool,
    Table,
    Tunnel,
    TunnelFlags,
    TunnelType,
    VirtualKey,
    VirtualService,
)


def write(table: Table) -> str:
    """Print `table` in ipvsadm's order, each line ending in a newline."""
    return "".join(f"{line}\n" for pool in _pools(table) for line in _lines(pool))


def dropped(table: Table) -> tuple[str, ...]:
    """Name what `write` leaves out or what ipvsadm would not read again, in its order."""
    return tuple(loss for pool in _pools(table) for loss in _losses(pool))


def _pools(table: Table) -> Iterator[Pool]:
    for key in sorted_keys(table):
        yield table[key]


def _entries(pool: Pool) -> Iterator[Entry]:
    for server in sorted_servers(pool.entries):
        yield pool.entries[server]


def _lines(pool: Pool) -> Iterator[str]:
    service = pool.service
    name = _name(service.key)
    yield _service(name, service)
    for entry in _entries(pool):
        words = spelling.entry_words(entry, thresholds=False)
        server = spelling.endpoint(entry.server.address, entry.server.port)
        yield f"-a {name} -r {server} {' '.join(words)}"


def _name(key: VirtualKey) -> str:
    if isinstance(key, Fwmark):
        return spelling.key_option(Fwmark(spelling.signed(key.mark), key.family))
    return spelling.key_option(key)


def _service(name: str, service: VirtualService) -> str:
    words = ["-A", name, "-s", service.scheduler, *spelling.persistence_words(service)]
    if (flags := spelling.printed_flags(service)) is not None:
        words += ["-b", flags]
    return " ".join(words)


def _losses(pool: Pool) -> Iterator[str]:
    service = pool.service
    if isinstance(service.key, Fwmark) and spelling.signed(service.key.mark) < 0:
        yield (
            f"{service.key}: the mark is written as a negative number, which "
            "ipvsadm -R refuses"
        )
    flags = spelling.scheduler_flags(service)
    if flags and flags != spelling.printed_flags(service):
        yield f"{service.key}: the flag flag-3 of {service.scheduler} is not written"
    for entry in _entries(pool):
        if _is_remapped(service.key, entry):
            yield (
                f"{service.key} -> {entry.server}: ipvsadm -R makes the port the virtual "
                "service's, for all but -m"
            )
        if entry.upper or entry.lower:
            yield (
                f"{service.key} -> {entry.server}: the thresholds (upper {entry.upper},"
                f" lower {entry.lower}) are not written"
            )
        if _is_odd(entry.tunnel):
            yield (
                f"{service.key} -> {entry.server}: ipvsadm does not take this checksum "
                f"mode ({' '.join(spelling.checksum_words(entry.tunnel.flags))})"
            )
        if entry.forwarding is Forwarding.LOCAL:
            yield (
                f"{service.key} -> {entry.server}: LocalNode is written as -g, which "
                "the kernel takes alike"
            )


def _is_odd(tunnel: Tunnel | None) -> TypeGuard[Tunnel]:
    """Whether a checksum mode is none of ipvsadm's; the kernel takes any bits."""
    if tunnel is None:
        return False
    known = [TunnelFlags.NOCSUM, TunnelFlags.CSUM]
    if tunnel.type is TunnelType.GUE:
        known.append(TunnelFlags.REMCSUM)
    return tunnel.flags not in known


def _is_remapped(key: VirtualKey, entry: Entry) -> bool:
    return (
        isinstance(key, Listener)
        and entry.forwarding is not Forwarding.MASQ
        and entry.server.port != key.port
    )
