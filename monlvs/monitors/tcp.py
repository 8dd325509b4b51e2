"""Does a TCP port accept connections, and answer as expected?"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from monlvs.model.plugin import OPTION_RULES
from monlvs.model.values import Address
from monlvs.wire.exchange import Connected, Exchange, Expect, Says, TlsTerms
from monlvs.wire.monitor import Target
from monlvs.wire.options import (
    fixed_address,
    pattern,
    port_number,
    terms_for,
    tls_terms,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tcp:
    """Connect to a TCP port; say something, and look for something in the answer.

    Without `expect` the connection is enough.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = OPTION_RULES

    letters: ClassVar[dict[str, str]] = {"p": "port"}
    """Options by the letters of tcp.monitor."""

    port: int
    """Port to connect to."""

    send: str | None = None
    """What to say once connected, in UTF-8; line ends are not added."""

    expect: str | None = None
    """Regular expression that the first 16 KiB of the answer must contain."""

    address: str | None = None
    """Connect to this address instead of the host's: a proxy for a service that the
    director cannot reach at the balanced address."""

    tls: bool = False
    """Speak TLS from the first byte on."""

    verify: bool = True
    """Whether a certificate that does not hold fails the check."""

    ca_file: str | None = None
    """PEM file of the authorities to trust instead of the system's."""

    _address: Address | None = field(init=False, repr=False, compare=False)
    _expect: Expect = field(init=False, repr=False, compare=False)
    _send: bytes = field(init=False, repr=False, compare=False)
    _tls: TlsTerms | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        port_number("port", self.port)
        wanted = (
            Connected()
            if self.expect is None
            else Says(pattern=pattern("expect", self.expect))
        )
        terms = tls_terms(tls=self.tls, verify=self.verify, ca_file=self.ca_file)
        object.__setattr__(self, "_tls", terms)
        object.__setattr__(self, "_address", fixed_address("address", self.address))
        object.__setattr__(self, "_expect", wanted)
        object.__setattr__(self, "_send", (self.send or "").encode("utf-8"))

    def exchange(self, target: Target, *, timeout: float) -> Exchange:
        """Say what to tell `target` and what to expect within `timeout` seconds."""
        return Exchange(
            address=self._address or target.address,
            port=self.port,
            send=self._send,
            expect=self._expect,
            tls=terms_for(self._tls, target.host),
            timeout=timeout,
        )
