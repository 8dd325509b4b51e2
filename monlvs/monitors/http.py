"""Does a web server answer a request as it should?"""

import re
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Any, ClassVar

from monlvs.model.plugin import OPTION_RULES
from monlvs.model.values import Address, Host
from monlvs.wire.exchange import Exchange, HttpReply, Method, TlsTerms, http_request
from monlvs.wire.monitor import Target
from monlvs.wire.options import fixed_address, pattern, port_number

_STATUS = re.compile(r"(?P<class>[1-5])xx|(?P<first>\d{3})(?:-(?P<last>\d{3}))?")
_DIGEST = re.compile(r"[0-9A-Fa-f]{32}")
_URL = re.compile(r"https?://(?P<authority>[\x21-\x2e\x30-\x7e]+)/[\x21-\x7e]*")
_TOKEN = re.compile(r"[\x21-\x7e]+")
_HOST_MARK = b"\r\nHost: *\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """Ask for a page over HTTP/1.1, plain or inside TLS, and look at the answer.

    Redirections count as answers and are not followed. Behind VS-DR and VS-TUN the
    director cannot reach a real server at the balanced address: check the same pages on
    the real server's own address, or name a proxy with `address` and `port`.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = OPTION_RULES

    letters: ClassVar[dict[str, str]] = {
        "p": "port",
        "u": "path",
        "a": "user_agent",
        "m": "body",
    }
    """Options by the letters of http.monitor."""

    port: int | None = None
    """Port to connect to; 80, or 443 with `https`, unless set."""

    address: str | None = None
    """Connect to this address instead of the host's."""

    host: str | None = None
    """The Host header; else the host as the group names it, with the port where that is
    not the usual one."""

    path: str = "/"
    """What to ask for, with a query if there is one."""

    url: str | None = None
    """The whole URL of a page, instead of `path`, where the host is a proxy that has to
    fetch it."""

    method: Method = Method.GET
    """GET, or HEAD where the header of the answer is enough."""

    status: tuple[int | str, ...] = ("2xx", "3xx", 401)
    """Status codes of a healthy server: single (200), in ranges ("200-204") or as
    classes ("2xx")."""

    body: str | None = None
    """Regular expression that the body must contain."""

    digest: str | None = None
    """MD5 sum that the body must have, in hexadecimal, as md5sum(1) prints it."""

    whole_reply: bool = False
    """Whether the header may as well contain it, as http.monitor's -m looks at both."""

    max_size: int = 262_144
    """Bytes of the body that are looked at; `body` has to be found in them."""

    https: bool = False
    """Speak TLS."""

    sni: str | None = None
    """Name to ask for in TLS and to look for in the certificate; else `host` without
    its port, or the host if it is a name."""

    verify: bool = True
    """Whether a certificate that does not hold fails the check."""

    ca_file: str | None = None
    """PEM file of the authorities to trust instead of the system's."""

    user_agent: str = "monlvs"
    """The User-Agent header."""

    _address: Address | None = field(init=False, repr=False, compare=False)
    _told: str | None = field(init=False, repr=False, compare=False)
    """The Host header that does not depend on the host."""
    _port: int = field(init=False, repr=False, compare=False)
    _request: tuple[bytes, bytes] = field(init=False, repr=False, compare=False)
    _reply: HttpReply = field(init=False, repr=False, compare=False)
    _tls: TlsTerms | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._check_words()
        port = self.port if self.port is not None else 443 if self.https else 80
        reply = HttpReply(
            statuses=statuses(self.status),
            body=None if self.body is None else pattern("body", self.body),
            md5=None if self.digest is None else self.digest.lower(),
            whole=self.whole_reply,
            method=self.method,
            limit=self.max_size,
        )
        request = http_request(
            self.url or self.path,
            host="*",
            method=self.method,
            headers=(("User-Agent", self.user_agent),),
        )
        before, _, after = request.partition(_HOST_MARK)
        url = None if self.url is None else _URL.fullmatch(self.url)
        told = self.host or (None if url is None else url["authority"])
        object.__setattr__(self, "_told", told)
        object.__setattr__(self, "_address", fixed_address("address", self.address))
        object.__setattr__(self, "_port", port_number("port", port))
        object.__setattr__(self, "_request", (before, after))
        object.__setattr__(self, "_reply", reply)
        object.__setattr__(self, "_tls", self._terms(self.sni or _name(self.host)))

    def exchange(self, target: Target, *, timeout: float) -> Exchange:
        """Say what to ask `target` for and what to expect within `timeout` seconds."""
        before, after = self._request
        host = (self._told or self._authority(target)).encode("ascii", "replace")
        tls = self._tls
        if tls is not None and tls.server_name is None:
            tls = self._terms(_name(target.host))
        return Exchange(
            address=self._address or target.address,
            port=self._port,
            send=b"%s\r\nHost: %s\r\n%s" % (before, host, after),
            expect=self._reply,
            tls=tls,
            timeout=timeout,
        )

    def _check_words(self) -> None:
        if not self.path.startswith("/") or not _TOKEN.fullmatch(self.path):
            raise ValueError(
                "path: expected a path that begins with / and has no blanks and only "
                f"ASCII characters (escape others as %XX), not {self.path!r}"
            )
        if self.url is not None:
            self._check_url(self.url)
        if self.host is not None and not _TOKEN.fullmatch(self.host):
            raise ValueError(f"host: expected a host name, not {self.host!r}")
        if not self.user_agent.isascii() or not self.user_agent.isprintable():
            raise ValueError("user_agent: expected printable ASCII characters")
        if self.max_size < 1:
            raise ValueError(f"max_size: expected at least 1 byte, not {self.max_size}")
        self._check_body()
        if not self.https and (self.sni or self.ca_file):
            raise ValueError("sni, ca_file: expected https = true with them")

    def _check_url(self, url: str) -> None:
        if self.path != "/":
            raise ValueError("url: expected no path with it")
        if not _URL.fullmatch(url):
            raise ValueError(
                "url: expected one such as http://www.example.org/ without blanks and "
                f"with ASCII characters only (escape others as %XX), not {url!r}"
            )

    def _check_body(self) -> None:
        for name in ("body", "digest") if self.method is Method.HEAD else ():
            if getattr(self, name) is not None:
                raise ValueError(
                    f"{name}: the answer to HEAD has none; expected method GET"
                )
        if self.digest is None:
            return
        if not _DIGEST.fullmatch(self.digest):
            raise ValueError(
                f"digest: expected 32 hexadecimal digits, not {self.digest!r}"
            )
        if self.whole_reply:
            raise ValueError("digest: expected no whole_reply, it is about the body")

    def _terms(self, name: str | None) -> TlsTerms | None:
        if not self.https:
            return None
        return TlsTerms(server_name=name, verify=self.verify, ca_file=self.ca_file)

    def _authority(self, target: Target) -> str:
        """Return the Host header that a browser would send to `target`."""
        host = target.host
        if isinstance(target.address, IPv6Address) and ":" in host:
            host = f"[{host.strip('[]')}]"
        return (
            host
            if self._port == (443 if self.https else 80)
            else f"{host}:{self._port}"
        )


def statuses(words: tuple[int | str, ...]) -> frozenset[int]:
    """Return the status codes that `words` stand for; ValueError for other words."""
    codes: set[int] = set()
    for word in words:
        match = _STATUS.fullmatch(str(word))
        first, last = _ends(match) if match is not None else (1, 0)
        if not 100 <= first <= last <= 599:
            raise ValueError(
                "status: expected codes from 100 to 599 such as 200, ranges such as "
                f'"200-204" or classes such as "2xx", not {word!r}'
            )
        codes.update(range(first, last + 1))
    if not codes:
        raise ValueError("status: expected at least one status code")
    return frozenset(codes)


def _ends(match: re.Match[str]) -> tuple[int, int]:
    if match["class"]:
        return int(match["class"]) * 100, int(match["class"]) * 100 + 99
    first = int(match["first"])
    return first, int(match["last"] or first)


def _name(host: Host | None) -> str | None:
    """Return the DNS name in a Host header: without its port, and not an address."""
    if host is None or host.startswith("[") or host.count(":") > 1:
        return None
    name = host.partition(":")[0]
    try:
        ip_address(name)
    except ValueError:
        return name
    return None
