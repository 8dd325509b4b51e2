"""`real` and `fallback` lines of an ldirectord.cf, and the address of `virtual`.

Each reader raises ValueError saying what was expected.
"""

import re
from dataclasses import dataclass
from typing import Final

from monlvs.director.rules import Names
from monlvs.director.rules.operands import address_and_port, fwmark
from monlvs.model.lvs import Family, Forwarding, Fwmark, Listener, Protocol, VirtualKey
from monlvs.model.values import Address

_METHODS: Final = {
    "gate": Forwarding.ROUTE,
    "masq": Forwarding.MASQ,
    "ipip": Forwarding.TUNNEL,
}
_REAL: Final = re.compile(
    r"(?P<first>\[[^]]*\]|[^\s:>-]+(?:-(?!>)[^\s:>-]+)*)"
    r"(?:->(?P<last>[^\s:]+))?"
    r"(?::(?P<port>[\w-]+))?"
    r"\s+(?P<method>\w+)"
    r"(?:\s+(?P<weight>\d{1,9}))?"
    r'(?:\s+"(?P<request>.*)"(?:\s*,\s*|\s+)"(?P<receive>.*)")?'
    r"(?:\s+\"?l:(?P<lower>\d{1,9})\"?)?"
    r"(?:\s+\"?u:(?P<upper>\d{1,9})\"?)?",
    re.ASCII,
)
_FALLBACK: Final = re.compile(r"(?P<server>\S+)(?:\s+(?P<method>\S+))?")
_LONGEST_RANGE: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Real:
    """One real server; a range makes several."""

    address: Address
    port: int
    """0: none is stated."""
    forwarding: Forwarding
    weight: int = 1
    lower: int = 0
    upper: int = 0
    request: str | None = None
    """With `receive`, instead of the virtual service's."""
    receive: str | None = None


def virtual(
    text: str, family: Family, protocol: str | None, names: Names
) -> tuple[VirtualKey, Family]:
    """Read ADDRESS:PORT or a firewall mark; `protocol` as the service states it."""
    if re.fullmatch(r"\d+", text, re.ASCII):
        if protocol not in (None, "fwm"):
            raise ValueError(
                f"expected protocol = fwm with a firewall mark, not {protocol}"
            )
        return Fwmark(fwmark(text), family), family
    if protocol == "fwm":
        raise ValueError("expected a firewall mark, a number, with protocol = fwm")
    dns = text.endswith((":53", ":domain"))
    transport = Protocol[(protocol or ("udp" if dns else "tcp")).upper()]
    address, port = address_and_port(text, transport, names)
    _check_family(address, family, "virtual")
    if not port:
        raise ValueError(f"expected ADDRESS:PORT or a firewall mark, not {text!r}")
    return Listener(transport, address, port), family


def reals(text: str, family: Family, protocol: Protocol, names: Names) -> list[Real]:
    """Read ADDRESS[->ADDRESS][:PORT] METHOD [WEIGHT] ["REQUEST", "RECEIVE"] [l:N] [u:N]."""
    found = _REAL.fullmatch(text)
    if found is None:
        raise ValueError(
            'expected ADDRESS:PORT, then gate, masq or ipip, a weight, "REQUEST", '
            f'"RECEIVE", l:NUMBER and u:NUMBER if need be, not {text!r}'
        )
    stated = f":{found['port']}" if found["port"] else ""
    first, port = address_and_port(found["first"] + stated, protocol, names)
    _check_family(first, family, "real")
    addresses = [first]
    if found["last"]:
        last, _ = address_and_port(found["last"], protocol, names)
        addresses = _range(first, last)
    return [
        Real(
            address=address,
            port=port or 0,
            forwarding=_method(found["method"]),
            weight=int(found["weight"] or 1),
            lower=int(found["lower"] or 0),
            upper=int(found["upper"] or 0),
            request=found["request"],
            receive=found["receive"],
        )
        for address in addresses
    ]


def fallback(text: str, family: Family, protocol: Protocol, names: Names) -> Real:
    """Read ADDRESS[:PORT] [METHOD]."""
    found = _FALLBACK.fullmatch(text)
    if found is None:
        raise ValueError(
            f"expected ADDRESS:PORT, then gate, masq or ipip if need be, not {text!r}"
        )
    address, port = address_and_port(found["server"], protocol, names)
    _check_family(address, family, "fallback")
    return Real(
        address=address,
        port=port or 0,
        forwarding=_method(found["method"] or "gate"),
    )


def _method(word: str) -> Forwarding:
    if word not in _METHODS:
        raise ValueError(f"expected one of {', '.join(_METHODS)}, not {word!r}")
    return _METHODS[word]


def _check_family(address: Address, family: Family, word: str) -> None:
    if address.version != (4 if family is Family.IPV4 else 6):
        wanted = "virtual6, real6 and fallback6" if address.version == 6 else word
        raise ValueError(f"expected {wanted} for the IPv{address.version} {address}")


def _range(first: Address, last: Address) -> list[Address]:
    if (first.version, last.version) != (4, 4):
        raise ValueError("expected IPv4 addresses as a range's ends")
    count = int(last) - int(first) + 1
    if not 0 < count <= _LONGEST_RANGE:
        raise ValueError(
            f"expected a range of 1 to {_LONGEST_RANGE} addresses, the smaller first, "
            f"not {first}->{last}"
        )
    return [first + step for step in range(count)]
