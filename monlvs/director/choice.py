"""Which table: the kernel's where it can be used, else one in memory."""

from dataclasses import dataclass

from monlvs.director.kernel import KernelTable
from monlvs.director.memory import MemoryTable
from monlvs.director.table import LiveTable, TableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An open table and, when it is not the kernel's, why: to be said loudly."""

    table: LiveTable
    shortfall: str | None = None
    """What is missing for the kernel's table; None when nothing is."""


def open_table(kind: str) -> Choice:
    """Open the table that `kind` names: `kernel`, `memory`, or `auto`.

    `auto` takes the kernel's where IPVS and the privilege are there. Raises TableError
    for `kernel` where they are not, and for any other word.
    """
    match kind:
        case "memory":
            return Choice(
                table=MemoryTable(), shortfall="the table in memory was asked for"
            )
        case "kernel":
            return Choice(table=KernelTable())
        case "auto":
            try:
                return Choice(table=KernelTable())
            except TableError as error:
                return Choice(table=MemoryTable(), shortfall=str(error))
        case _:
            raise TableError(f"table {kind!r}: expected kernel, memory or auto")
