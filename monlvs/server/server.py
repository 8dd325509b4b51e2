"""Both of mon's ports, opened together and closed together."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from monlvs.core.control import Control
from monlvs.model.mon import MonSettings
from monlvs.server.clients import Clients
from monlvs.server.desk import Desk
from monlvs.server.guard import Guard
from monlvs.server.reserved import EVERYWHERE, Reserved
from monlvs.server.traps import Traps

log = logging.getLogger("monlvs.server")


class ServerError(Exception):
    """A port cannot be opened; says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where the server listens."""

    clients: int
    traps: int


@asynccontextmanager
async def serving(
    control: Control,
    tasks: asyncio.TaskGroup,
    *,
    reserved: Reserved | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[Ports]:
    """Serve clients and take traps while the context lasts.

    `reserved` are ports that are open already; those that nobody asks for are closed.
    `tell` is given what mon would write to syslog. Raises ServerError, AuthFileError.
    """

    def settings() -> MonSettings:
        return control.engine.config.mon or MonSettings()

    guard = Guard(settings)
    await guard.load()
    for rule in guard.traps:
        tell(f"Adding trap auth of: {rule.host} {rule.user}")
    clients = Clients(Desk(control, guard, tell=tell), settings, tasks, tell=tell)
    traps = Traps(control, guard)
    wanted = settings()
    for_clients = wanted.serverbind, wanted.serverport
    for_traps = wanted.trapbind, wanted.trapport
    try:
        with reserved or Reserved() as ready:
            ports = Ports(
                clients=await _open(clients, "serverbind", for_clients, ready),
                traps=await _open(traps, "trapbind", for_traps, ready),
            )
        judging = tasks.create_task(traps.run())
        try:
            log.info(
                "clients on TCP port %d, traps on UDP port %d",
                ports.clients,
                ports.traps,
            )
            yield ports
        finally:
            judging.cancel()
    finally:
        clients.close()
        traps.close()


async def _open(
    server: Clients | Traps, name: str, place: tuple[str | None, int], ready: Reserved
) -> int:
    host, port = place[0] or EVERYWHERE, place[1]
    try:
        return await server.listen(
            host, port, opened=ready.take(server.kind, host, port)
        )
    except OSError as error:
        # asyncio's own words tell the address once more, and as a tuple.
        number = error.errno or 0
        why = os.strerror(number) if number > 0 else error.strerror or str(error)
        raise ServerError(
            f"{name} {place[0] or 'everywhere'}, port {port}: {why}"
        ) from None
