"""What the services that a service depends on mean for it (mon(8), "depend")."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from monlvs.core import depend
from monlvs.core.alerting import in_force
from monlvs.core.circumstances import FREE, STANDBY, Circumstances
from monlvs.core.memory import Memory
from monlvs.model.depend import Depend, DependBehavior
from monlvs.model.values import Host, Now
from monlvs.model.watch import ServiceKey


@dataclass(frozen=True, slots=True)
class Failing:
    """A parent that fails, and what it says."""

    parent: ServiceKey
    summary: str


def hold(
    memory: Memory, key: ServiceKey, behavior: DependBehavior, now: Now
) -> bool | None:
    """Whether what `key` depends on in this way holds; None: it depends on nothing."""
    found = evaluation(memory, key, behavior, now)
    return None if found is None else found.holds


def evaluation(
    memory: Memory, key: ServiceKey, behavior: DependBehavior, now: Now
) -> depend.Evaluation | None:
    """Say whether what `key` depends on in this way holds, and what speaks against it.

    None: it depends on nothing. Recursion follows expressions of the same behaviour.
    A service's dep_memory makes its parents fail for that long after they recovered.
    """
    depends = _depends(memory, key, behavior)
    if not depends:
        return None
    mon = memory.config.mon
    remembers = memory.watched[key].service.dependencies.memory

    def look(parent: ServiceKey) -> depend.ParentState | None:
        state = memory.states.get(parent)
        if state is None:
            return None
        recovered = state.standing.recovered
        good = depend.is_good(
            state.standing.opstatus,
            last_failure=recovered.mono if recovered else None,
            memory=remembers,
            now=now.mono,
        )
        own = _depends(memory, parent, behavior)
        return depend.ParentState(good=good, depends=own)

    limit = depend.RECURSION_LIMIT if mon is None else mon.dep_recur_limit
    return depend.evaluate(depends, look, limit=limit)


def failing(memory: Memory, key: ServiceKey) -> Iterator[Failing]:
    """Yield the parents of `hm` dependencies that fail now; operators are ignored."""
    for each in _depends(memory, key, DependBehavior.HOSTS):
        for parent in depend.services(each.text):
            state = memory.states.get(parent)
            if state is not None and state.standing.opstatus.is_failure:
                summary = state.standing.failure_output.partition("\n")[0]
                yield Failing(parent, summary)


def spared_hosts(memory: Memory, key: ServiceKey) -> frozenset[Host]:
    """Return the hosts that a failing `hm` parent names: they are not checked."""
    summaries = [each.summary for each in failing(memory, key)]
    if not summaries:
        return frozenset()
    hosts = memory.watched[key].checked
    return frozenset(depend.suppressed_hosts(hosts, summaries))


def circumstances(memory: Memory, key: ServiceKey, now: Now) -> Circumstances:
    """Return how things stand around `key` when a result of it comes."""
    watch = memory.watched[key]
    around = STANDBY if memory.standby else FREE
    if memory.stopped or key.group in memory.disabled_watches:
        around = replace(
            around,
            stopped=memory.stopped is not None,
            watch_disabled=key.group in memory.disabled_watches,
        )
    if watch.free:
        return around
    exclude = watch.service.exclude_period
    return replace(
        around,
        excluded=exclude is not None and in_force(exclude, now, watch.zone),
        holds=hold(memory, key, DependBehavior.ALERT, now),
        runs=hold(memory, key, DependBehavior.MONITOR, now),
        spared=memory.spared.get(key, frozenset()),
    )


def _depends(
    memory: Memory, key: ServiceKey, behavior: DependBehavior
) -> tuple[Depend, ...]:
    return depend.expressions(memory.watched[key].service.dependencies, behavior)
