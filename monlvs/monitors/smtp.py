"""Does a mail server greet, and take HELO?"""

import socket
from dataclasses import dataclass, field
from typing import Any, ClassVar

from monlvs.model.plugin import OPTION_RULES
from monlvs.model.values import Address
from monlvs.wire.exchange import Dialogue, Exchange, TlsTerms
from monlvs.wire.monitor import Target
from monlvs.wire.numbered import step
from monlvs.wire.options import (
    fixed_address,
    one_line,
    port_number,
    terms_for,
    tls_terms,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """Wait for an SMTP server's 220, say HELO, wait for 250, and take leave."""

    __pydantic_config__: ClassVar[dict[str, Any]] = OPTION_RULES

    letters: ClassVar[dict[str, str]] = {"p": "port"}
    """Options by the letters of smtp.monitor."""

    port: int = 25
    """Port to connect to."""

    helo: str | None = None
    """Name to greet with; else this machine's."""

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
    _expect: Dialogue = field(init=False, repr=False, compare=False)
    _tls: TlsTerms | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        port_number("port", self.port)
        name = one_line("helo", self.helo or socket.gethostname())
        steps = (step("220", f"HELO {name}"), step("250", "QUIT"), step("221"))
        terms = tls_terms(tls=self.tls, verify=self.verify, ca_file=self.ca_file)
        object.__setattr__(self, "_tls", terms)
        object.__setattr__(self, "_address", fixed_address("address", self.address))
        object.__setattr__(self, "_expect", Dialogue(steps=steps))

    def exchange(self, target: Target, *, timeout: float) -> Exchange:
        """Say what to expect from `target` within `timeout` seconds."""
        return Exchange(
            address=self._address or target.address,
            port=self.port,
            expect=self._expect,
            tls=terms_for(self._tls, target.host),
            timeout=timeout,
        )
