"""What operators do to services, hosts, watches and the scheduler (moncmd(1)).

Rule: an act that makes no sense raises and changes nothing.
"""

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType
from typing import assert_never

from monlvs.core import announcing, directors, traps, variables
from monlvs.core.effects import Effect, Postpone
from monlvs.core.events import (
    Acknowledge,
    ClearTimers,
    Disable,
    DisableHost,
    DisableHosts,
    DisableWatch,
    Enable,
    EnableHost,
    EnableWatch,
    Force,
    OperatorAct,
    Release,
    SetVariable,
    StartScheduler,
    StopScheduler,
    TakeRole,
    TestAlert,
    Unacknowledge,
)
from monlvs.core.guarding import moved, streak_of
from monlvs.core.memory import NO_HOST, Memory, RefusedError, UnknownTargetError
from monlvs.core.states import Ack, Disabled
from monlvs.model.forced import Forced
from monlvs.model.guard import Effect as GuardEffect
from monlvs.model.plugin import AlertKind
from monlvs.model.status import Health
from monlvs.model.values import Host, Now

Effects = tuple[Effect, ...]


def act(memory: Memory, what: OperatorAct, now: Now) -> Effects:  # noqa: PLR0911  one case per kind of act, a line each
    """Do what an operator asks; return what else follows.

    Raises UnknownTargetError or RefusedError, and then nothing has changed.
    """
    match what:
        case Acknowledge() | Unacknowledge():
            return _acknowledge(memory, what, now)
        case Disable() | Enable():
            return _silence(memory, what, now)
        case DisableHost() | DisableHosts() | EnableHost():
            return _hosts(memory, what, now)
        case DisableWatch() | EnableWatch():
            return _watch(memory, what, now)
        case TestAlert():
            return _test(memory, what, now)
        case ClearTimers() | SetVariable():
            return _adjust(memory, what)
        case StopScheduler() | StartScheduler():
            return _schedule(memory, what, now)
        case Force() | Release():
            return _force(memory, what, now)
        case TakeRole():
            return directors.take(memory, what, now)
        case _:
            assert_never(what)


def _acknowledge(
    memory: Memory, what: Acknowledge | Unacknowledge, now: Now
) -> Effects:
    if isinstance(what, Unacknowledge):
        memory.put(what.service, ack=None)
        return ()
    if not memory.standing(what.service).opstatus.is_failure:
        raise RefusedError(f"{what.service} is not failing")
    ack = Ack(who=what.who, why=what.why, at=now.utc, until=what.until)
    memory.put(what.service, ack=ack)
    if memory.stopped or what.service.group in memory.disabled_watches:
        return ()
    state = memory.states[what.service]
    return announcing.acknowledged(memory.watched[what.service], state, ack, now)


def _silence(memory: Memory, what: Disable | Enable, now: Now) -> Effects:
    match what:
        case Disable():
            note = Disabled(who=what.who, why=what.why, at=now.utc, until=what.until)
            memory.put(what.service, disabled=note)
            return ()
        case Enable():
            return _enable(memory, what)
        case _:
            assert_never(what)


def _enable(memory: Memory, what: Enable) -> Effects:
    standing = memory.standing(what.service)
    released = [
        guard
        for guard, health in standing.guards.items()
        if guard.effect is GuardEffect.LATCHES_OUT
        and health is Health.DOWN
        and streak_of(guard, standing).failures == 0
    ]
    guards = {**standing.guards, **dict.fromkeys(released, Health.UNKNOWN)}
    memory.put(
        what.service, disabled=None, settled=None, guards=MappingProxyType(guards)
    )
    why = f"enabled by {what.who}"
    return tuple(
        effect
        for guard in released
        for effect in moved(guard, Health.DOWN, Health.UNKNOWN, why)
    )


def _hosts(
    memory: Memory, what: DisableHost | DisableHosts | EnableHost, now: Now
) -> Effects:
    match what:
        case DisableHost(host=host, who=who, why=why, until=until):
            note = Disabled(who=who, why=why, at=now.utc, until=until)
            return _disable_hosts(memory, (host,), note)
        case DisableHosts(hosts=hosts, who=who, why=why):
            return _disable_hosts(memory, hosts, Disabled(who=who, why=why, at=now.utc))
        case EnableHost():
            return _enable_host(memory, what.host)
        case _:
            assert_never(what)


def _disable_hosts(memory: Memory, hosts: tuple[Host, ...], note: Disabled) -> Effects:
    _known(memory, hosts)
    memory.disabled_hosts |= dict.fromkeys(hosts, note)
    _prepare(memory, hosts)
    # mon disables the watch of a group that has no host left (moncmd(1), "disable").
    for name, group in memory.groups().items():
        if not set(group.hosts).isdisjoint(hosts) and not memory.enabled(group):
            memory.disabled_watches.setdefault(
                name, replace(note, why=NO_HOST, until=None)
            )
    return ()


def _enable_host(memory: Memory, host: Host) -> Effects:
    _known(memory, (host,))
    memory.disabled_hosts.pop(host, None)
    _prepare(memory, (host,))
    return _begin_again(memory, memory.reopen())


def _known(memory: Memory, hosts: Iterable[Host]) -> None:
    members = {host for group in memory.groups().values() for host in group.hosts}
    strangers = [host for host in hosts if host not in members]
    if strangers:
        raise UnknownTargetError(f"no host {' '.join(strangers)} in any group")


def _prepare(memory: Memory, hosts: Iterable[Host]) -> None:
    told = set(hosts)
    for key, watch in list(memory.watched.items()):
        if not told.isdisjoint(watch.group.hosts):
            memory.prepare(key)


def _watch(memory: Memory, what: DisableWatch | EnableWatch, now: Now) -> Effects:
    if what.group not in memory.groups():
        raise UnknownTargetError(f"no watch {what.group}")
    match what:
        case DisableWatch():
            note = Disabled(who=what.who, why=what.why, at=now.utc)
            memory.disabled_watches[what.group] = note
            return ()
        case EnableWatch():
            was = memory.disabled_watches.pop(what.group, None)
            return _begin_again(memory, (what.group,)) if was else ()
        case _:
            assert_never(what)


def _begin_again(memory: Memory, groups: Iterable[str]) -> Effects:
    """Let the checks of watches that are enabled begin with a whole interval, as mon."""
    again = set(groups)
    return tuple(Postpone(service=key) for key in memory.watched if key.group in again)


def _test(memory: Memory, what: TestAlert, now: Now) -> Effects:
    memory.standing(what.service)
    watch = memory.watched[what.service]
    period = watch.periods.get(what.period)
    if period is None:
        raise RefusedError(f"{what.service} has no period {what.period!r}")
    kinds = (AlertKind.TEST, AlertKind.UP, AlertKind.STARTUP)
    if what.kind not in kinds:
        raise RefusedError(f"an alert of kind {what.kind.value} cannot be tested")
    state = memory.states[what.service]
    return announcing.tested(watch, state, period, what.kind, what.exit, now)


def _adjust(memory: Memory, what: ClearTimers | SetVariable) -> Effects:
    if isinstance(what, SetVariable):
        return variables.assign(memory, what)
    key = what.service
    periods = {
        label: replace(state, last_alert=None, after_met=False, quiet=None)
        for label, state in memory.standing(key).periods.items()
    }
    memory.put(key, periods=MappingProxyType(periods), settled=None)
    return ()


def _schedule(
    memory: Memory, what: StopScheduler | StartScheduler, now: Now
) -> Effects:
    match what:
        case StopScheduler():
            memory.stopped = memory.stopped or Disabled(
                who=what.who, why="scheduler stopped", at=now.utc
            )
            return ()
        case StartScheduler():
            was, memory.stopped = memory.stopped, None
            return traps.begin(memory, now) if was else ()
        case _:
            assert_never(what)


def _force(memory: Memory, what: Force | Release, now: Now) -> Effects:
    key, server = what.target
    match what:
        case Force():
            if key not in memory.balanced():
                raise UnknownTargetError(f"no virtual service {key}")
            memory.forced[what.target] = Forced(
                act=what.decision,
                who=what.who,
                why=what.why,
                at=now.utc,
                until=what.until,
            )
            return ()
        case Release():
            if memory.forced.pop(what.target, None) is None:
                raise RefusedError(f"{key} → {server}: nobody has decided on it")
            return ()
        case _:
            assert_never(what)
