"""Does a telnet server ask for a login?"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from monlvs.model.plugin import OPTION_RULES
from monlvs.model.values import Address
from monlvs.wire.exchange import Connected, Dialogue, Exchange, Expect, Step
from monlvs.wire.monitor import Target
from monlvs.wire.options import fixed_address, pattern, port_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Telnet:
    """Connect, refuse every telnet option that the server asks for, wait for a prompt.

    This is the check that an LVS of telnet servers was first tested with: it shows that
    the service answers, where a ping shows only that the machine does.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = OPTION_RULES

    letters: ClassVar[dict[str, str]] = {"p": "port", "l": "prompt"}
    """Options by the letters of telnet.monitor. `-l` has its
    expression between slashes."""

    port: int = 23
    """Port to connect to."""

    prompt: str = "(?i)login:"
    """Regular expression that what the server says must contain. Empty: the connection
    is enough."""

    address: str | None = None
    """Connect to this address instead of the host's: a proxy for a service that the
    director cannot reach at the balanced address."""

    _address: Address | None = field(init=False, repr=False, compare=False)
    _expect: Expect = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        port_number("port", self.port)
        object.__setattr__(self, "_address", fixed_address("address", self.address))
        object.__setattr__(self, "_expect", _dialogue(self.prompt))

    def exchange(self, target: Target, *, timeout: float) -> Exchange:
        """Say what to expect from `target` within `timeout` seconds."""
        return Exchange(
            address=self._address or target.address,
            port=self.port,
            expect=self._expect,
            timeout=timeout,
        )


def _dialogue(prompt: str) -> Expect:
    if not prompt:
        return Connected()
    return Dialogue(steps=(Step(expect=pattern("prompt", prompt)),), telnet=True)
