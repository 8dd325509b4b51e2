"""What became of the machine around the table, in words."""

import logging

from monlvs.director.machine.events import MachineChanged, MachineRefused, MachineRight
from monlvs.runtime.tablewords import SHOWN, Sentence


def machine_sentence(record: object) -> Sentence | None:
    """Say what a record of the machine tells; None for one that is not its own."""
    match record:
        case MachineChanged(acts=acts):
            told = [f"{each.command} ({each.why})" for each in acts]
            return logging.WARNING, f"machine: {_several(told)}"
        case MachineRefused():
            return logging.ERROR, f"machine: refused: {record}"
        case MachineRight(refused=refused):
            told = [each.command or each.why for each in refused]
            return logging.INFO, f"machine: no longer refused: {_several(told)}"
        case _:
            return None


def _several(told: list[str]) -> str:
    if len(told) > SHOWN:
        told = [*told[:SHOWN], f"and {len(told) - SHOWN} more"]
    return "; ".join(told)
