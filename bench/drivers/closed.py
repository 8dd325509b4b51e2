"""Runs the engine of `monlvs.wire.sockets` in a closed loop, as the floors do it."""

import argparse
import asyncio
from ipaddress import ip_address
from itertools import cycle

from bench.drivers.bill import meter
from bench.trial import address
from monlvs.model.result import Reason
from monlvs.monitors.http import Http
from monlvs.monitors.tcp import Tcp
from monlvs.wire.exchange import Exchange
from monlvs.wire.finding import Finding
from monlvs.wire.monitor import Target
from monlvs.wire.sockets import Sockets


class Loop:
    """Starts a check whenever one ends, until all are done."""

    def __init__(
        self, sockets: Sockets, exchanges: list[Exchange], checks: int
    ) -> None:
        self._start = sockets.start
        self._next = cycle(exchanges).__next__
        self._left_to_start = checks
        self._left_to_end = checks
        self.failed = 0
        self.over = asyncio.Event()

    def begin(self) -> None:
        """Start one check if any is left."""
        if self._left_to_start:
            self._left_to_start -= 1
            self._start(self._next(), self._end)

    def _end(self, finding: Finding, _seconds: float) -> None:
        self.failed += finding.reason is not Reason.OK
        self._left_to_end -= 1
        if self._left_to_end:
            self.begin()
        else:
            self.over.set()


async def run(kind: str, port: int, in_flight: int, checks: int, targets: int) -> str:
    """Make the checks and return the bill."""
    monitor = Http(port=port) if kind == "http" else Tcp(port=port)
    hosts = (Target(a, ip_address(a)) for a in map(address, range(targets)))
    exchanges = [monitor.exchange(target, timeout=10) for target in hosts]
    with Sockets(limit=in_flight) as sockets:
        for warm in (checks // 10, checks):
            loop, bill = Loop(sockets, exchanges, warm), meter()
            for _ in range(in_flight):
                loop.begin()
            await loop.over.wait()
        return bill(checks, loop.failed)


def main() -> None:
    """Read the command line, run, print the bill."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("http", "tcp"))
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--in-flight", type=int, default=200)
    parser.add_argument("--checks", type=int, default=10_000)
    parser.add_argument("--targets", type=int, default=250)
    given = parser.parse_args()
    print(
        asyncio.run(
            run(given.kind, given.port, given.in_flight, given.checks, given.targets)
        )
    )


if __name__ == "__main__":
    main()
