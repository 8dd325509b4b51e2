"""One session: a contender on the director of a lab, clients, instruments, faults."""

import asyncio
import signal
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bench.compared.contenders import INTERVAL, TIMEOUT, Contender, broken
from bench.compared.readings import Reading, Window, in_rotation, read
from monlvs.lab import DIRECTOR, Lab, LabError, Process
from monlvs.lab.records import TableWatch

HTTPD = "httpd"
VISIT = 0.025
"""Seconds between requests."""
LIMIT = 1.0
"""Seconds after which a request has failed."""
LOOK = 0.01
"""Seconds between looks at the table."""
ARP = 600
"""Milliseconds after which the director asks for a neighbour again. With the kernel's own
1,000 the answer of a server that is back would come as a check's second ends: chance
would decide."""
DIRECTOR_INSIDE = "10.1.1.1"
START_LIMIT = 60.0
SNIFFER = Path(__file__).with_name("sniffer.py")


@dataclass(kw_only=True)
class Stage:
    """What the faults act on; the second real server is who suffers."""

    lab: Lab
    contender: Contender
    folder: Path
    phase: float
    """Where in the time between two checks a fault strikes, from 0 to 1."""
    visit: float = VISIT
    """Seconds between requests."""
    windows: list[Window] = field(default_factory=list)
    sniffer: Process | None = None
    process: Process | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """All real servers."""
        return tuple(server.address for server in self.lab.topology.servers)

    @property
    def victim(self) -> str:
        """The host that suffers."""
        return self.lab.topology.servers[1].host

    @property
    def all(self) -> frozenset[str]:
        """Everybody."""
        return frozenset(self.addresses)

    @property
    def others(self) -> frozenset[str]:
        """Everybody but the victim."""
        return self.all - {self.addresses[1]}

    @property
    def file(self) -> Path:
        """The contender's configuration."""
        return self.folder / self.contender.file

    # Instruments

    async def prepare(self) -> None:
        """Start what looks on, and the client."""
        log = self.folder / "checks.jsonl"
        log.touch()
        words = [self.lab.python, "-I", "-S", str(SNIFFER), str(log), "eth1"]
        self.sniffer = await self.lab.start(DIRECTOR, [*words, DIRECTOR_INSIDE])
        asked = "/proc/sys/net/ipv4/neigh/eth1/retrans_time_ms"
        await self.lab.run(DIRECTOR, f"echo {ARP} >{asked}", check=True)
        await self.lab.watch_table(interval=LOOK)
        await self.lab.visit(interval=self.visit, limit=LIMIT)

    def seen(self) -> TableWatch:
        """Return what became of the table so far."""
        return self.lab.table_watch()

    async def edit_table(self, words: list[str]) -> float:
        """Change the table by hand; return when the change was seen."""
        began = (await self.lab.run(DIRECTOR, words, check=True)).began

        def changed() -> float | None:
            changes = (each.at for each in self.seen().changes if each.at >= began)
            return next(changes, None)

        return await self.lab.until(changed)

    async def settle_requests(self) -> None:
        """Wait until the last requests are over and written down."""
        await asyncio.sleep(LIMIT + 0.3)

    def readings(self) -> list[tuple[str, Reading]]:
        """Return what was seen in each window, with its row."""
        watch, requests = self.seen(), self.lab.requests()
        return [(each.row, read(each, watch, requests)) for each in self.windows]

    # The contender

    def write(self, servers: Iterable[str] | None = None) -> None:
        """Write its configuration, with all servers or these."""
        chosen = tuple(servers or self.addresses)
        self.file.write_text(self.contender.text(self.lab.vip, chosen, self.folder))

    def write_broken(self) -> None:
        """Write its configuration as a full disk leaves it."""
        self.file.write_text(broken(self.file.read_text()))

    async def start(self) -> float:
        """Start it; return when."""
        command = self.contender.command(self.lab.python, self.file, self.folder)
        self.process = await self.lab.start(DIRECTOR, command)
        return self.process.began

    async def kill(self) -> float:
        """End it and all its children by kill -9; return the time before."""
        assert self.process is not None
        before = await self.lab.now()
        await self.process.signal(signal.SIGKILL)
        await self.process.wait()
        return before

    async def reload(self) -> float:
        """Send SIGHUP to the main process alone, as `kill -HUP $MAINPID`; say when."""
        assert self.process is not None
        words = ["kill", "-HUP", str(self.process.pid)]
        return (await self.lab.run(DIRECTOR, words, check=True)).began

    async def settle(self) -> None:
        """Have all servers in the table and checks going on, if need be by a fresh start."""
        if self.process is not None:
            try:
                await self.until_in(self.all, limit=3 * INTERVAL)
            except LabError:
                await self.kill()
                self.process = None
        if self.process is None:
            await self.lab.run(DIRECTOR, ["ipvsadm", "-C"], check=True)
            self.write()
            await self.start()
            try:
                await self.until_in(self.all, limit=START_LIMIT)
            except LabError as error:
                said = self.process.output() if self.process else ""
                raise LabError(f"{self.contender.name}: {error}\n{said}") from None

    async def until_in(self, servers: frozenset[str], *, limit: float) -> None:
        """Wait until exactly these get connections. Raises LabError."""
        await self.lab.until_table(
            lambda table: in_rotation(table) == servers, timeout=limit
        )

    async def settle_out(self) -> None:
        """Have the victim out of the table, whose httpd does not run."""
        await self.until_in(self.others, limit=START_LIMIT)

    # Time

    def _checks(self) -> list[str]:
        text = (self.folder / "checks.jsonl").read_text()
        return [line for line in text.splitlines() if f'"{self.addresses[1]}"' in line]

    async def at_phase(self) -> None:
        """Return at the phase of this trial, after the victim's next check has begun."""
        known = len(self._checks())
        await self.lab.until(
            lambda: len(self._checks()) > known, timeout=5 * INTERVAL, every=0.05
        )
        began = float(self._checks()[known].split('"at": ')[1].split(",")[0])
        due = began + self.phase * INTERVAL
        await self.sleep(due - await self.lab.now())

    async def spread(self, *, ahead: float = 0.0) -> None:
        """Wait so long that what comes `ahead` seconds later is spread evenly over the
        checks.

        Checks of a server that is gone come every two seconds, or three where the time
        for one is added: six seconds hold whole numbers of both. The phase at which the
        fault has struck is a part of it.
        """
        whole = INTERVAL * (INTERVAL + TIMEOUT)
        await self.sleep(self.phase * (whole - INTERVAL) - ahead)

    async def sleep(self, seconds: float) -> None:
        """Let time go by."""
        await asyncio.sleep(max(0.0, seconds))

    async def watch(
        self, row: str, began: float, right: frozenset[str], *, seconds: float
    ) -> None:
        """Look on for so long after something happened, for a row."""
        await self.sleep(began + seconds - await self.lab.now())
        ended = began + seconds
        self.windows.append(Window(row=row, began=began, ended=ended, right=right))

    async def watch_until_right(
        self, row: str, began: float, right: frozenset[str], *, seconds: float
    ) -> None:
        """Look on until the table has been right for a second, at most `seconds`."""
        try:
            await self.until_in(right, limit=seconds)
        except LabError:
            ended = began + seconds
            await self.kill()  # it will not come back by itself
            self.process = None
        else:
            await self.sleep(1.0)
            ended = await self.lab.now()
        self.windows.append(Window(row=row, began=began, ended=ended, right=right))
