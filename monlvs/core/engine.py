"""Routes each event to what decides on it.

Rule: the engine decides nothing itself. A call is atomic (no await inside), so there
are no locks; live operation, replay and property tests are this one function.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from monlvs.core import (
    announcing,
    directors,
    keeping,
    operating,
    parents,
    traps,
    variables,
)
from monlvs.core import service as machine
from monlvs.core.alerting import in_force
from monlvs.core.circumstances import FREE, STANDBY
from monlvs.core.effects import Abandon, Effect, OperatorActed, WasReset
from monlvs.core.events import (
    CheckFinished,
    Event,
    PeerHeard,
    PeerLost,
    PoolKept,
    Reconfigured,
    Reset,
    Started,
    TrapExpired,
    TrapOverdue,
    TrapReceived,
)
from monlvs.core.memory import Memory, RefusedError, UnknownTargetError
from monlvs.core.states import Disabled, ServiceState, Standing
from monlvs.core.watched import Watched
from monlvs.model.config import Config
from monlvs.model.depend import DependBehavior
from monlvs.model.guard import Guard
from monlvs.model.result import Result
from monlvs.model.status import Health
from monlvs.model.values import Host, Now
from monlvs.model.watch import ServiceKey

__all__ = ["Effects", "Engine", "RefusedError", "UnknownTargetError", "Withheld"]

Effects = tuple[Effect, ...]


class Withheld(StrEnum):
    """Why a check that is due is not made."""

    STOPPED = "scheduler is stopped"
    WATCH_DISABLED = "watch is disabled"
    NO_MONITOR = "the service has no monitor"
    EXCLUDED = "inside exclude_period"
    DEPENDENCY = "a service it depends on is failing"
    NO_HOSTS = "no host is left to check"


class Engine(Memory):
    """The states of all services, moved by events."""

    def handle(self, event: Event, *, now: Now) -> Effects:  # noqa: PLR0911  one case per kind of event, a line each
        """Take an event in; return what is to be done.

        Raises UnknownTargetError or RefusedError for operators' acts, and then nothing
        has changed. A result of a service that is not configured any more is dropped.
        """
        match event:
            case CheckFinished():
                return self._finish(event, now)
            case TrapReceived() | TrapOverdue() | TrapExpired():
                return traps.take(self, event, now)
            case Reconfigured(config):
                return self._reconfigure(config, now)
            case Reset():
                return self._reset(event, now)
            case PoolKept():
                return keeping.tell(self, event, now)
            case PeerHeard() | PeerLost():
                return directors.hear(self, event, now)
            case Started(heard):
                return (*self._announce(now), *traps.begin(self, now, heard=heard))
            case _:
                return (*operating.act(self, event, now), OperatorActed(act=event))

    def due(self, key: ServiceKey, *, now: Now) -> tuple[Host, ...] | Withheld:
        """Return the hosts to check now that a check of `key` is due, or why it is not
        made; what its dependencies came to is remembered."""
        watch = self.watched[key]
        if watch.free:
            why = self._quiet(watch)
            if why is None and not watch.checked:
                why = _empty(watch)
            return watch.checked if why is None else why
        why = self.withheld(key, now=now)
        runs = parents.hold(self, key, DependBehavior.MONITOR, now)
        if runs is not None and runs is not self.states[key].standing.depends:
            self.put(key, depends=runs)
        self.spared[key] = parents.spared_hosts(self, key)
        return why or self.hosts_to_check(key)

    @property
    def is_open(self) -> bool:
        """Whether nobody has stopped the scheduler or silenced any watch: then `due` of
        a service that is `free` need not be asked, it has all that is checked."""
        return self.stopped is None and not self.disabled_watches

    def withheld(self, key: ServiceKey, *, now: Now) -> Withheld | None:
        """Say why a check of `key` would not be made now; None: it would."""
        watch = self.watched[key]
        exclude = watch.service.exclude_period
        if (quiet := self._quiet(watch)) is not None:
            return quiet
        if exclude is not None and in_force(exclude, now, watch.zone):
            return Withheld.EXCLUDED
        if parents.hold(self, key, DependBehavior.MONITOR, now) is False:
            return Withheld.DEPENDENCY
        return None if self.hosts_to_check(key) else _empty(watch)

    def is_dependency_ok(
        self, key: ServiceKey, behavior: DependBehavior, *, now: Now
    ) -> bool | None:
        """Whether what `key` depends on in this way holds; None: on nothing."""
        return parents.hold(self, key, behavior, now)

    def may_run(self, key: ServiceKey, *, now: Now) -> bool:
        """Whether a check of `key` would be made now."""
        return self.withheld(key, now=now) is None

    def hosts_to_check(self, key: ServiceKey) -> tuple[Host, ...]:
        """Return the hosts that a check of `key` is about now, in the group's order."""
        spared = parents.spared_hosts(self, key)
        return tuple(host for host in self.watched[key].checked if host not in spared)

    def health(self) -> Mapping[Guard, Health]:
        """Return the health of every guard: what the director computes from."""
        return {
            guard: health
            for state in self.states.values()
            for guard, health in state.standing.guards.items()
        }

    def interval(self, key: ServiceKey) -> timedelta | None:
        """Return the time between checks of `key` now, failing or not; None: it is not
        checked by itself."""
        return variables.interval(self, key)

    def get_variable(self, key: ServiceKey, name: str) -> str:
        """Return a service's variable by mon's name for it; empty when there is none.

        Raises UnknownTargetError.
        """
        return variables.current(self, key, name)

    def repeats(
        self, key: ServiceKey, result: Result, *, now: Now, took: timedelta
    ) -> bool:
        """Take in a success like the one before it, which changes nothing but times.

        `took` counts, not what the result says of that. False, and nothing done, where it may change something: `handle` decides then. To
        ask first costs a check that is handled a tenth, and saves the others two thirds.
        """
        state = self.states.get(key)
        if state is None or self.blindness.services:
            return False
        after = machine.repeated(state, result, now, took)
        if after is None:
            return False
        self.states[key] = after
        return True

    def _finish(self, event: CheckFinished, now: Now) -> Effects:
        key = event.service
        watch = self.watched.get(key)
        if watch is None:
            return ()
        around = STANDBY if self.standby else FREE
        if not watch.free or self.stopped is not None or self.disabled_watches:
            around = parents.circumstances(self, key, now)
        self.states[key], effects = machine.step(
            watch, self.states[key], event.result, now=now, around=around
        )
        state = self.states[key]
        if state.unsure or self.blindness.services:
            return self.blindness.take(
                key,
                state,
                effects,
                now,
                watched=self.watched,
                may_tell=self._is_well_and_heard,
            )
        return effects

    def _is_well_and_heard(self, key: ServiceKey) -> bool:
        standing = self.states[key].standing
        silent = self.stopped or standing.disabled or key.group in self.disabled_watches
        return not silent and not standing.opstatus.is_failure

    def _reconfigure(self, config: Config, now: Now) -> Effects:
        before = self.watched
        self._configure(config)
        waits = {key: watch.service.traptimeout for key, watch in before.items()}
        changed = [
            key
            for key, watch in self.watched.items()
            if watch.service.traptimeout != waits.get(key)
        ]
        return traps.begin(self, now, changed)

    def _reset(self, event: Reset, now: Now) -> Effects:
        kept = {
            key: _kept(state, event)
            for key, state in self.states.items()
            if event.keepstate or event.opstatus
        }
        if not event.keepstate:
            self.disabled_hosts, self.disabled_watches = {}, {}
        self.states = kept
        self._configure(event.config)
        if event.stopped and self.stopped is None:
            self.stopped = Disabled(who="", why="reset stopped", at=now.utc)
        mon = event.config.mon
        announced = self._announce(now) if mon and mon.startupalerts_on_reset else ()
        return (
            Abandon(),
            *announced,
            *traps.begin(self, now),
            WasReset(keepstate=event.keepstate, stopped=event.stopped),
        )

    def _announce(self, now: Now) -> Effects:
        if self.stopped or self.standby:
            return ()
        return tuple(
            effect
            for key, watch in self.watched.items()
            if key.group not in self.disabled_watches
            for effect in announcing.startup(watch, self.states[key], now)
        )

    def _quiet(self, watch: Watched) -> Withheld | None:
        if self.stopped is not None:
            return Withheld.STOPPED
        if self.disabled_watches and watch.group.name in self.disabled_watches:
            return Withheld.WATCH_DISABLED
        return None if watch.service.monitor else Withheld.NO_MONITOR


def _kept(state: ServiceState, event: Reset) -> ServiceState:
    """Return what a reset leaves of a service's state."""
    standing = state.standing
    disabled = standing.disabled if event.keepstate else None
    if not event.opstatus:
        return ServiceState(Standing(disabled=disabled))
    known = standing.exit is not None
    kept = replace(standing, disabled=disabled, recalled=known)
    return state._replace(standing=kept)


def _empty(watch: Watched) -> Withheld | None:
    """Say whether a check that no host is left for is withheld."""
    return None if watch.service.allow_empty_group else Withheld.NO_HOSTS
