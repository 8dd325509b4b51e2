"""The kernel's table for a command, or the reason why there is none."""

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from monlvs.cli.configuration import fail

if TYPE_CHECKING:
    from monlvs.director.kernel import KernelTable


@contextmanager
def kernel_table(refusals: Mapping[int, str] | None = None) -> Iterator["KernelTable"]:
    """Open the table for a block; what the kernel refuses ends the command with 1.

    `refusals` are words for error numbers that mean something of their own here.
    """
    from monlvs.director.codec import DecodeError
    from monlvs.director.kernel import KernelTable
    from monlvs.director.table import TableError

    known = {errno.EPERM: "not permitted (CAP_NET_ADMIN is needed)", **(refusals or {})}
    try:
        with KernelTable() as table:
            yield table
    except (TableError, DecodeError) as error:
        fail(str(error))
    except OSError as error:
        number = error.errno or 0
        fail(known.get(number, os.strerror(number)))
