"""Does an FTP server greet?"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from monlvs.model.plugin import OPTION_RULES
from monlvs.model.values import Address
from monlvs.wire.exchange import Dialogue, Exchange
from monlvs.wire.monitor import Target
from monlvs.wire.numbered import step
from monlvs.wire.options import fixed_address, port_number

_FAREWELL = Dialogue(steps=(step("220", "QUIT"), step("221")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ftp:
    """Wait for an FTP server's 220, and take leave."""

    __pydantic_config__: ClassVar[dict[str, Any]] = OPTION_RULES

    letters: ClassVar[dict[str, str]] = {"p": "port"}
    """Options by the letters of ftp.monitor."""

    port: int = 21
    """Port to connect to."""

    address: str | None = None
    """Connect to this address instead of the host's: a proxy for a service that the
    director cannot reach at the balanced address."""

    _address: Address | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        port_number("port", self.port)
        object.__setattr__(self, "_address", fixed_address("address", self.address))

    def exchange(self, target: Target, *, timeout: float) -> Exchange:
        """Say what to expect from `target` within `timeout` seconds."""
        return Exchange(
            address=self._address or target.address,
            port=self.port,
            expect=_FAREWELL,
            timeout=timeout,
        )
