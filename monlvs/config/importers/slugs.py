"""Names for virtual services: what somebody has called them, or where they listen."""

import re
from collections.abc import Iterable

from monlvs.model.lvs import Fwmark, Listener, Protocol, VirtualKey


def name_of(key: VirtualKey) -> str:
    """Name a virtual service by its address and port, or its firewall mark."""
    match key:
        case Fwmark():
            return f"fwmark-{key.mark}"
        case Listener():
            told = f"{key.address}-{key.port or 'any'}".replace(":", "-")
            tcp = key.protocol is Protocol.TCP
            return told if tcp else f"{told}-{key.protocol.name.lower()}"


def slug(text: str) -> str:
    """Make one word of mon's protocol out of a text; "" where nothing is left."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")


def own_names(wanted: Iterable[tuple[str, str]]) -> list[str]:
    """Give each its wanted name, or the second where an earlier one has that already."""
    taken: set[str] = set()
    names = []
    for first, second in wanted:
        name = first if first and first not in taken else second
        number = 2
        while name in taken:
            name, number = f"{second}-{number}", number + 1
        taken.add(name)
        names.append(name)
    return names
