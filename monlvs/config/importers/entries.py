"""Virtual services and real servers of a blueprint as the tables that state them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from monlvs.config.importers.blueprint import PlannedVirtual, entry_for
from monlvs.config.tomltext import spelled
from monlvs.model.lvs import (
    EntrySpec,
    Family,
    Forwarding,
    Fwmark,
    Listener,
    Protocol,
    RealServer,
    TunnelType,
    VirtualKey,
)

FORWARDING: Final = {
    Forwarding.MASQ: "nat",
    Forwarding.ROUTE: "dr",
    Forwarding.TUNNEL: "tun",
    Forwarding.LOCAL: "local",
}


def usual(specs: Sequence[EntrySpec]) -> Forwarding:
    """Return the method of most servers."""
    methods = Counter(spec.forwarding or Forwarding.MASQ for spec in specs)
    return methods.most_common(1)[0][0] if methods else Forwarding.MASQ


def server(spec: EntrySpec, key: VirtualKey, method: Forwarding | None) -> str:
    """Spell a real server; `method` is the one that goes without saying."""
    told = entry_for(spec, key)
    port = key.port if isinstance(key, Listener) else 0
    table: dict[str, Any] = {"address": str(told.server.address)}
    if told.server.port != port:
        table["port"] = told.server.port
    if told.forwarding is not None and told.forwarding is not method:
        table["forwarding"] = FORWARDING[told.forwarding]
    # A weight that is left open would stay 0 where the other program has quiesced it.
    table["weight"] = 1 if told.weight is None else told.weight
    for word in ("upper", "lower"):
        if getattr(told, word):
            table[word] = getattr(told, word)
    table |= _tunnel(told)
    return spelled(table)


def virtual(key: VirtualKey) -> dict[str, Any]:
    """Return what names a virtual service in `[[virtual_service]]`."""
    match key:
        case Fwmark():
            ipv6 = {"family": "ipv6"} if key.family is Family.IPV6 else {}
            return {"fwmark": key.mark} | ipv6
        case Listener():
            stated = {"address": str(key.address), "port": key.port}
            return stated | _protocol(key)


def vip(key: Listener) -> dict[str, Any]:
    """Return what names a virtual service in `[[lvs]]`."""
    return {"vip": str(RealServer(key.address, key.port))} | _protocol(key)


def guard(spec: EntrySpec, key: VirtualKey) -> dict[str, Any]:
    """Return the virtualserver line that binds an entry to a service's health."""
    told = entry_for(spec, key).server
    table: dict[str, Any] = {"name": "virtualserver"}
    match key:
        case Fwmark():
            table["fwmark"] = key.mark
            if (told.address.version == 6) is not (key.family is Family.IPV6):
                table["family"] = key.family.name.lower()
        case Listener(port=0):
            table |= {"virtual": str(key.address)} | _protocol(key)
        case Listener():
            table |= {"virtual": str(RealServer(key.address, key.port))}
            table |= _protocol(key)
    table["real"] = str(told) if told.port else str(told.address)
    return table


def balancing(
    planned: PlannedVirtual, key: VirtualKey, method: Forwarding | None
) -> dict[str, Any]:
    """Return the attributes of one of the virtual services, its fallback among them."""
    told = dict(planned.attributes)
    if planned.fallback is None:
        return told
    return told | {"fallback": Spelled(server(planned.fallback, key, method))}


class Spelled(str):
    """TOML already."""

    __slots__ = ()


def pairs(values: dict[str, Any]) -> list[str]:
    """Spell keys with their values, one a line."""
    return [
        f"{name} = {value if isinstance(value, Spelled) else spelled(value)}"
        for name, value in values.items()
        if value is not None
    ]


def _protocol(key: Listener) -> dict[str, Any]:
    if key.protocol is Protocol.TCP:
        return {}
    return {"protocol": key.protocol.name.lower()}


def _tunnel(spec: EntrySpec) -> dict[str, Any]:
    if spec.forwarding is not Forwarding.TUNNEL or spec.tunnel is None:
        return {}
    table: dict[str, Any] = {"tunnel": spec.tunnel.type.name.lower()}
    if spec.tunnel.type is TunnelType.GUE:
        table["tunnel_port"] = spec.tunnel.port
    if spec.tunnel.type is not TunnelType.IPIP:
        table["tunnel_checksum"] = str(spec.tunnel.flags.name).lower()
    return table
