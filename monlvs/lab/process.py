"""A program that runs in the background on a host of a lab."""

import asyncio
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monlvs.lab.guest import Guest
from monlvs.lab.kernel import LabError


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A started program: `pid` in the guest, start time, and the log of its output."""

    guest: Guest
    name: str
    pid: int
    log: Path
    began: float

    def output(self) -> str:
        """Return what it has written so far, both streams."""
        return self.log.read_text(errors="replace")

    async def signal(self, number: int) -> bool:
        """Send a signal to its process group; False when it has ended."""
        return bool((await self._ask("signal", signal=number))["sent"])

    def kill(self) -> None:
        """Kill it and wait until it is gone; blocks, no change when it has ended."""
        self.guest.ask("signal", pid=self.pid, signal=signal.SIGKILL).result()
        self.guest.ask("wait", pid=self.pid, timeout=10.0).result()

    async def wait(self, limit: float = 10.0) -> int:
        """Return its exit status (negative: the signal). Raises LabError at `limit`."""
        answer = await self._ask("wait", timeout=limit)
        if "status" not in answer:
            raise LabError(f"{self.name} still runs after {limit:g} s")
        return int(answer["status"])

    async def stop(self, limit: float = 5.0) -> int:
        """End it by SIGTERM, after `limit` seconds by SIGKILL; return its status."""
        await self.signal(signal.SIGTERM)
        try:
            return await self.wait(limit)
        except LabError:
            await self.signal(signal.SIGKILL)
            return await self.wait()

    async def _ask(self, verb: str, **details: object) -> dict[str, Any]:
        answer = self.guest.ask(verb, pid=self.pid, **details)
        return await asyncio.wrap_future(answer)
