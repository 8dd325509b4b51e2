"""Routes each event to what decides on it, and holds the states.

Rule: the engine decides nothing itself. A call is atomic (no await inside), so there
are no locks; live operation, replay and property tests are this one function.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import tzinfo
from types import MappingProxyType
from typing import assert_never

from monlvs.core import service as machine
from monlvs.core import telling
from monlvs.core.effects import Effect, GuardMoved, OperatorActed, Report
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
from monlvs.core.states import Ack, Disabled, ServiceState, Standing
from monlvs.core.watched import Watched, watched
from monlvs.model.config import Config
from monlvs.model.guard import Effect as GuardEffect
from monlvs.model.guard import Guard
from monlvs.model.status import Health
from monlvs.model.values import Host, Now
from monlvs.model.watch import ServiceKey

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
                    for watch in self.watched.values()
                    for effect in telling.tell_startup(watch, now)
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
        watch = self.watched[key]
        group = watch.group
        return tuple(
            host
            for host in group.hosts
            if host not in group.disabled
            and host not in watch.service.exclude_hosts
            and host not in self.disabled_hosts
        )

    def restore(self, states: Mapping[ServiceKey, ServiceState]) -> None:
        """Take over saved states of services that are still configured."""
        for key, state in states.items():
            watch = self.watched.get(key)
            if watch is not None:
                self.states[key] = _fit(watch, state)

    def _configure(self, config: Config) -> None:
        guards: dict[ServiceKey, list[Guard]] = {}
        for guard in config.guards:
            guards.setdefault(guard.service, []).append(guard)
        self.config = config
        self.watched = {
            key: watched(service, watch.group, tuple(guards.get(key, ())), self._zone)
            for key, (watch, service) in config.services().items()
        }
        self.states = {
            key: _fit(watch, self.states.get(key, ServiceState()))
            for key, watch in self.watched.items()
        }

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
                self._known_host(act.host)
                self.disabled_hosts[act.host] = Disabled(
                    who=act.who, why=act.why, at=now.utc
                )
            case EnableHost():
                self._known_host(act.host)
                self.disabled_hosts.pop(act.host, None)
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
        standing = self._replace(act.service, ack=ack)
        return telling.tell_ack(self.watched[act.service], standing, now)

    def _enable(self, act: Enable) -> Effects:
        standing = self._standing(act.service)
        released = {
            guard: Health.UNKNOWN
            for guard, health in standing.guards.items()
            if guard.effect is GuardEffect.LATCHES_OUT
            and health is Health.DOWN
            and standing.group.failures == 0
        }
        self._replace(
            act.service,
            disabled=None,
            settled=False,
            guards=MappingProxyType({**standing.guards, **released}),
        )
        return tuple(
            effect for guard in released for effect in _released(guard, act.who)
        )

    def _standing(self, key: ServiceKey) -> Standing:
        if key not in self.states:
            raise UnknownTargetError(f"no service {key}")
        return self.states[key].standing

    def _replace(self, key: ServiceKey, **fields: object) -> Standing:
        standing = replace(self._standing(key), **fields)  # type: ignore[arg-type]  # the callers above name real fields
        self.states[key] = replace(self.states[key], standing=standing)
        return standing

    def _known_host(self, host: Host) -> None:
        if not any(host in watch.group.hosts for watch in self.watched.values()):
            raise UnknownTargetError(f"no host {host} in any group")


def _released(guard: Guard, who: str) -> Iterable[Effect]:
    yield GuardMoved(
        service=guard.service,
        host=guard.host,
        entry=str(guard.key) if guard.entry is None else str(guard.entry.server),
        before=Health.DOWN,
        after=Health.UNKNOWN,
    )
    yield Report(guard=guard, health=Health.UNKNOWN, host_reason=f"enabled by {who}")


def _fit(watch: Watched, state: ServiceState) -> ServiceState:
    """Keep of a state what its service's present configuration still has."""
    standing = state.standing
    hosts = {
        host: streak
        for host, streak in standing.hosts.items()
        if host in watch.group.hosts
    }
    guards = {
        guard: standing.guards.get(guard, Health.UNKNOWN) for guard in watch.guards
    }
    periods = {
        label: kept
        for label, kept in standing.periods.items()
        if label in watch.periods
    }
    fitted = replace(
        standing,
        hosts=MappingProxyType(hosts),
        guards=MappingProxyType(guards),
        periods=MappingProxyType(periods),
        settled=False,
    )
    return replace(state, standing=fitted)
