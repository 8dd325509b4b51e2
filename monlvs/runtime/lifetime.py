"""Tasks that live as long as the daemon."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class _EndError(Exception):
    """Leaves the task group when the daemon is told to end."""


@asynccontextmanager
async def lifetime() -> AsyncIterator[asyncio.TaskGroup]:
    """A task group whose tasks end when its body does.

    One error alone is raised as it is, several as a group.
    """
    try:
        async with asyncio.TaskGroup() as tasks:
            yield tasks
            raise _EndError
    except BaseExceptionGroup as group:
        rest = group.split(_EndError)[1]
        if rest is not None:
            raise rest.exceptions[0] if len(rest.exceptions) == 1 else rest from None
