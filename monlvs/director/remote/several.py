"""The same on several hosts at once; what goes wrong on one does not stop the others."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from monlvs.director.remote.destination import Destination
from monlvs.director.remote.session import CommandError, Session, SessionError
from monlvs.director.remote.ssh import SshOptions, open_session

T = TypeVar("T")

AT_ONCE: Final = 16
"""Hosts that are logged in to at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Generic[T]):
    """What came of one host: a result, or trouble in words."""

    destination: Destination
    result: T | None = None
    trouble: str = ""


async def at_each(
    destinations: Sequence[Destination],
    options: SshOptions,
    act: Callable[[Session], Awaitable[T]],
    tell: Callable[[Outcome[T]], None] = lambda _: None,
) -> tuple[Outcome[T], ...]:
    """Log in to every host and `act` there; return what came of each, in their order.

    `tell` hears of each as soon as it is over.
    """
    turns = asyncio.Semaphore(AT_ONCE)

    async def visit(destination: Destination) -> Outcome[T]:
        try:
            async with open_session(destination, options) as session:
                return Outcome(destination=destination, result=await act(session))
        except (SessionError, CommandError) as error:
            return Outcome(destination=destination, trouble=str(error))

    async def one(destination: Destination) -> Outcome[T]:
        async with turns:
            outcome = await visit(destination)
        tell(outcome)
        return outcome

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(each)) for each in destinations]
    return tuple(task.result() for task in tasks)
