"""What the texts of iptables-save(8) and `nft list ruleset` say, as far as it matters.

Rule: a rule with words that are not known here says nothing; better no finding than a
wrong one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final

from monlvs.model.machine import Network
from monlvs.model.values import Address

_IPTABLES: Final = re.compile(
    r"-A POSTROUTING"
    r"(?: -s (?P<source>\S+))?(?: -o (?P<device>\S+))?(?P<ipvs> -m ipvs\b.*)?"
    r" -j (?:MASQUERADE|SNAT)\b.*"
)
_NFT: Final = re.compile(
    r"(?:ip6? saddr (?P<source>[0-9a-f.:/]+) )?"
    r'(?:oifname "(?P<device>[^"]+)" )?(?:masquerade|snat)\b.*'
)
_CLAMPS: Final = re.compile(r"\bTCPMSS\b|\bmaxseg size set\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """A rule that gives packets that leave another source."""

    line: str
    source: Network | None
    """None: whoever sends them."""
    device: str | None
    """None: whichever way they leave."""
    ipvs: bool = False
    """It asks for packets of IPVS (`-m ipvs`)."""


def translations(text: str) -> Iterator[Translation]:
    """List the rules that translate sources."""
    for raw in text.splitlines():
        line = raw.strip()
        match = _IPTABLES.fullmatch(line) or _NFT.fullmatch(line)
        if match is None:
            continue
        told = match.groupdict()
        source = told["source"]
        yield Translation(
            line=line,
            source=None if source is None else ip_network(source, strict=False),
            device=told["device"],
            ipvs=told.get("ipvs") is not None,
        )


def sets_mark(text: str, mark: int) -> bool:
    """Whether some rule sets this firewall mark."""
    found = re.findall(r"--set-x?mark (\w+)|mark set (\w+)", text)
    return any(int(word, 0) == mark for pair in found for word in pair if _number(word))


def _number(word: str) -> bool:
    return re.fullmatch(r"0x[0-9a-fA-F]+|0|[1-9][0-9]*", word) is not None


def redirects(text: str | None, port: int) -> bool:
    """Whether some rule hands packets for `port` to another port or machine."""
    if text is None:
        return False
    return any(
        re.search(rf"dports? {port}\b", line)
        and re.search(r"REDIRECT|DNAT|\bredirect\b|\bdnat\b", line)
        for line in text.splitlines()
    )


def takes_over(text: str | None, address: Address) -> bool:
    """Whether some rule takes packets for `address` in, whoever has it (the HOWTO's
    redirect, in the place of a device with the VIP)."""
    if text is None:
        return False
    word = re.compile(rf"(?:-d|daddr) {re.escape(str(address))}(?:/\d+)?\s")
    return any(
        word.search(line)
        and re.search(r"REDIRECT|DNAT|TPROXY|\bredirect\b|\bdnat\b|\btproxy\b", line)
        for line in text.splitlines()
    )


def clamps(text: str | None) -> bool:
    """Whether some rule makes segments smaller."""
    return text is not None and _CLAMPS.search(text) is not None
