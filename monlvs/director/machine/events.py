"""What is told of the machine around the table, for the journal and for people."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A change of the machine, as the command that it stands for."""

    command: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineChanged:
    """Changes were made, in this order."""

    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRefused:
    """The machine does not take a change, or not for the reason that was told."""

    command: str
    """Empty: no change can be named."""
    why: str
    as_root: bool = False
    """Root could make it."""

    def __str__(self) -> str:
        words = ": ".join(filter(None, (self.command, self.why)))
        root = (
            "; root can: `monlvs director apply` while no daemon runs, as the unit does"
        )
        return f"{words}{root}" if self.as_root else words


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRight:
    """What was refused is no longer wanted, or has been done."""

    refused: tuple[MachineRefused, ...]


MachineEvent: TypeAlias = MachineChanged | MachineRefused | MachineRight
