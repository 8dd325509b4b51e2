"""What a check says on the wire and what it expects: pure data that `Sockets` runs.

Rule 1: everything here is a plain frozen value: hashable, comparable.
Rule 2: an Exchange decides nothing and opens nothing; building one costs microseconds,
and one that is checked again and again is best built once and kept.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv6Address
from socket import AF_INET, AF_INET6
from typing import TypeAlias

from monlvs.model.values import Address

SUCCESSFUL = frozenset(range(200, 400))
"""The statuses that mean a healthy server unless a check says otherwise."""


class Method(StrEnum):
    """How an HTTP check asks; a reply to HEAD has no body."""

    GET = "GET"
    HEAD = "HEAD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """Nothing but the connection (and the TLS handshake, if any) is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """The reply must contain `pattern` within its first `limit` bytes.

    The check is decided as soon as what has arrived matches.
    """

    pattern: re.Pattern[bytes]
    limit: int = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """An HTTP/1.x reply with one of `statuses`, and `body` in its decoded body.

    Without `body` and `md5` the check is decided at the end of the status line. `limit`
    is the number of body bytes looked at, and bounds the header too.
    """

    statuses: frozenset[int] = SUCCESSFUL
    body: re.Pattern[bytes] | None = None
    md5: str | None = None
    """MD5 sum that the whole decoded body must have, in hexadecimal."""
    whole: bool = False
    """Whether `body` may as well be found in the status line and the header."""
    method: Method = Method.GET
    """What `Exchange.send` asked: a reply to HEAD is over after its header."""
    limit: int = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One turn of a dialogue: wait for `expect` (or for nothing), then say `send`.

    `refusal` is what ends the dialogue at once as an unexpected reply, such as a line
    that starts with 5 in SMTP. Both are searched in what came since the last step;
    `expect` is looked for first.
    """

    expect: re.Pattern[bytes] | None = None
    refusal: re.Pattern[bytes] | None = None
    send: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """Ordered steps; the last one that is satisfied decides the check.

    `limit` is how many bytes may go by in one step before the reply is too large. With
    `telnet`, option negotiation (RFC 854) is answered with refusals and taken out of
    what the patterns see.
    """

    steps: tuple[Step, ...]
    limit: int = 16_384
    telnet: bool = False


Expect: TypeAlias = Connected | Says | HttpReply | Dialogue


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsTerms:
    """How to speak TLS before anything else is said."""

    server_name: str | None = None
    """Name sent as SNI and looked for in the certificate; else the address is."""
    verify: bool = True
    """Whether a certificate that does not hold fails the check."""
    ca_file: str | None = None
    """PEM file of the authorities to trust instead of the system's."""
    alpn: tuple[str, ...] = ()
    """Application protocols to offer, best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One conversation with one TCP port: whom, what to say, what to expect, by when."""

    address: Address
    port: int
    send: bytes = b""
    """Said as soon as the connection (and TLS) stands."""
    expect: Expect = field(default_factory=Connected)
    tls: TlsTerms | None = None
    timeout: float = 10.0
    """Seconds from the connection attempt to the decision."""
    source: Address | None = None
    """Local address to speak from."""
    mark: int | None = None
    """Fwmark on what we send (socket(7), SO_MARK; needs CAP_NET_ADMIN)."""
    reset: bool = True
    """Close with a reset (SO_LINGER 0), so that no local port stays in TIME_WAIT."""
    endpoint: tuple[str, int] = field(init=False, repr=False, compare=False)
    """What connect(2) takes, made once."""
    family: int = field(init=False, repr=False, compare=False)
    """AF_INET or AF_INET6."""
    reusable: bool = field(init=False, repr=False, compare=False)
    """Whether its socket is as good as new afterwards: what a link-local or mapped IPv6
    address leaves on one outlasts the connection (tcp_v6_connect)."""

    speaks_first: bool = field(init=False, repr=False, compare=False)
    """Whether it may speak before it is told that the connection stands: a request of
    HTTP in clear. What else is expected may be found in nothing at all, and a host that
    never answers must not be found up."""

    def __post_init__(self) -> None:
        at = self.address
        family = AF_INET if at.version == 4 else AF_INET6
        marked = isinstance(at, IPv6Address) and (
            at.scope_id or at.is_link_local or at.ipv4_mapped
        )
        own = self.source is not None or self.mark is not None
        object.__setattr__(self, "reusable", self.reset and not own and not marked)
        asks = bool(self.send) and self.tls is None and type(self.expect) is HttpReply
        object.__setattr__(self, "expect", _shared(self.expect))
        object.__setattr__(self, "speaks_first", asks)
        object.__setattr__(self, "endpoint", (str(self.address), self.port))
        object.__setattr__(self, "family", int(family))


@lru_cache(maxsize=1024)
def _shared(expect: Expect) -> Expect:
    """Return the first that was equal: what thousands of checks expect alike is one
    object, which the processor's caches hold."""
    return expect


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """How the hosts of one ICMP sweep are to be pinged."""

    timeout: float = 2.0
    """Seconds from the first request until a silent host is down."""
    retries: int = 2
    """Further requests to a host that has not answered."""
    interval: float | None = None
    """Seconds between requests to one host; else the time limit is shared out evenly."""
    size: int = 56
    """Bytes of data in a request, as ping(8) counts them."""
    source: Address | None = None
    """Local address to ping from."""


def http_request(
    path: str = "/",
    *,
    host: str,
    method: Method = Method.GET,
    headers: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """Spell an HTTP/1.1 request without a body, on a connection that closes after it.

    A header given in `headers` replaces the standard one of that name. Raises ValueError
    for a line break anywhere, which would let one header say two.
    """
    fields = {
        "Host": host,
        "User-Agent": "monlvs",
        "Accept": "*/*",
        "Connection": "close",
    }
    for name, value in headers:
        standard = next((key for key in fields if key.lower() == name.lower()), name)
        fields[standard] = value
    lines = [f"{method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in fields.items())]
    if any("\r" in line or "\n" in line for line in lines) or " " in path:
        raise ValueError(f"not a request line or header: {lines!r}")
    return "\r\n".join([*lines, "", ""]).encode("utf-8")
