"""Checks of single services by real engines."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from monlvs.core.watched import Watched, watched
from monlvs.model.plugin import Monitor
from monlvs.model.result import Result
from monlvs.model.values import Host
from monlvs.model.watch import HostGroup, Service, ServiceKey
from monlvs.runtime.checks import Checks, Wires
from monlvs.wire.icmp import Icmp
from monlvs.wire.names import Names
from monlvs.wire.process import Programs
from monlvs.wire.sockets import Sockets
from tests.runtime.alerts import KEY
from tests.runtime.tasks import passing_tasks

LIMIT = 20.0
"""Seconds for what should be answered at once, on a busy machine."""

VARIABLES = (("MON_TEST", "told"),)


@contextmanager
def listening(host: str = "127.0.0.1") -> Iterator[int]:
    """Listen at a port of the kernel's choice; it accepts connections and says nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.bind((host, 0))
        listener.listen(100)
        yield listener.getsockname()[1]


@asynccontextmanager
async def wires() -> AsyncIterator[Wires]:
    """All engines, closed at the end."""
    programs = Programs(limit=4)
    with Sockets() as sockets, Icmp() as icmp:
        yield Wires(sockets=sockets, icmp=icmp, programs=programs, names=Names())
        await programs.close()


def watch_of(
    monitor: Monitor, *hosts: Host, limit: float = LIMIT, key: ServiceKey = KEY
) -> Watched:
    """A service with nothing but its monitor."""
    service = Service(
        key=key,
        monitor=monitor,
        interval=timedelta(seconds=60),
        timeout=timedelta(seconds=limit),
    )
    return watched(service, HostGroup(name=key.group, hosts=hosts), ())


@dataclass
class Bench:
    """Starts checks and waits for their results."""

    checks: Checks
    arrived: asyncio.Queue[tuple[ServiceKey, Result]] = field(
        default_factory=asyncio.Queue
    )

    async def result(self) -> Result:
        """Wait for the next result."""
        async with asyncio.timeout(LIMIT):
            return (await self.arrived.get())[1]

    async def check(
        self, monitor: Monitor, *hosts: Host, limit: float = LIMIT
    ) -> Result:
        """Make one check."""
        watch = watch_of(monitor, *hosts, limit=limit)
        self.checks.job(watch, hosts).start()
        assert self.arrived.empty()  # never from inside `start`
        return await self.result()


@asynccontextmanager
async def bench() -> AsyncIterator[Bench]:
    """Checks with real engines."""
    arrived: asyncio.Queue[tuple[ServiceKey, Result]] = asyncio.Queue()
    async with wires() as engines, passing_tasks() as tasks:
        checks = Checks(
            engines,
            tasks,
            finish=lambda key, result: arrived.put_nowait((key, result)),
            environ=lambda _: VARIABLES,
        )
        yield Bench(checks, arrived)
