"""Tables as lists, dicts and scalars: for JSON to people and for state files.

Numbers of seconds for times, names in lower case for enums, None for what is not there.
Reading raises KeyError, TypeError or ValueError for what was not written here.
"""

from datetime import timedelta
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any, TypeAlias, assert_never

from monlvs.model.lvs import (
    Entry,
    Family,
    Forwarding,
    Fwmark,
    Listener,
    Pool,
    Protocol,
    RealServer,
    ServiceFlags,
    Tunnel,
    TunnelFlags,
    TunnelType,
    VirtualKey,
    VirtualService,
)

Plain: TypeAlias = dict[str, Any]


def key_to_plain(key: VirtualKey) -> Plain:
    """Tell a virtual service's key."""
    match key:
        case Listener():
            return {
                "protocol": key.protocol.name.lower(),
                "address": str(key.address),
                "port": key.port,
            }
        case Fwmark():
            return {"fwmark": key.mark, "family": key.family.name.lower()}
        case _:
            assert_never(key)


def key_from_plain(data: Plain) -> VirtualKey:
    """Undo `key_to_plain`."""
    if "fwmark" in data:
        return Fwmark(int(data["fwmark"]), Family[data["family"].upper()])
    return Listener(
        Protocol[data["protocol"].upper()],
        ip_address(data["address"]),
        int(data["port"]),
    )


def service_to_plain(service: VirtualService) -> Plain:
    """Tell a virtual service, without its key's name for it."""
    held = service.persistence
    return {
        **key_to_plain(service.key),
        "scheduler": service.scheduler,
        "flags": int(service.flags),
        "persistence": None if held is None else int(held.total_seconds()),
        "netmask": service.netmask,
        "persistence_engine": service.persistence_engine,
    }


def service_from_plain(data: Plain) -> VirtualService:
    """Undo `service_to_plain`."""
    held = data["persistence"]
    return VirtualService(
        key=key_from_plain(data),
        scheduler=str(data["scheduler"]),
        flags=ServiceFlags(data["flags"]),
        persistence=None if held is None else timedelta(seconds=held),
        netmask=data["netmask"],
        persistence_engine=data["persistence_engine"],
    )


def server_to_plain(server: RealServer) -> Plain:
    """Tell a real server's key."""
    return {"address": str(server.address), "port": server.port}


def server_from_plain(data: Plain) -> RealServer:
    """Undo `server_to_plain`."""
    return RealServer(ip_address(data["address"]), int(data["port"]))


def entry_to_plain(entry: Entry) -> Plain:
    """Tell a real server's entry."""
    tunnel = entry.tunnel
    return {
        **server_to_plain(entry.server),
        "forwarding": entry.forwarding.name.lower(),
        "weight": entry.weight,
        "upper": entry.upper,
        "lower": entry.lower,
        "tunnel": None
        if tunnel is None
        else {
            "type": tunnel.type.name.lower(),
            "port": tunnel.port,
            "flags": int(tunnel.flags),
        },
    }


def entry_from_plain(data: Plain) -> Entry:
    """Undo `entry_to_plain`."""
    tunnel = data["tunnel"]
    return Entry(
        server=server_from_plain(data),
        forwarding=Forwarding[data["forwarding"].upper()],
        weight=int(data["weight"]),
        upper=int(data["upper"]),
        lower=int(data["lower"]),
        tunnel=None
        if tunnel is None
        else Tunnel(
            type=TunnelType[tunnel["type"].upper()],
            port=int(tunnel["port"]),
            flags=TunnelFlags(tunnel["flags"]),
        ),
    )


def pool_to_plain(pool: Pool) -> Plain:
    """Tell a virtual service with its real servers."""
    return {
        **service_to_plain(pool.service),
        "servers": [entry_to_plain(entry) for entry in pool.entries.values()],
    }


def pool_from_plain(data: Plain) -> Pool:
    """Undo `pool_to_plain`."""
    entries = [entry_from_plain(each) for each in data["servers"]]
    return Pool(
        service=service_from_plain(data),
        entries=MappingProxyType({entry.server: entry for entry in entries}),
    )
