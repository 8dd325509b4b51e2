"""What the engine must come to, in a few plain lines of its own."""

from monlvs.core.engine import Engine
from monlvs.core.events import CheckFinished, TrapReceived
from monlvs.model.depend import DependBehavior
from monlvs.model.result import Reason, Result, Verdict
from monlvs.model.status import OpStatus
from monlvs.model.values import Now
from monlvs.model.watch import ServiceKey
from tests.core.strategies import KEYS


def as_check(told: CheckFinished | TrapReceived) -> CheckFinished:
    """The check that a trap is judged like."""
    if isinstance(told, CheckFinished):
        return told
    failed = told.exit != 0
    result = Result(
        verdict=Verdict.DOWN if failed else Verdict.UP,
        reason=Reason.EXITED if failed else Reason.OK,
        exit=told.exit,
        output=told.output,
    )
    return CheckFinished(told.service, result)


def orphaned(
    engine: Engine, key: ServiceKey, now: Now, *, alerts_only: bool = False
) -> bool:
    """Whether the one service that others depend on fails, for this one."""
    if key != KEYS[1] or key not in engine.watched:
        return False
    depends = engine.watched[key].service.dependencies
    told = depends.depend or depends.alertdepend
    kind = depends.behavior if depends.depend else DependBehavior.ALERT
    wanted = [DependBehavior.ALERT, *([] if alerts_only else [DependBehavior.MONITOR])]
    if told is None or kind not in wanted:
        return False
    parent = engine.states[KEYS[0]].standing
    recent = (
        depends.memory is not None
        and parent.recovered is not None
        and now.mono - parent.recovered.mono < depends.memory.total_seconds()
    )
    return recent or parent.opstatus is OpStatus.FAIL
