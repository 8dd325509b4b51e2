"""How much can a server take, by its own account?"""

import asyncio
from dataclasses import dataclass, field
from typing import Any, ClassVar

from monlvs.model.plugin import OPTION_RULES
from monlvs.model.result import Outcome, Reason, Verdict
from monlvs.model.values import Address
from monlvs.wire.advice import parse
from monlvs.wire.finding import Finding, local_fault, outcome_of
from monlvs.wire.monitor import Target
from monlvs.wire.options import fixed_address, port_number

_LONGEST = 1024
"""Bytes that an answer may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Ask an agent on the server, as HAProxy's agent-check does.

    It answers with one line of words: `75%`, `up`, `ready`, `drain`, `maint`, `down` (or
    `failed`, `stopped`) with a reason after `#`. With weight_from = "check" a virtual
    service heeds how much it says; without, only whether it is up or down. An agent
    that does not answer has failed.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = OPTION_RULES

    reports_weight: ClassVar[bool] = True

    port: int
    """Port that the agent listens on."""

    send: str = ""
    """What to say first, in UTF-8; line ends are not added."""

    address: str | None = None
    """Ask at this address instead of the host's."""

    _address: Address | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        port_number("port", self.port)
        object.__setattr__(self, "_address", fixed_address("address", self.address))

    async def probe(self, target: Target, *, timeout: float) -> Outcome:  # noqa: ARG002, ASYNC109  the caller ends it
        """Ask the agent of `target`."""
        try:
            line = await self._ask(str(self._address or target.address))
        except OSError as error:
            return outcome_of(local_fault(error), 0.0)
        if not line:
            return outcome_of(Finding(Reason.CLOSED_EARLY, "nothing was said"), 0.0)
        advice, words = parse(line)
        if advice is None:
            return outcome_of(Finding(Reason.UNEXPECTED, words), 0.0)
        return Outcome(
            verdict=Verdict.UP, reason=Reason.OK, detail=words, advice=advice
        )

    async def _ask(self, host: str) -> bytes:
        reader, writer = await asyncio.open_connection(host, self.port, limit=_LONGEST)
        try:
            writer.write(self.send.encode())
            said = b""
            while b"\n" not in said and len(said) < _LONGEST:
                more = await reader.read(_LONGEST)
                if not more:
                    break
                said += more
            return said.partition(b"\n")[0]
        finally:
            writer.transport.abort()
