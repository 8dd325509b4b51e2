"""A table as the `[[virtual_service]]` tables of mon_lvs.toml that declare it."""

from collections.abc import Iterator, Sequence
from typing import Final

from monlvs.director import spelling
from monlvs.director.order import sorted_keys
from monlvs.model.lvs import (
    Entry,
    Family,
    Forwarding,
    Fwmark,
    Listener,
    Pool,
    Protocol,
    ServiceFlags,
    Table,
    Tunnel,
    TunnelType,
    VirtualKey,
    VirtualService,
)

_FORWARDING: Final = {
    Forwarding.MASQ: "nat",
    Forwarding.ROUTE: "dr",
    Forwarding.TUNNEL: "tun",
    Forwarding.LOCAL: "local",
}


def declare(table: Table) -> str:
    """Write TOML that declares every entry of `table`, but for the kernel's defaults.

    An entry that mon_lvs.toml cannot express is found when the text is loaded.
    """
    return "\n".join(
        "\n".join(_virtual_service(table[key])) + "\n" for key in sorted_keys(table)
    )


def _virtual_service(pool: Pool) -> Iterator[str]:
    yield "[[virtual_service]]"
    yield from _key(pool.service.key)
    yield from _balancing(pool.service)
    yield "servers = ["
    for entry in pool.entries.values():
        told = ", ".join(_server(pool.service.key, entry))
        yield f"  {{ {told} }},"
    yield "]"


def _key(key: VirtualKey) -> Iterator[str]:
    match key:
        case Listener():
            yield f'address = "{key.address}"'
            yield f"port = {key.port}"
            if key.protocol is not Protocol.TCP:
                yield f'protocol = "{key.protocol.name.lower()}"'
        case Fwmark():
            yield f"fwmark = {key.mark}"
            if key.family is not Family.IPV4:
                yield f'family = "{key.family.name.lower()}"'


def _balancing(service: VirtualService) -> Iterator[str]:
    yield f"scheduler = {_quoted(service.scheduler)}"
    flags = ["ops"] if service.flags & ServiceFlags.ONE_PACKET else []
    if words := spelling.scheduler_flags(service):
        flags += words.split(",")
    if flags:
        yield f"flags = {_listed(flags)}"
    if service.persistence is not None:
        yield f'persistence = "{int(service.persistence.total_seconds())}s"'
    if service.netmask is not None:
        yield f"netmask = {service.netmask}"
    if service.persistence_engine is not None:
        yield f"pe = {_quoted(service.persistence_engine)}"


def _server(key: VirtualKey, entry: Entry) -> Iterator[str]:
    server = entry.server
    yield f'address = "{server.address}"'
    if server.port != (key.port if isinstance(key, Listener) else 0):
        yield f"port = {server.port}"
    yield f'forwarding = "{_FORWARDING[entry.forwarding]}"'
    yield f"weight = {entry.weight}"
    if entry.upper:
        yield f"upper = {entry.upper}"
    if entry.lower:
        yield f"lower = {entry.lower}"
    if entry.forwarding is Forwarding.TUNNEL and entry.tunnel is not None:
        yield from _tunnel(entry.tunnel)


def _tunnel(tunnel: Tunnel) -> Iterator[str]:
    yield f'tunnel = "{tunnel.type.name.lower()}"'
    if tunnel.type is TunnelType.GUE:
        yield f"tunnel_port = {tunnel.port}"
    if tunnel.type is not TunnelType.IPIP and tunnel.flags.name:
        yield f'tunnel_checksum = "{tunnel.flags.name.lower()}"'


def _listed(words: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, words))}]"


def _quoted(word: str) -> str:
    """Write a basic string of TOML; a table may have any word."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    printable = (c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped)
    return f'"{"".join(printable)}"'
