"""What the engine must come to, in a few plain lines of its own."""

from dataclasses import replace

from monlvs.core.effects import CheckUnsure, Effect, SendAlert
from monlvs.core.engine import Engine
from monlvs.core.events import CheckFinished, TrapReceived
from monlvs.core.states import ServiceState
from monlvs.model.depend import DependBehavior
from monlvs.model.result import Reason, Result, Verdict
from monlvs.model.status import Health, OpStatus
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


def before_sight(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """Leave out what is told, last of all, because monlvs can check again."""
    for number, effect in enumerate(effects):
        told = isinstance(effect, SendAlert) and effect.occasion.summary
        if told == "monlvs can check again":
            return effects[:number]
    return effects


def before_doubt(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """Leave out what is told of hosts that could not be checked."""
    for number, effect in enumerate(effects):
        if isinstance(effect, CheckUnsure):
            return effects[:number]
    return effects


def is_in_doubt(engine: Engine, event: CheckFinished, old: ServiceState) -> bool:
    """Whether a success leaves out a host that was failing."""
    unheard = (
        old.standing.hosts[host]
        for host, outcome in event.result.outcomes
        if outcome.verdict is Verdict.INCONCLUSIVE
        and host in engine.hosts_to_check(event.service)
        and host in old.standing.hosts
    )
    failing = any(s.failures or s.health is Health.DOWN for s in unheard)
    return failing and event.result.verdict is Verdict.UP


def unsettled(states: dict[ServiceKey, ServiceState]) -> dict[ServiceKey, ServiceState]:
    return {
        key: state._replace(standing=replace(state.standing, settled=None))
        for key, state in states.items()
    }
