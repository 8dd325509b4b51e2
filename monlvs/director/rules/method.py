"""How the real servers of 1999's spelling were meant to be reached.

`ippfvsadm -A -t VIP:80 -R RIP` names no forwarding method: a kernel of the time had
one, chosen when it was compiled. So a whole file has one, and it is found by the first
of these that holds:

    1  what the caller says
    2  a real server's port differs from the virtual service's       VS-NAT
    3  the file calls itself or its companion rc.ipvs_nat*, _tun*, _dr*   that one
    4  it masquerades (ipfwadm -F -a m, ipchains MASQ, MASQUERADE)   VS-NAT
    5  it names a device tunl*                                       VS-TUN
    6  every real server has its port written out                    VS-NAT
    7  nothing of these                                              VS-DR

2 and 6 are LVS-HOWTO 8.1: with VS-TUN and VS-DR ports cannot be remapped, "thus no
port number is used".
"""

import re
from collections.abc import Collection
from pathlib import PurePath
from typing import Final

from monlvs.model.lvs import Forwarding

NAMES: Final = {
    Forwarding.MASQ: "VS-NAT",
    Forwarding.TUNNEL: "VS-TUN",
    Forwarding.ROUTE: "VS-DR",
}
_SCRIPT: Final = re.compile(r"rc\.ipvs_(nat|tun|dr)")
_METHODS: Final = {
    "nat": Forwarding.MASQ,
    "tun": Forwarding.TUNNEL,
    "dr": Forwarding.ROUTE,
}
_MASQUERADES: Final = re.compile(
    r"\bipfwadm\b.*\s-F\b.*\s-[ia]\s+m|\bipchains\b.*\bMASQ\b|\bMASQUERADE\b"
)
_TUNNEL: Final = re.compile(r"\btunl\d?\b")


def choose(
    text: str,
    file: str,
    ports: Collection[tuple[int | None, int]],
    stated: Forwarding | None = None,
) -> tuple[Forwarding, str]:
    """Name the method of a file and the reason.

    `ports` are those of the real servers (None: not written) with their services'.
    """
    if stated is not None:
        return stated, "that was asked for"
    if any(port not in (None, served) for port, served in ports):
        return Forwarding.MASQ, "a port is remapped, which only VS-NAT can do"
    for source in (PurePath(file).name, text):
        if found := _SCRIPT.search(source):
            return _METHODS[found[1]], f"the script is called {found[0]}…"
    live = "\n".join(
        line for line in text.split("\n") if not line.lstrip().startswith("#")
    )
    if _MASQUERADES.search(live):
        return Forwarding.MASQ, "the script masquerades"
    if _TUNNEL.search(live):
        return Forwarding.TUNNEL, "the script names a device tunl*"
    if all(port is not None for port, _ in ports):
        return Forwarding.MASQ, "every real server has its port written out"
    return Forwarding.ROUTE, "nothing tells the method, and this is ipvsadm's own"
