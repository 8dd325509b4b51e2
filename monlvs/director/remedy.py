"""What to do when a change meets a table that is not as it was read.

Between a reading and a change others may have changed the table; so each change says
what shall stand, and the errors that only tell that it was not as expected are mended:

    change          already there (EEXIST)   service gone (ESRCH)    entry gone (ENOENT)
    AddService      set it                   -                       -
    SetService      -                        add it                  -
    DeleteService   -                        done                    -
    AddServer       set it                   add service, again      -
    SetServer       -                        add service, add it     add it
    DeleteServer    -                        done                    done
"""

import errno
from collections.abc import Callable, Sequence
from typing import Final

from monlvs.director.changes import (
    AddServer,
    AddService,
    Change,
    DeleteServer,
    DeleteService,
    Item,
    SetServer,
    SetService,
)
from monlvs.director.table import Refusal

_ROUNDS: Final = 4
"""Enough for the longest way: set server, add service, add server, set server."""


def remedy(change: Change, code: int) -> tuple[Change, ...] | None:
    """Name the changes to make instead; () when nothing is left to do; None: refused."""
    match change, code:
        case AddService(service=service, cause=cause), errno.EEXIST:
            return (SetService(service=service, cause=cause),)
        case SetService(service=service, cause=cause), errno.ESRCH:
            return (AddService(service=service, cause=cause),)
        case AddServer(parent=parent, entry=entry, cause=cause), errno.EEXIST:
            return (SetServer(parent=parent, entry=entry, cause=cause),)
        case SetServer(parent=parent, entry=entry, cause=cause), errno.ENOENT:
            return (AddServer(parent=parent, entry=entry, cause=cause),)
        case ((AddServer() | SetServer()), errno.ESRCH):
            return (AddService(service=change.parent, cause=change.cause), change)
        case ((DeleteService() | DeleteServer()), (errno.ENOENT | errno.ESRCH)):
            return ()
        case _:
            return None


def settle(
    changes: Sequence[Change], send: Callable[[Sequence[Change]], Sequence[int]]
) -> tuple[Refusal, ...]:
    """Send `changes` and mend what meets another table than was read.

    `send` makes changes in order and returns an error number for each, 0 for made.
    """
    refusals: list[Refusal] = []
    refused: set[Item] = set()
    pending: Sequence[Change] = changes
    for _ in range(_ROUNDS):
        again: list[Change] = []
        for change, code in zip(pending, send(pending), strict=True):
            if code == 0:
                continue
            instead = remedy(change, code)
            if instead is None or any(each.item in refused for each in instead):
                refused.add(change.item)
                refusals.append(Refusal(change=change, code=code))
            else:
                again.extend(instead)
        if not again:
            return tuple(refusals)
        pending = again
    refusals.extend(Refusal(change=each, code=errno.EBUSY) for each in pending)
    return tuple(refusals)
