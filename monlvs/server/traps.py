"""mon's trap port: results that other programs tell, one a datagram (mon(8), "TRAPS").

Rule: datagrams are counted, not waited for. They are judged one after the other in one
task, away from the loop where a password has to be hashed; what comes while QUEUE of
them wait is dropped, and how many is in the log.
"""

import asyncio
import logging
import socket
from collections import deque

from monlvs.core.control import Control
from monlvs.core.events import TrapReceived
from monlvs.model.watch import ServiceKey
from monlvs.mon.trap import BadTrap, Trap, decode_trap
from monlvs.server.guard import Guard

log = logging.getLogger("monlvs.traps")

QUEUE = 1000
"""Datagrams that may wait."""
_COMPLAINTS = 10.0
"""Seconds between complaints about what was dropped."""
_DEFAULT = ServiceKey("default", "default")
"""The service that takes what is meant for groups that are not known."""


class Traps(asyncio.DatagramProtocol):
    """Takes datagrams in; `run` judges them."""

    kind = socket.SOCK_DGRAM

    def __init__(self, control: Control, guard: Guard) -> None:
        self._control = control
        self._guard = guard
        self._waiting: deque[tuple[bytes, str]] = deque()
        self._come = asyncio.Event()
        self._dropped = 0
        self._transport: asyncio.DatagramTransport | None = None

    async def listen(
        self, host: str, port: int, *, opened: socket.socket | None = None
    ) -> int:
        """Open the port, unless it is `opened` already; return its number.

        Raises OSError.
        """
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=None if opened else (host, port), sock=opened
        )
        self._transport = transport
        return int(transport.get_extra_info("sockname")[1])

    def close(self) -> None:
        """Take no more traps."""
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Queue one datagram."""
        if len(self._waiting) >= QUEUE:
            self._drop()
            return
        self._waiting.append((data, addr[0]))
        self._come.set()

    async def run(self) -> None:
        """Judge what comes, for as long as the daemon runs."""
        while True:
            await self._come.wait()
            while self._waiting:
                data, address = self._waiting.popleft()
                try:
                    await self._take(data, address)
                except Exception:  # one trap must not end all others
                    log.exception("trap from %s: could not be taken in", address)
                await asyncio.sleep(0)
            self._come.clear()

    async def _take(self, data: bytes, address: str) -> None:
        trap = decode_trap(data)
        if isinstance(trap, BadTrap):
            log.warning("trap from %s is none: %s", address, trap.reason)
            return
        if trap.password:
            taken = await asyncio.to_thread(self._guard.takes, trap, address)
        else:
            taken = self._guard.takes(trap, address)
        if not taken:
            log.warning("trap from %s refused (auth.cf, trap section)", address)
            return
        self._submit(trap, address)

    def _submit(self, trap: Trap, address: str) -> None:
        key, intended = ServiceKey(trap.group, trap.service), None
        watched = self._control.engine.watched
        if key not in watched:
            # A group that is known and has no such service does not go to the default.
            known = any(other.group == trap.group for other in watched)
            if known or _DEFAULT not in watched:
                log.warning("trap from %s for unknown %.200s: dropped", address, key)
                return
            key, intended = _DEFAULT, f"{trap.group}:{trap.service}"
        self._control.submit(
            TrapReceived(
                service=key,
                exit=trap.status,
                output=trap.output,
                host=address,
                intended=intended,
            )
        )

    def _drop(self) -> None:
        if not self._dropped:
            loop = asyncio.get_running_loop()
            loop.call_later(_COMPLAINTS, self._complain)
        self._dropped += 1

    def _complain(self) -> None:
        log.error("%d traps were dropped: too many came at once", self._dropped)
        self._dropped = 0
