"""What is on record of the other director, in words."""

import logging

from monlvs.core.effects import PeerChanged
from monlvs.director.outlook import DisagreementsChanged
from monlvs.runtime.tablewords import SHOWN, Sentence


def pair_sentence(record: object) -> Sentence | None:
    """Say what a record of the pair tells; None for a record that is not of it."""
    match record:
        case PeerChanged():
            return logging.WARNING, _peer(record)
        case DisagreementsChanged():
            return logging.WARNING, _disagreements(record)
        case _:
            return None


def _peer(record: PeerChanged) -> str:
    if not record.heard:
        return f"the other director, {record.peer}, is not heard: {record.reason}"
    role = "of no known role" if record.role is None else record.role.value
    return f"the other director, {record.peer}, is heard: {role}"


def _disagreements(record: DisagreementsChanged) -> str:
    told = [each.told(record.peer) for each in record.disagreements[:SHOWN]]
    if not told:
        return f"the two directors agree, this one and {record.peer}"
    if len(record.disagreements) > SHOWN:
        told.append(f"and {len(record.disagreements) - SHOWN} more")
    return f"the two directors disagree: {'; '.join(told)}"
