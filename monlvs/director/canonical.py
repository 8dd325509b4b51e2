"""One value for what the kernel keeps as one: so that equal means equal.

The kernel normalises what it is given and adds marks of its own. Two spellings that it
keeps alike must compare equal, or a difference would be repaired for ever.
"""

from dataclasses import replace
from typing import Final

from monlvs.model.lvs import (
    Entry,
    Family,
    Forwarding,
    ServiceFlags,
    TunnelType,
    VirtualService,
)

_WHOLE: Final = {Family.IPV4: 32, Family.IPV6: 128}
_NOT_OURS: Final = ServiceFlags.PERSISTENT | ServiceFlags.HASHED


def canonical_service(service: VirtualService) -> VirtualService:
    """Tell persistence by its time alone, and a netmask only where it masks.

    HASHED is the kernel's own mark; PERSISTENT is told by `persistence`. Without
    persistence a netmask has no meaning, and one of full length masks nothing.
    """
    flags = service.flags & ~_NOT_OURS
    netmask = service.netmask
    if service.persistence is None or netmask == _WHOLE[service.key.family]:
        netmask = None
    if flags == service.flags and netmask == service.netmask:
        return service
    return replace(service, flags=flags, netmask=netmask)


def canonical_entry(entry: Entry) -> Entry:
    """Tell a tunnel only where it is more than IPIP, which has no port and no flags."""
    if entry.tunnel is None:
        return entry
    plain = entry.tunnel.type is TunnelType.IPIP
    if entry.forwarding is Forwarding.TUNNEL and not plain:
        return entry
    return replace(entry, tunnel=None)


def same_entry(current: Entry, desired: Entry) -> bool:
    """Whether `current` is what one gets by asking for `desired` (both canonical).

    Kernels before 2.6.37 answered `Local` for an address of the director's own whatever
    had been asked for, and `Local` cannot be asked for: it satisfies every method.
    """
    if current is desired or current == desired:
        return True
    return current.forwarding is Forwarding.LOCAL and (
        replace(current, forwarding=desired.forwarding, tunnel=desired.tunnel)
        == desired
    )
