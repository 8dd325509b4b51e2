"""Which limits of TCP segments another machine's rules set: nftables, else iptables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from types import MappingProxyType
from typing import Final

from monlvs.director.machine.commands import NFT_SEGMENTS, Rules, segment_rule
from monlvs.director.machine.settings import SegmentLimit
from monlvs.director.remote.session import Session

LOOK: Final = f"""\
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH
can() {{ echo "can $1"; }}
if nft --check add table ip {NFT_SEGMENTS} 2>/dev/null; then
    can nft
else
    for each in iptables iptables-legacy; do
        # One that writes nftables lists rules even where the kernel takes none.
        case $("$each" -V 2>/dev/null) in
            *nf_tables*) command -v nft >/dev/null && continue ;;
        esac
        "$each" -w 10 -t mangle -S OUTPUT >/dev/null 2>&1 && can "$each" && break
    done
fi
# Only tables of our own: nft tells rules of iptables, too, and cannot undo those.
nft list tables 2>/dev/null | grep ' {NFT_SEGMENTS}_' | while read -r _ family name; do
    nft list table "$family" "$name" | sed -n 's/^.* saddr .* maxseg size set /nft &/p'
done
for family in ip ip6; do
    for each in ${{family}}tables ${{family}}tables-legacy; do
        # Nothing is asked for what the kernel has not loaded: asking would load it.
        case $("$each" -V 2>/dev/null) in
            *nf_tables*) ;;
            *) grep -qsx mangle /proc/net/${{family}}_tables_names || continue ;;
        esac
        "$each-save" -t mangle 2>/dev/null | sed -n "s/^-A OUTPUT .* TCPMSS /$each &/p"
    done
done
true
"""
"""For sh, as root: prints what can set limits, and each rule that does, with the program
that tells it."""

_CAN: Final = re.compile(r"^can (\S+)$", re.MULTILINE)
_NFT: Final = re.compile(
    r"^nft\s+ip6? saddr (\S+) .*maxseg size set (\d+)\s*$", re.MULTILINE
)
_IPTABLES: Final = re.compile(
    r"^ip6?(tables\S*) -A (OUTPUT -s ([^/\s]+)\S* .* --set-mss (\d+))$", re.MULTILINE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a look at the rules found."""

    rules: Rules | None = None
    """The program that can set limits; None: there is none."""
    found: Mapping[SegmentLimit, Rules] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Limits that are set, and the program to undo them with."""

    def program(self, limit: SegmentLimit) -> Rules:
        """Say which program makes or undoes a limit."""
        return self.found.get(limit) or self.rules or Rules.NFT


async def look_at_limits(session: Session) -> Limits:
    """Read them. Only root is told; who may not be root there sees nothing of them, and
    what nft would do. Raises SessionError."""
    output = await session.run(["sh", "-s"], stdin=LOOK, as_root=True)
    return Limits(rules=Rules.NFT) if output.status else read_limits(output.stdout)


def read_limits(text: str) -> Limits:
    """Read what LOOK prints."""
    found: dict[SegmentLimit, Rules] = {}
    for address, size in _NFT.findall(text):
        limit = SegmentLimit(address=ip_address(address), size=int(size))
        found[limit] = Rules.NFT
    for program, rule, address, size in _IPTABLES.findall(text):
        limit = SegmentLimit(address=ip_address(address), size=int(size))
        if rule == segment_rule(limit):
            found.setdefault(limit, Rules(f"ip{program}"))
    can = _CAN.search(text)
    return Limits(
        rules=None if can is None else Rules(can[1]), found=MappingProxyType(found)
    )
