"""What stands after the keywords of a keepalived.conf.

Each reader takes the words and raises ValueError saying what was expected.
"""

import re
import shlex
from collections.abc import Callable, Sequence
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Address, ip_address, ip_network
from typing import Any, Final

from monlvs.model.lvs import Forwarding, Protocol, Tunnel, TunnelFlags, TunnelType
from monlvs.model.values import Address

Words = Sequence[str]
_TRUE: Final = ("on", "true", "yes")
_FALSE: Final = ("off", "false", "no")
_MOST_ADDRESSES: Final = 4096


def one(words: Words) -> str:
    """Read exactly one word."""
    if len(words) != 1:
        raise ValueError(f"expected one word, not {shown(words)}")
    return words[0]


def text(words: Words) -> str:
    """Read at least one word."""
    if not words:
        raise ValueError("expected something after it")
    return " ".join(words)


def nothing(words: Words) -> bool:
    """Read a keyword that stands alone."""
    if words:
        raise ValueError(f"expected nothing after it, not {shown(words)}")
    return True


def truth(words: Words) -> bool:
    """Read yes, no and their kin; nothing is yes."""
    if not words or words[0].lower() in _TRUE:
        return True
    if words[0].lower() in _FALSE:
        return False
    raise ValueError(f"expected one of {', '.join(_TRUE + _FALSE)}, not {shown(words)}")


def timer(words: Words) -> timedelta:
    """Read seconds, with a fraction perhaps."""
    word = one(words)
    if not re.fullmatch(r"\d{1,9}(\.\d*)?|\.\d+", word, re.ASCII):
        raise ValueError(f"expected seconds such as 3 or 1.5, not {word!r}")
    return timedelta(seconds=float(word))


def number(least: int, most: int) -> Callable[[Words], int]:
    """Make a reader of whole numbers."""

    def read(words: Words) -> int:
        word = one(words)
        if re.fullmatch(r"-?\d{1,10}", word, re.ASCII) and least <= int(word) <= most:
            return int(word)
        raise ValueError(f"expected a number from {least} to {most}, not {word!r}")

    return read


port = number(1, 65_535)
mark = number(1, 2**32 - 1)


def address(words: Words) -> Address:
    """Read an IPv4 or IPv6 address."""
    word = one(words)
    try:
        return ip_address(word)
    except ValueError:
        raise ValueError(f"expected an IPv4 or IPv6 address, not {word!r}") from None


def endpoint(words: Words) -> tuple[Address, int]:
    """Read ADDRESS [PORT]; port 0 where none is stated."""
    if not 1 <= len(words) <= 2:
        raise ValueError(f"expected ADDRESS and PORT, not {shown(words)}")
    return address(words[:1]), port(words[1:]) if words[1:] else 0


def endpoints(words: Words) -> list[tuple[Address, int]]:
    """Read ADDRESS, ADDRESS-LAST, ADDRESS-ADDRESS or ADDRESS/LENGTH, then a port."""
    if not 1 <= len(words) <= 2:
        raise ValueError(f"expected addresses and a port, not {shown(words)}")
    last = port(words[1:]) if words[1:] else 0
    return [(each, last) for each in _addresses(words[0])]


def _addresses(word: str) -> list[Address]:
    first, dash, last = word.partition("-")
    if "/" in word:
        try:
            network = ip_network(word, strict=False)
        except ValueError:
            raise ValueError(f"expected ADDRESS/LENGTH, not {word!r}") from None
        begin, end = network.network_address, network.broadcast_address
    elif dash:
        begin = address([first])
        end = _end(begin, last)
    else:
        return [address([word])]
    count = int(end) - int(begin) + 1
    if not 0 < count <= _MOST_ADDRESSES:
        raise ValueError(
            f"expected a range of 1 to {_MOST_ADDRESSES} addresses, not {word!r}"
        )
    return [begin + step for step in range(count)]


def _end(begin: Address, last: str) -> Address:
    """Read a range's end: an address, or its last part alone."""
    if "." in last or ":" in last:
        return address([last])
    six = isinstance(begin, IPv6Address)
    try:
        part = int(last, 16 if six else 10)
    except ValueError:
        raise ValueError(f"expected the end of a range, not {last!r}") from None
    size = 0x10000 if six else 0x100
    if not 0 <= part < size:
        raise ValueError(f"expected the end of a range, not {last!r}")
    return type(begin)(int(begin) // size * size + part)


def method(words: Words) -> tuple[Forwarding, Tunnel | None]:
    """Read NAT, DR, or TUN with the type and the checksums of the tunnel."""
    if not words:
        raise ValueError("expected NAT, DR or TUN")
    plain = {"NAT": Forwarding.MASQ, "DR": Forwarding.ROUTE}
    if (found := plain.get(words[0].upper())) is not None:
        nothing(words[1:])
        return found, None
    if words[0].upper() != "TUN":
        raise ValueError(f"expected NAT, DR or TUN, not {shown(words)}")
    return Forwarding.TUNNEL, _tunnel(list(words[1:]))


def _tunnel(words: list[str]) -> Tunnel | None:
    if not words:
        return None
    wanted = "type ipip, type gue port NUMBER or type gre, then nocsum, csum or remcsum"
    told: dict[str, Any] = {}
    while words:
        match words:
            case ["type", ("ipip" | "gue" | "gre") as kind, *rest]:
                told["type"] = TunnelType[kind.upper()]
            case ["port", number_, *rest]:
                told["port"] = port([number_])
            case [("nocsum" | "csum" | "remcsum") as sums, *rest]:
                told["flags"] = TunnelFlags[sums.upper()]
            case _:
                raise ValueError(f"expected {wanted}, not {shown(words)}")
        words = rest
    made = Tunnel(**told)
    if (made.type is TunnelType.GUE) != bool(made.port):
        raise ValueError(f"expected {wanted}: a port belongs to gue")
    return made


def protocol(words: Words) -> Protocol:
    """Read TCP, UDP or SCTP."""
    word = one(words).upper()
    if word in Protocol.__members__:
        return Protocol[word]
    raise ValueError(f"expected TCP, UDP or SCTP, not {shown(words)}")


def granularity(words: Words) -> int:
    """Read a netmask, or for IPv6 a prefix length."""
    word = one(words)
    if word.isdecimal() and 1 <= int(word[:4]) <= 128:
        return int(word)
    try:
        network = IPv4Network(f"0.0.0.0/{word}")
    except ValueError:
        network = None
    if network is None or str(network.netmask) != word:
        raise ValueError(f"expected a netmask such as 255.255.255.0, not {word!r}")
    return network.prefixlen


def persistence(words: Words) -> timedelta:
    """Read seconds, from 1 on; nothing is six minutes."""
    return timedelta(seconds=number(1, 2**31 - 1)(words) if words else 360)


def script(words: Words) -> tuple[str, ...]:
    """Read a program with its arguments, in quotes or not; user and group may follow."""
    if not words:
        raise ValueError("expected a program")
    try:
        argv = tuple(shlex.split(words[0]))
    except ValueError as error:
        raise ValueError(f"expected a program and its arguments: {error}") from None
    if not argv:
        raise ValueError("expected a program")
    return argv


def statuses(words: Words) -> list[int | str]:
    """Read status codes and ranges of them."""
    found: list[int | str] = []
    for word in words:
        if not re.fullmatch(r"[1-5]\d\d(?:-[1-5]\d\d)?", word, re.ASCII):
            raise ValueError(f"expected codes such as 200 or 200-299, not {word!r}")
        found.append(word if "-" in word else int(word))
    if not found:
        raise ValueError("expected codes such as 200 or 200-299")
    return found


def anything(words: Words) -> Words:
    """Take the words as they are."""
    return words


def shown(words: Words) -> str:
    """Show words in a message."""
    return repr(" ".join(words)[:60]) if words else "nothing"
