"""Keeps the kernel's sync daemons as the configuration and this director's role ask.

Level, not edge, as everywhere: what runs is read, compared, and made right, again and
again; what the kernel refuses (a device that is down) is tried again.
"""

import asyncio
import logging
from os import strerror
from typing import assert_never

from monlvs.director.codec import DecodeError
from monlvs.director.kernel import KernelTable
from monlvs.director.syncing import Start, Step, Stop, reasons, steps, wanted
from monlvs.director.table import TableError
from monlvs.model.pair import Role, Sync
from monlvs.model.sync import SyncDaemon

log = logging.getLogger("monlvs.pair")


class SyncDaemons:
    """The kernel's two daemons. One pass at a time."""

    def __init__(self) -> None:
        self._kernel: KernelTable | None = None
        self._one_at_a_time = asyncio.Lock()
        self.running: tuple[SyncDaemon, ...] = ()
        """What ran at the last look."""
        self.troubles: tuple[str, ...] = ()
        """What the kernel refused then."""

    async def keep(self, sync: Sync, role: Role | None) -> None:
        """Make one pass. Never raises for what the kernel says."""
        async with self._one_at_a_time:
            troubles = await asyncio.to_thread(self._pass, sync, role)
            for words in troubles:
                if words not in self.troubles:
                    log.error("sync daemon: %s; it is tried again", words)
            self.troubles = troubles

    def forget(self) -> None:
        """Leave the daemons alone from now on, as they are."""
        self.running, self.troubles = (), ()

    def close(self) -> None:
        """Let go of the kernel; the daemons go on."""
        if self._kernel is not None:
            self._kernel.close()
        self._kernel = None

    def _pass(self, sync: Sync, role: Role | None) -> tuple[str, ...]:
        """Read, and change what differs; in a thread, as the kernel may take a while."""
        try:
            if self._kernel is None:
                self._kernel = KernelTable()
            kernel = self._kernel
            found = kernel.sync_daemons()
            todo = steps(found, wanted(sync, role))
            troubles = tuple(filter(None, (_do(kernel, step) for step in todo)))
            self.running = kernel.sync_daemons() if todo else found
        except (OSError, DecodeError, TableError) as error:
            return (str(error),)
        return troubles


def _do(kernel: KernelTable, step: Step) -> str:
    """Make one step; return what the kernel has against it."""
    try:
        match step:
            case Start(daemon=daemon):
                kernel.start_sync(daemon)
                log.warning(
                    "sync daemon: %s started on %s, id %d",
                    daemon.role.name.lower(),
                    daemon.interface,
                    daemon.sync_id,
                )
            case Stop(role=role):
                kernel.stop_sync(role)
                log.warning("sync daemon: %s stopped", role.name.lower())
            case _:
                assert_never(step)
    except OSError as error:
        code = error.errno or 0
        known = reasons(step.daemon) if isinstance(step, Start) else {}
        return known.get(code) or strerror(code)
    return ""
