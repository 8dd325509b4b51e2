"""`Lab`: a whole LVS to work with, from asyncio or without it.

async with Lab.open(kind=Kind.DR, table=True) as lab:
    page = await lab.run("client", ["curl", "-s", f"http://{lab.vip}/"])
    await lab.pull("rs2")
"""

import asyncio
import contextlib
import itertools
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeVar

from monlvs.lab import records
from monlvs.lab.cluster import READY_LIMIT, Cluster, check_listening
from monlvs.lab.commands import Argv, Command, result_of
from monlvs.lab.guest import Guest, GuestOptions
from monlvs.lab.inside import program
from monlvs.lab.kernel import LabError
from monlvs.lab.process import Process
from monlvs.lab.records import Mail, Request, Result, TableWatch, Word
from monlvs.lab.topology import CLIENT, Kind, Topology, lay_out
from monlvs.lab.wiring import Cut, plug_batch, pull_batch

T = TypeVar("T")


class Lab:
    """A running LVS. All time stamps are the guest's monotonic clock, in seconds."""

    def __init__(self, guest: Guest, cluster: Cluster) -> None:
        """Take over a guest with a cluster; use `boot` or `open`."""
        self.guest = guest
        self.cluster = cluster
        self.topology = cluster.topology
        self._names = itertools.count(1)
        self._logs: dict[str, Path] = {}
        self._started: list[Process] = []

    @classmethod
    def boot(
        cls,
        kind: Kind | Topology = Kind.NAT,
        *,
        servers: int = 3,
        table: bool = False,
        options: GuestOptions | None = None,
    ) -> Self:
        """Boot a guest and build the cluster; blocks for a second or two.

        A topology is built as it is, of a kind the HOWTO's with `servers`. `table`
        installs the primed IPVS entries. Raises LabError. End it by `halt`.
        """
        if isinstance(kind, Topology):
            topology = kind
        else:
            topology = lay_out(kind, servers=servers)
        guest = Guest.boot(options)
        try:
            cluster = Cluster(guest, topology)
            cluster.build(table=table)
            return cls(guest, cluster)
        except BaseException:
            guest.close()
            raise

    def halt(self) -> None:
        """End the guest; every process of it is gone when this returns."""
        self.guest.close()

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        kind: Kind | Topology = Kind.NAT,
        *,
        servers: int = 3,
        table: bool = False,
        options: GuestOptions | None = None,
    ) -> AsyncIterator[Self]:
        """`boot` and `halt` around a block, without blocking the event loop."""
        pool = ThreadPoolExecutor(1)
        booting = pool.submit(
            cls.boot, kind, servers=servers, table=table, options=options
        )
        pool.shutdown(wait=False)
        try:
            lab = await asyncio.wrap_future(booting)
        except asyncio.CancelledError:
            booting.add_done_callback(_halt_abandoned)
            raise
        try:
            yield lab
        finally:
            await asyncio.to_thread(lab.halt)

    def tidy(self) -> None:
        """Be as after the boot, without a table: for tests that share a lab; blocks.

        Kills what was started, plugs all cables, starts all services.
        """
        self.end_programs()
        self._logs.clear()
        self.cluster.tidy()

    def end_programs(self) -> None:
        """Kill what was started, instruments too; their logs can still be read; blocks."""
        while self._started:
            self._started.pop().kill()

    @property
    def kind(self) -> Kind:
        """The kind of LVS."""
        return self.topology.kind

    @property
    def vip(self) -> str:
        """The address that clients connect to."""
        return self.topology.vip

    @property
    def folder(self) -> Path:
        """The folder that host and guest share under one path, writable for both."""
        return self.guest.folder

    @property
    def python(self) -> str:
        """The interpreter to call in the guest; it can import monlvs."""
        return self.guest.options.python

    # Commands

    def call(
        self,
        host: str | None,
        argv: Argv,
        *,
        timeout: float = 30.0,
        check: bool = False,
        stdin: str = "",
    ) -> Result:
        """`run`, blocking."""
        command = Command(host=host, argv=argv)
        answer = self._run(command, timeout, stdin).result()
        return result_of(command, answer, check=check)

    async def run(  # noqa: PLR0913  # the arguments of subprocess.run
        self,
        host: str | None,
        argv: Argv,
        *,
        timeout: float = 30.0,  # noqa: ASYNC109  # the guest keeps it
        check: bool = False,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Result:
        """Run a command on a host (None: the guest itself) and wait for its end.

        A string goes through a shell. Raises CommandTimeoutError after `timeout`
        seconds, when it is killed; with `check`, LabError when it fails.
        """
        command = Command(host=host, argv=argv, cwd=cwd, env=env or {})
        answer = await asyncio.wrap_future(self._run(command, timeout, stdin))
        return result_of(command, answer, check=check)

    async def start(
        self,
        host: str | None,
        argv: Argv,
        *,
        name: str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Process:
        """Start a command that goes on in the background; its output goes to a log."""
        command = Command(host=host, argv=argv, cwd=cwd, env=env or {})
        name = name or f"{host}-command-{next(self._names)}"
        log = self.folder / f"{name}.log"
        answer = await self._ask("start", log=str(log), **command.request())
        return self._keep(str(command), answer, log)

    async def now(self) -> float:
        """Return the guest's monotonic clock."""
        return float((await self._ask("clock"))["now"])

    async def until(
        self,
        check: Callable[[], T | None],
        *,
        timeout: float = 10.0,  # noqa: ASYNC109  # the message below needs it
        every: float = 0.02,
    ) -> T:
        """Call `check` until what it returns is true, and return that.

        For facts that are files of the guest, or anything else without an event.
        Raises LabError after `timeout` seconds.
        """
        try:
            async with asyncio.timeout(timeout):
                while not (found := check()):  # noqa: ASYNC110  # see above
                    await asyncio.sleep(every)
        except TimeoutError:
            raise LabError(f"waited {timeout:g} s in vain") from None
        return found

    async def until_listening(
        self,
        host: str,
        *ports: int,
        timeout: float = READY_LIMIT,  # noqa: ASYNC109  # the guest keeps it
    ) -> None:
        """Wait until each of a host's TCP ports is listened on.

        Raises LabError, with the ports that are missing, after `timeout` seconds.
        """
        answer = self.cluster.listening(host, ports, timeout)
        check_listening(host, await asyncio.wrap_future(answer))

    # Cables and services

    async def pull(
        self, host: str, *, device: str | None = None, cut: Cut = Cut.SEEN
    ) -> Result:
        """Pull the cables of a host, or of one device. The result tells when."""
        return await self._wire(pull_batch(self.topology, host, device, cut))

    async def plug(self, host: str, *, device: str | None = None) -> Result:
        """Plug the cables in again, however they were cut."""
        return await self._wire(plug_batch(self.topology, host, device))

    async def stop_service(self, host: str, name: str) -> float:
        """Kill a service (httpd, telnetd); return the time after it."""
        await asyncio.to_thread(self.cluster.stop, host, name)
        return await self.now()

    async def start_service(self, host: str, name: str) -> float:
        """Start a service again; return a time at which it listens."""
        await asyncio.to_thread(self.cluster.start, host, name)
        await asyncio.to_thread(self.cluster.listen, host, name)
        return await self.now()

    async def hang_service(self, host: str, name: str) -> float:
        """Make a service hang: connections are made, and nothing answers."""
        await asyncio.to_thread(self.cluster.signal, host, name, signal.SIGSTOP)
        return await self.now()

    async def resume_service(self, host: str, name: str) -> float:
        """Let a hanging service go on."""
        await asyncio.to_thread(self.cluster.signal, host, name, signal.SIGCONT)
        return await self.now()

    # Instruments

    async def visit(
        self,
        *,
        url: str | None = None,
        host: str = CLIENT,
        interval: float = 0.03,
        limit: float = 1.0,
    ) -> Process:
        """Let the client fetch a page every `interval` seconds, with its own limit.

        Returns after the first request; `requests` reads what happened.
        """
        target = url or f"http://{self.vip}/"
        visitor = await self._instrument(
            "visitor", host, target, str(interval), str(limit)
        )
        await self.until(self.requests)
        return visitor

    def requests(self) -> list[Request]:
        """Return the requests of the last `visit` that are over."""
        return records.read_requests(self._log("visitor"))

    async def talk(self, *, port: int = 7, interval: float = 0.2) -> Process:
        """Let the client hold a connection to the VIP; returns after the first word."""
        talker = await self._instrument(
            "talker", CLIENT, self.vip, str(port), str(interval)
        )
        await self.until(self.words)
        return talker

    def words(self) -> list[Word]:
        """Return what the last `talk` has said and heard."""
        return records.read_words(self._log("talker"))

    async def watch_table(
        self, *, director: str | None = None, interval: float = 0.02
    ) -> Process:
        """Watch a director's table from now on; returns after the first look."""
        host = director or self.topology.directors[0]
        watcher = await self._instrument("watcher", host, str(interval))
        await self.until(lambda: self._log("watcher").read_bytes())
        return watcher

    def table_watch(self) -> TableWatch:
        """Return what the last `watch_table` has seen so far."""
        return records.read_table_watch(self._log("watcher"))

    async def table(self, director: str | None = None) -> tuple[str, ...]:
        """Return a director's table now, as TableChange describes its lines."""
        host = director or self.topology.directors[0]
        dump = await self._ask("read", host=host, path="/proc/net/ip_vs")
        return records.read_table(dump["text"].splitlines()[3:])

    async def until_table(
        self,
        accept: Callable[[tuple[str, ...]], bool],
        *,
        director: str | None = None,
        timeout: float = 10.0,  # noqa: ASYNC109  # the message below needs it
    ) -> tuple[str, ...]:
        """Read the table until `accept` likes it; return it. Raises LabError."""
        table = await self.table(director)
        try:
            async with asyncio.timeout(timeout):
                while not accept(table):
                    await asyncio.sleep(0.05)
                    table = await self.table(director)
        except TimeoutError:
            raise LabError(
                "the table has not become right in "
                f"{timeout:g} s, it is: {'; '.join(table) or 'empty'}"
            ) from None
        return table

    async def receive_mail(self, *, host: str = CLIENT, port: int = 25) -> Process:
        """Open a post box on a host; returns when it accepts connections."""
        postbox = await self._instrument("postbox", host, "0.0.0.0", str(port))  # noqa: S104  # the lab's own network
        await self.until_listening(host, port)
        return postbox

    def mails(self) -> list[Mail]:
        """Return the mails that arrived at the last `receive_mail`."""
        return records.read_mails(self._log("postbox"))

    # Files

    def write_file(self, name: str, text: str, *, mode: int = 0o644) -> Path:
        """Write a file in the shared folder; return its path, the same on both sides."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def read_file(self, name: str) -> str:
        """Return the text of a file in the shared folder."""
        return (self.folder / name).read_text()

    def _run(self, command: Command, limit: float, stdin: str) -> "Future[Any]":
        return self.guest.ask("run", timeout=limit, stdin=stdin, **command.request())

    async def _ask(self, verb: str, **details: object) -> dict[str, Any]:
        return await asyncio.wrap_future(self.guest.ask(verb, **details))

    async def _instrument(self, name: str, host: str, *arguments: str) -> Process:
        log = self.folder / f"{name}-{next(self._names)}.jsonl"
        log.touch()
        self._logs[name] = log
        output = log.with_suffix(".log")
        answer = await self._ask(
            "fork",
            host=host,
            program=str(program(f"{name}.py")),
            arguments=[str(log), *arguments],
            log=str(output),
        )
        return self._keep(f"{host}: {name}", answer, output)

    def _keep(self, name: str, answer: Mapping[str, Any], log: Path) -> Process:
        process = Process(
            guest=self.guest,
            name=name,
            pid=answer["pid"],
            log=log,
            began=answer["began"],
        )
        self._started.append(process)
        return process

    def _log(self, name: str) -> Path:
        if name not in self._logs:
            raise LabError(f"the {name} was not started")
        return self._logs[name]

    async def _wire(self, batch: str) -> Result:
        return await self.run(None, ["ip", "-batch", "-"], stdin=batch, check=True)


def _halt_abandoned(booting: "Future[Any]") -> None:
    if booting.exception() is None:
        booting.result().halt()
