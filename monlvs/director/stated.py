"""What a configuration states, completed from what stood: nothing unstated is changed.

What a statement leaves open is as it stands, else as it last stood, else the kernel's
default. Values that come in as memories are canonical, and so is what goes out.
"""

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Final

from monlvs.director.canonical import canonical_entry, canonical_service, same_entry
from monlvs.model.lvs import (
    Entry,
    EntrySpec,
    Forwarding,
    RealServer,
    ServiceFlags,
    ServiceSpec,
    VirtualService,
)


def service_as_stated(
    spec: ServiceSpec, memory: VirtualService | None
) -> VirtualService:
    """Complete `spec` from `memory`; `memory` itself, if that is the same.

    Flags and engines that a new scheduler, or the lack of persistence, leaves without
    a meaning are not carried over.
    """
    if memory is None:
        memory = VirtualService(key=spec.key)
    scheduler = memory.scheduler if spec.scheduler is None else spec.scheduler
    held = memory.persistence if spec.persistence is None else spec.persistence
    service = canonical_service(
        VirtualService(
            key=spec.key,
            scheduler=scheduler,
            flags=_flags(spec, memory, scheduler),
            persistence=held or None,
            netmask=memory.netmask if spec.netmask is None else spec.netmask,
            persistence_engine=_engine(spec, memory, held or None),
        )
    )
    return memory if service == memory else service


def _flags(spec: ServiceSpec, memory: VirtualService, scheduler: str) -> ServiceFlags:
    if spec.flags is not None:
        return spec.flags
    if scheduler == memory.scheduler:
        return memory.flags
    return memory.flags & ServiceFlags.ONE_PACKET


def _engine(
    spec: ServiceSpec, memory: VirtualService, held: timedelta | None
) -> str | None:
    if spec.persistence_engine is not None:
        return spec.persistence_engine or None
    dropped = held is None and memory.persistence is not None
    return None if dropped else memory.persistence_engine


def entry_as_stated(
    spec: EntrySpec, found: Entry | None, memory: Entry | None
) -> Entry:
    """Complete `spec` from `memory`; the entry that was found, if that is the same."""
    if found is not None and found is memory and _agrees(spec, found):
        return found
    if memory is None:
        memory = _usual(spec)
    entry = canonical_entry(
        Entry(
            server=spec.server,
            forwarding=memory.forwarding
            if spec.forwarding is None
            else spec.forwarding,
            weight=memory.weight if spec.weight is None else spec.weight,
            upper=memory.upper if spec.upper is None else spec.upper,
            lower=memory.lower if spec.lower is None else spec.lower,
            tunnel=memory.tunnel if spec.tunnel is None else spec.tunnel,
        )
    )
    return found if found is not None and same_entry(found, entry) else entry


_MASQ: Final = Entry(server=RealServer(IPv4Address(0), 0))
_ROUTE: Final = replace(_MASQ, forwarding=Forwarding.ROUTE)


def _usual(spec: EntrySpec) -> Entry:
    """Return an entry of the kernel's defaults, for all but its server."""
    if spec.forwarding is None and spec.server.address.is_loopback:
        return _ROUTE
    return _MASQ


def _agrees(spec: EntrySpec, found: Entry) -> bool:
    """Whether `found` is all that `spec` states (a tunnel stated is compared whole)."""
    return (
        spec.tunnel is None
        and spec.weight in (None, found.weight)
        and spec.forwarding in (None, found.forwarding)
        and spec.upper in (None, found.upper)
        and spec.lower in (None, found.lower)
    )
