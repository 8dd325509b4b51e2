"""The service's state machine as a table.

Rule: whatever changes a service's operational status is in this table, and the diagram
in the documentation is drawn from it.
"""

from enum import Enum, auto

from monlvs.model.result import Verdict
from monlvs.model.status import OpStatus


class Move(Enum):
    """What a result did to a service."""

    FIRST_SUCCESS = auto()
    FIRST_FAILURE = auto()
    FAILED = auto()
    STILL_FAILING = auto()
    RECOVERED = auto()
    STEADY = auto()


TRANSITIONS: dict[tuple[OpStatus, Verdict], tuple[OpStatus, Move]] = {
    (OpStatus.UNTESTED, Verdict.UP): (OpStatus.OK, Move.FIRST_SUCCESS),
    (OpStatus.UNTESTED, Verdict.DOWN): (OpStatus.FAIL, Move.FIRST_FAILURE),
    (OpStatus.OK, Verdict.UP): (OpStatus.OK, Move.STEADY),
    (OpStatus.OK, Verdict.DOWN): (OpStatus.FAIL, Move.FAILED),
    (OpStatus.FAIL, Verdict.UP): (OpStatus.OK, Move.RECOVERED),
    (OpStatus.FAIL, Verdict.DOWN): (OpStatus.FAIL, Move.STILL_FAILING),
}
"""The whole machine. mon's other statuses are never entered (mon(8) reports every
failure as 0); a saved one is read as UNTESTED."""

EXPIRED: dict[OpStatus, OpStatus] = {OpStatus.FAIL: OpStatus.OK}
"""What the end of a trapduration makes of a status, without an alert."""
