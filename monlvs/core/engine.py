"""Routes each event to what decides on it, and holds the states.

Rule: the engine decides nothing itself. A call is atomic (no await inside), so there
are no locks; live operation, replay and property tests are this one function.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta, tzinfo
from types import MappingProxyType
from typing import assert_never

from monlvs.core import service as machine
from monlvs.core import telling
from monlvs.core.effects import Effect, OperatorActed
from monlvs.core.events import (
    Acknowledge,
    CheckFinished,
    Disable,
    DisableHost,
    Enable,
    EnableHost,
    Event,
    OperatorAct,
    Reconfigured,
    Started,
    StartScheduler,
    StopScheduler,
    Unacknowledge,
)
from monlvs.core.guarding import identity, moved, streak_of
from monlvs.core.states import Ack, Disabled, ServiceState, Standing
from monlvs.core.streak import NEW
from monlvs.core.telling import EMPTY
from monlvs.core.transitions import TRANSITIONS
from monlvs.core.watched import Watched, watched
from monlvs.model.config import Config
from monlvs.model.guard import Effect as GuardEffect
from monlvs.model.guard import Guard
from monlvs.model.status import Health, OpStatus
from monlvs.model.values import Host, Now
from monlvs.model.watch import HostGroup, Service, ServiceKey

Effects = tuple[Effect, ...]


class UnknownTargetError(Exception):
    """An operator named a service or host that is not configured."""


class RefusedError(Exception):
    """An operator's act makes no sense now; the message says why."""


class Engine:
    """The states of all services, moved by events."""

    def __init__(self, config: Config, *, zone: tzinfo | None = None) -> None:
        self._zone = zone
        self.states: dict[ServiceKey, ServiceState] = {}
        self.disabled_hosts: dict[Host, Disabled] = {}
        self.stopped: Disabled | None = None
        self.config = config
        self.watched: dict[ServiceKey, Watched] = {}
        self._configure(config)

    def handle(self, event: Event, *, now: Now) -> Effects:
        """Take an event in; return what is to be done.

        Raises UnknownTargetError or RefusedError for operators' acts, and then nothing
        has changed. A result of a service that is not configured any more is dropped.
        """
        match event:
            case CheckFinished(key, result):
                watch = self.watched.get(key)
                if watch is None:
                    return ()
                self.states[key], effects = machine.step(
                    watch, self.states[key], result, now=now, stopped=bool(self.stopped)
                )
                return effects
            case Reconfigured(config):
                self._configure(config)
                return ()
            case Started():
                if self.stopped:
                    return ()
                return tuple(
                    effect
                    for key, watch in self.watched.items()
                    for effect in telling.tell_startup(
                        watch, self.states[key].standing, now
                    )
                )
            case _:
                return (*self._act(event, now), OperatorActed(act=event))

    def health(self) -> Mapping[Guard, Health]:
        """Return the health of every guard: what the director computes from."""
        return {
            guard: health
            for state in self.states.values()
            for guard, health in state.standing.guards.items()
        }

    def hosts_to_check(self, key: ServiceKey) -> tuple[Host, ...]:
        """Return the hosts that a check of `key` is about now, in the group's order."""
        return self.watched[key].checked

    def interval(self, key: ServiceKey) -> timedelta:
        """Return the time between checks of `key` now, failing or not."""
        service = self.watched[key].service
        failing = self.states[key].standing.opstatus.is_failure
        return (failing and service.failure_interval) or service.interval

    def restore(
        self,
        states: Mapping[ServiceKey, ServiceState],
        *,
        disabled_hosts: Mapping[Host, Disabled] = MappingProxyType({}),
        stopped: Disabled | None = None,
    ) -> None:
        """Take over what was saved, as far as it is still configured."""
        self.states |= states
        self.disabled_hosts |= disabled_hosts
        self.stopped = stopped or self.stopped
        self._configure(self.config)

    def _configure(self, config: Config) -> None:
        guards: dict[ServiceKey, list[Guard]] = {}
        for guard in config.guards:
            guards.setdefault(guard.service, []).append(guard)
        services = config.services()
        known = {host for watch, _ in services.values() for host in watch.group.hosts}
        for host in self.disabled_hosts.keys() - known:
            del self.disabled_hosts[host]
        self.config = config
        self.watched = {
            key: self._watch(service, watch.group, tuple(guards.get(key, ())))
            for key, (watch, service) in services.items()
        }
        self.states = {
            key: _fit(watch, self.states.get(key, ServiceState()))
            for key, watch in self.watched.items()
        }

    def _watch(
        self, service: Service, group: HostGroup, guards: tuple[Guard, ...]
    ) -> Watched:
        return watched(
            service, group, guards, disabled=self.disabled_hosts, zone=self._zone
        )

    def _act(self, act: OperatorAct, now: Now) -> Effects:
        match act:
            case Acknowledge():
                return self._acknowledge(act, now)
            case Unacknowledge():
                self._replace(act.service, ack=None)
            case Disable():
                disabled = Disabled(
                    who=act.who, why=act.why, at=now.utc, until=act.until
                )
                self._replace(act.service, disabled=disabled)
            case Enable():
                return self._enable(act)
            case DisableHost():
                disabled = Disabled(who=act.who, why=act.why, at=now.utc)
                self._silence(act.host, disabled)
            case EnableHost():
                self._silence(act.host, None)
            case StopScheduler():
                self.stopped = self.stopped or Disabled(
                    who=act.who, why="scheduler stopped", at=now.utc
                )
            case StartScheduler():
                self.stopped = None
            case _:
                assert_never(act)
        return ()

    def _acknowledge(self, act: Acknowledge, now: Now) -> Effects:
        if not self._standing(act.service).opstatus.is_failure:
            raise RefusedError(f"{act.service} is not failing")
        ack = Ack(who=act.who, why=act.why, at=now.utc, until=act.until)
        self._replace(act.service, ack=ack)
        if self.stopped:
            return ()
        state = self.states[act.service]
        return telling.tell_ack(self.watched[act.service], state, ack, now)

    def _enable(self, act: Enable) -> Effects:
        standing = self._standing(act.service)
        released = [
            guard
            for guard, health in standing.guards.items()
            if guard.effect is GuardEffect.LATCHES_OUT
            and health is Health.DOWN
            and streak_of(guard, standing).failures == 0
        ]
        guards = {**standing.guards, **dict.fromkeys(released, Health.UNKNOWN)}
        self._replace(
            act.service,
            disabled=None,
            settled=False,
            guards=MappingProxyType(guards),
        )
        why = f"enabled by {act.who}"
        return tuple(
            effect
            for guard in released
            for effect in moved(guard, Health.DOWN, Health.UNKNOWN, why)
        )

    def _standing(self, key: ServiceKey) -> Standing:
        if key not in self.states:
            raise UnknownTargetError(f"no service {key}")
        return self.states[key].standing

    def _replace(self, key: ServiceKey, **fields: object) -> None:
        standing = replace(self._standing(key), **fields)  # type: ignore[arg-type]  # the callers above name real fields
        self.states[key] = replace(self.states[key], standing=standing)

    def _known_host(self, host: Host) -> None:
        if not any(host in watch.group.hosts for watch in self.watched.values()):
            raise UnknownTargetError(f"no host {host} in any group")

    def _silence(self, host: Host, note: Disabled | None) -> None:
        self._known_host(host)
        self.disabled_hosts.pop(host, None)
        if note is not None:
            self.disabled_hosts[host] = note
        for key, watch in self.watched.items():
            if host in watch.group.hosts:
                self.watched[key] = self._watch(
                    watch.service, watch.group, watch.guards
                )
                self._replace(key, settled=False)


_MOVING = frozenset(status for status, _ in TRANSITIONS)


def _fit(watch: Watched, state: ServiceState) -> ServiceState:
    """Keep of a state what its service's present configuration still has."""
    standing = state.standing
    known = standing.opstatus in _MOVING
    healths = {identity(guard): health for guard, health in standing.guards.items()}
    hosts = {host: standing.hosts.get(host, NEW) for host in watch.group.hosts}
    guards = {g: healths.get(identity(g), Health.UNKNOWN) for g in watch.guards}
    periods = {label: standing.periods.get(label, EMPTY) for label in watch.periods}
    fitted = replace(
        standing,
        opstatus=standing.opstatus if known else OpStatus.UNTESTED,
        hosts=MappingProxyType(hosts),
        guards=MappingProxyType(guards),
        periods=MappingProxyType(periods),
        settled=False,
    )
    return replace(state, standing=fitted)
