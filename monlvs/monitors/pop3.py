"""Does a POP3 server greet?"""

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar

from monlvs.model.plugin import OPTION_RULES
from monlvs.model.values import Address
from monlvs.wire.exchange import Dialogue, Exchange, Step, TlsTerms
from monlvs.wire.monitor import Target
from monlvs.wire.options import fixed_address, port_number, terms_for, tls_terms

_OK = re.compile(rb"(?m)^\+OK[^\n]*\n")
_ERROR = re.compile(rb"(?m)^-ERR[^\n]*\n")
_FAREWELL = Dialogue(
    steps=(
        Step(expect=_OK, refusal=_ERROR, send=b"QUIT\r\n"),
        Step(expect=_OK, refusal=_ERROR),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pop3:
    """Wait for a POP3 server's +OK, and take leave (RFC 1939)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = OPTION_RULES

    letters: ClassVar[dict[str, str]] = {"p": "port"}
    """Options by the letters of pop3.monitor."""

    port: int = 110
    """Port to connect to."""

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
    _tls: TlsTerms | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        port_number("port", self.port)
        terms = tls_terms(tls=self.tls, verify=self.verify, ca_file=self.ca_file)
        object.__setattr__(self, "_tls", terms)
        object.__setattr__(self, "_address", fixed_address("address", self.address))

    def exchange(self, target: Target, *, timeout: float) -> Exchange:
        """Say what to expect from `target` within `timeout` seconds."""
        return Exchange(
            address=self._address or target.address,
            port=self.port,
            expect=_FAREWELL,
            tls=terms_for(self._tls, target.host),
            timeout=timeout,
        )
