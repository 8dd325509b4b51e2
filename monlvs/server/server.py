"""Both of mon's ports, opened together and closed together."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from monlvs.core.control import Control
from monlvs.model.mon import MonSettings
from monlvs.server.clients import Clients
from monlvs.server.desk import Desk
from monlvs.server.guard import Guard
from monlvs.server.traps import Traps

log = logging.getLogger("monlvs.server")

_EVERYWHERE = "0.0.0.0"  # noqa: S104  as mon does where no address is configured


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
    tell: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[Ports]:
    """Serve clients and take traps while the context lasts.

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
    try:
        ports = Ports(
            clients=await _open(
                clients, wanted.serverbind, wanted.serverport, "serverbind"
            ),
            traps=await _open(traps, wanted.trapbind, wanted.trapport, "trapbind"),
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
    server: Clients | Traps, address: str | None, port: int, name: str
) -> int:
    try:
        return await server.listen(address or _EVERYWHERE, port)
    except OSError as error:
        why = error.strerror or str(error)
        raise ServerError(
            f"{name} {address or 'everywhere'}, port {port}: {why}"
        ) from None
