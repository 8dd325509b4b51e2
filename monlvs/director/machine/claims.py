"""Whether a VIP may be taken: nobody else but its own real servers may answer for it.

A real server that answers for the VIP is set up wrongly (the HOWTO's ARP problem), and
an LVS without its VIP serves nobody; another machine is another director, or a mistake.
"""

from collections.abc import Iterable, Sequence

from monlvs.director.machine import neighbours
from monlvs.director.machine.settings import DeviceAddress
from monlvs.model.values import Address

_MOST_ASKED = 1024
"""Real servers of one device that are asked who they are."""


def claimed(
    vips: Sequence[DeviceAddress], servers: Iterable[Address]
) -> dict[Address, str]:
    """Ask the wire; return the VIPs that others have, and by which hardware address.

    Raises OSError.
    """
    asked = [
        (vip.device, vip.interface.ip)
        for vip in vips
        if vip.device is not None and vip.device != "lo"
    ]
    answers = neighbours.who_has(asked)
    if not answers:
        return {}
    devices = {device for device, address in asked if address in answers}
    several = list(servers)[:_MOST_ASKED]
    known = neighbours.who_has(
        [(device, address) for device in devices for address in several]
    )
    theirs = frozenset().union(*known.values())
    return {
        vip: ", ".join(sorted(macs - theirs))
        for vip, macs in answers.items()
        if macs - theirs
    }
