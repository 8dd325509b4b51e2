"""The kernel's table, of this network namespace."""

import asyncio
import contextlib
import errno
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Self, TypeVar, assert_never

from monlvs.director import codec
from monlvs.director.changes import (
    AddServer,
    AddService,
    Change,
    DeleteServer,
    DeleteService,
    SetServer,
    SetService,
)
from monlvs.director.netlink import (
    BATCH,
    STEP,
    IncompleteAnswerError,
    IpvsSocket,
    Steps,
)
from monlvs.director.remedy import settle
from monlvs.director.table import (
    Reading,
    Refusal,
    ServerKey,
    TableError,
    TrafficReading,
)
from monlvs.model.lvs import (
    Counters,
    Entry,
    Pool,
    RealServer,
    VirtualKey,
    VirtualService,
)
from monlvs.model.sync import SyncDaemon, SyncRole
from monlvs.model.traffic import Traffic

T = TypeVar("T")

_SERVICES_A_TURN: Final = 64
"""Services read before others get a turn of the event loop (about 1 ms)."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What the kernel told of one virtual service, and what that means.

    Where nobody connects it tells the same bytes again every few seconds: those need
    not be understood anew.
    """

    messages: list[bytes]
    pool: Pool
    counters: dict[ServerKey, Counters]
    unread: list[str]

    def tells(self, service: VirtualService, messages: list[bytes]) -> bool:
        """Whether what is told now is the same."""
        return self.messages == messages and self.pool.service == service


class KernelTable:
    """The table that this machine balances by."""

    name = "kernel"

    def __init__(self) -> None:
        """Open it. Raises TableError, saying what is missing."""
        try:
            self._socket = IpvsSocket()
        except OSError as error:
            raise TableError(_reason(error)) from error
        try:
            info = codec.decode_info(self._socket.ask(codec.get_info()))
        except OSError as error:
            self._socket.close()
            raise TableError(_reason(error)) from error
        self.info: codec.Info = info
        self._one_at_a_time = asyncio.Lock()
        self._known_services: dict[bytes, VirtualService] = {}
        self._told: dict[VirtualKey, _Told] = {}

    def close(self) -> None:
        """Let go of it; it stays as it is."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def read(self) -> Reading:
        """Read services and their real servers; others get turns. Raises TableError."""
        async with self._one_at_a_time:
            try:
                return await _with_turns(self._read())
            except OSError as error:
                raise TableError(f"the table could not be read: {error}") from error

    async def apply(self, changes: Sequence[Change]) -> tuple[Refusal, ...]:
        """Make `changes`, in batches between which others get a turn."""
        refusals: list[Refusal] = []
        async with self._one_at_a_time:
            for start in range(0, len(changes), BATCH):
                refusals += settle(changes[start : start + BATCH], self._send)
                await asyncio.sleep(0)
        return tuple(refusals)

    def timeouts(self) -> codec.Timeouts:
        """Read how long idle connections are remembered. Raises OSError."""
        return codec.decode_timeouts(self._socket.ask(codec.get_timeouts()))

    def set_timeouts(self, timeouts: codec.Timeouts) -> None:
        """Set them, for this network namespace. Raises OSError."""
        self._demand(codec.set_timeouts(timeouts))

    def zero(self, key: VirtualKey | None = None) -> None:
        """Set the counters of `key`, or all, to zero. Raises OSError."""
        self._demand(codec.zero(key))

    def sync_daemons(self) -> tuple[SyncDaemon, ...]:
        """Read which sync daemons run. Raises OSError, DecodeError."""
        found = self._socket.dump(codec.dump_sync())
        return tuple(codec.decode_sync(message) for message in found)

    def start_sync(self, daemon: SyncDaemon) -> None:
        """Start a sync daemon.

        Raises OSError: EEXIST when one of its role runs, ENODEV without such an
        interface, EINVAL while a real server is of another family than its virtual
        service (the kernel cannot tell such connections).
        """
        self._demand(codec.start_sync(daemon))

    def stop_sync(self, role: SyncRole) -> None:
        """Stop the sync daemon of `role`. Raises OSError: ESRCH when none runs."""
        try:
            self._demand(codec.stop_sync(role))
        except IncompleteAnswerError as error:
            # A thread that is stopped before it first ran ends with EINTR (kthread_stop),
            # the one error that netlink_rcv_skb answers with nothing at all.
            still = any(daemon.role is role for daemon in self.sync_daemons())
            if error.errno != errno.ETIMEDOUT or still:
                raise

    def traffic(self) -> TrafficReading:
        """Read what was counted, in the order in which the kernel tells it.

        What cannot be understood is left out. Raises OSError.
        """
        found: TrafficReading = {}
        for message in self._socket.dump(codec.dump_services()):
            with contextlib.suppress(codec.DecodeError):
                key, own = codec.decode_service_traffic(message)
                servers: dict[RealServer, Traffic] = {}
                for entry in self._socket.dump(codec.dump_servers(key)):
                    with contextlib.suppress(codec.DecodeError):
                        server, counted = codec.decode_server_traffic(entry, key.family)
                        servers[server] = counted
                found[key] = own, servers
        return found

    def flush(self) -> None:
        """Delete everything, ours or not: only when asked for by name."""
        self._demand(codec.flush())

    def _demand(self, payload: bytes) -> None:
        (code,) = self._socket.request([payload])
        if code:
            raise OSError(code, "the kernel refused it")

    def _read(self) -> Steps[Reading]:
        table: dict[VirtualKey, Pool] = {}
        counters: dict[ServerKey, Counters] = {}
        unread: list[str] = []
        told: dict[VirtualKey, _Told] = {}
        services = yield from self._services(unread)
        for number, service in enumerate(services, 1):
            key = service.key
            messages = yield from self._socket.dump_in_steps(codec.dump_servers(key))
            known = self._told.get(key)
            if known is None or not known.tells(service, messages):
                known = yield from _understand(service, messages, known)
            told[key] = known
            table[key] = known.pool
            counters.update(known.counters)
            unread.extend(known.unread)
            if number % _SERVICES_A_TURN == 0:
                yield
        self._told = told
        return Reading(
            table=MappingProxyType(table),
            counters=MappingProxyType(counters),
            unread=tuple(unread),
        )

    def _services(self, unread: list[str]) -> Steps[list[VirtualService]]:
        found: dict[bytes, VirtualService] = {}
        messages = yield from self._socket.dump_in_steps(codec.dump_services())
        for number, message in enumerate(messages, 1):
            known = self._known_services.get(message)
            try:
                found[message] = known or codec.decode_service(message)
            except codec.DecodeError as error:
                unread.append(str(error))
            if number % _SERVICES_A_TURN == 0:
                yield
        self._known_services = found
        return list(found.values())

    def _send(self, changes: Sequence[Change]) -> list[int]:
        """Make `changes`; what cannot even be spelled is refused as the kernel would."""
        payloads = _encode_all(changes)
        codes = [errno.EINVAL] * len(changes)
        try:
            answers = self._socket.request(list(payloads.values()))
        except OSError as error:
            answers = [error.errno or errno.EIO] * len(payloads)
        for index, code in zip(payloads, answers, strict=True):
            codes[index] = code
        return codes


async def _with_turns(steps: Steps[T]) -> T:
    """Do the work and let others have a turn of the event loop in each pause."""
    with contextlib.closing(steps):
        while True:
            try:
                next(steps)
            except StopIteration as end:
                made: T = end.value
                return made
            await asyncio.sleep(0)


def _understand(
    service: VirtualService, messages: list[bytes], before: _Told | None
) -> Steps[_Told]:
    """Decode the real servers of `service`; others get turns.

    Where only counters have moved since `before` the pool stays the same object.
    """
    entries: dict[RealServer, Entry] = {}
    counters: dict[ServerKey, Counters] = {}
    unread: list[str] = []
    key = service.key
    for number, message in enumerate(messages, 1):
        if number % STEP == 0:
            yield
        try:
            entry, counted = codec.decode_destination(message, key.family)
        except codec.DecodeError as error:
            unread.append(f"{key}: {error}")
            continue
        entries[entry.server] = entry
        counters[key, entry.server] = counted
    pool = Pool(service=service, entries=MappingProxyType(entries))
    if before is not None and before.pool == pool:
        pool = before.pool
    return _Told(messages, pool, counters, unread)


def _encode_all(changes: Sequence[Change]) -> dict[int, bytes]:
    """Spell changes, by their places; without those that no message can hold."""
    try:
        return dict(enumerate(map(_encode, changes)))
    except (struct.error, OverflowError, UnicodeError):
        payloads: dict[int, bytes] = {}
        for index, change in enumerate(changes):
            with contextlib.suppress(struct.error, OverflowError, UnicodeError):
                payloads[index] = _encode(change)
        return payloads


def _encode(change: Change) -> bytes:
    match change:
        case AddService(service=service):
            return codec.new_service(service)
        case SetService(service=service):
            return codec.set_service(service)
        case DeleteService(key=key):
            return codec.delete_service(key)
        case AddServer(parent=parent, entry=entry):
            return codec.new_server(parent.key, entry)
        case SetServer(parent=parent, entry=entry):
            return codec.set_server(parent.key, entry)
        case DeleteServer(key=key, server=server):
            return codec.delete_server(key, server)
        case _:
            assert_never(change)


def _reason(error: OSError) -> str:
    match error.errno:
        case errno.ENOENT:
            return "this kernel has no IPVS (module ip_vs is not there)"
        case errno.EPERM | errno.EACCES:
            return "the privilege CAP_NET_ADMIN is missing"
        case errno.EAFNOSUPPORT | errno.EPROTONOSUPPORT:
            return "this system has no netlink sockets"
        case _:
            return f"IPVS does not answer: {error}"
