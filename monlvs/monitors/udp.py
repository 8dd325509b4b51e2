"""Does a UDP port answer, or at least not refuse?"""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from monlvs.model.plugin import OPTION_RULES
from monlvs.model.result import Outcome
from monlvs.model.values import Address
from monlvs.wire.datagram import Datagram, converse
from monlvs.wire.finding import outcome_of
from monlvs.wire.monitor import Target
from monlvs.wire.options import fixed_address, pattern, port_number

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2} ?)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Udp:
    """Say something to a UDP port, and look for something in the answer.

    Without `expect` it is enough that the port does not refuse (icmp(7)) within
    `patience`: what hears it may well have nothing to answer.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = OPTION_RULES

    letters: ClassVar[dict[str, str]] = {"p": "port"}
    """Options by the letters of mon's programs."""

    port: int
    """Port to speak to."""

    send: str = ""
    """What to say, in UTF-8; line ends are not added."""

    send_hex: str | None = None
    """The same as pairs of hexadecimal digits, for what is no text."""

    expect: str | None = None
    """Regular expression that one datagram of the answer must contain."""

    patience: timedelta = timedelta(seconds=1)
    """How long to wait for a refusal where no answer is expected; the service's time
    limit where that is shorter."""

    retries: int = 1
    """Further tries when nobody answers; they share the time."""

    address: str | None = None
    """Speak to this address instead of the host's."""

    _address: Address | None = field(init=False, repr=False, compare=False)
    _said: Datagram = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        port_number("port", self.port)
        if self.retries < 0:
            raise ValueError(
                f"retries: expected a number from 0 on, not {self.retries}"
            )
        if self.patience <= timedelta(0):
            raise ValueError("patience: expected a duration longer than nothing")
        expect = None if self.expect is None else pattern("expect", self.expect)
        said = Datagram(send=self._bytes(), expect=expect, tries=self.retries + 1)
        object.__setattr__(self, "_address", fixed_address("address", self.address))
        object.__setattr__(self, "_said", said)

    async def probe(self, target: Target, *, timeout: float) -> Outcome:  # noqa: ASYNC109  shared out among the tries
        """Speak with `target` for `timeout` seconds at most."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        # The limit is not ours to reach: who is over it has not answered in time.
        limit = timeout * 0.95
        if self.expect is None:
            limit = min(limit, self.patience.total_seconds())
        address = self._address or target.address
        found = await converse(self._said, address, self.port, timeout=limit)
        return outcome_of(found, loop.time() - began)

    def _bytes(self) -> bytes:
        if self.send_hex is None:
            return self.send.encode("utf-8")
        if self.send:
            raise ValueError("send_hex: expected no send with it")
        if not _HEX.fullmatch(self.send_hex):
            raise ValueError(
                "send_hex: expected pairs of hexadecimal digits such as 0d0a, not "
                f"{self.send_hex!r}"
            )
        return bytes.fromhex(self.send_hex)
