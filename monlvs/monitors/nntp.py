"""Does a news server greet, and have a group?"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from monlvs.model.plugin import OPTION_RULES
from monlvs.model.values import Address
from monlvs.wire.exchange import Dialogue, Exchange, Step
from monlvs.wire.monitor import Target
from monlvs.wire.numbered import step
from monlvs.wire.options import fixed_address, one_line, port_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Nntp:
    """Wait for an NNTP server's 200, log in, choose a group as a reader would, and take
    leave (RFC 3977, RFC 4643)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = OPTION_RULES

    letters: ClassVar[dict[str, str]] = {
        "p": "port",
        "g": "group",
        "f": "feeder",
        "u": "username",
        "a": "password",
    }
    """Options by the letters of nntp.monitor."""

    port: int = 119
    """Port to connect to."""

    group: str = "control"
    """Group that the server must have."""

    feeder: bool = False
    """Leave after the greeting: the server takes news and has no readers."""

    username: str | None = None
    """Name to log in with."""

    password: str | None = field(default=None, repr=False)
    """Password to log in with; it goes over the wire in the clear."""

    address: str | None = None
    """Connect to this address instead of the host's: a proxy for a service that the
    director cannot reach at the balanced address."""

    _address: Address | None = field(init=False, repr=False, compare=False)
    _expect: Dialogue = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        port_number("port", self.port)
        if (self.username is None) != (self.password is None):
            raise ValueError("username, password: expected both or none of them")
        object.__setattr__(self, "_address", fixed_address("address", self.address))
        object.__setattr__(self, "_expect", Dialogue(steps=tuple(self._steps())))

    def exchange(self, target: Target, *, timeout: float) -> Exchange:
        """Say what to expect from `target` within `timeout` seconds."""
        return Exchange(
            address=self._address or target.address,
            port=self.port,
            expect=self._expect,
            timeout=timeout,
        )

    def _steps(self) -> Iterator[Step]:
        """Pair each reply with what is said next."""
        says, awaits = [], [r"2\d\d"]
        if not self.feeder:
            if self.username is not None:
                says.append(f"AUTHINFO USER {one_line('username', self.username)}")
                says.append(
                    f"AUTHINFO PASS {one_line('password', self.password or '')}"
                )
                awaits += ["381", "281"]
            says += ["MODE READER", f"GROUP {one_line('group', self.group)}"]
            awaits += [r"2\d\d", r"2\d\d"]
        says.append("QUIT")
        awaits.append(r"2\d\d")
        yield from map(step, awaits, [*says, ""])
