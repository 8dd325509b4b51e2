"""All that the engine remembers, and how it fits a new configuration.

Rule: nothing is decided here; the values are replaced, never changed.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import tzinfo
from types import MappingProxyType

from monlvs.core.blindness import Blindness
from monlvs.core.events import PoolKept
from monlvs.core.guarding import identity
from monlvs.core.states import EMPTY, Disabled, ServiceState, Standing
from monlvs.core.streak import NEW
from monlvs.core.transitions import TRANSITIONS
from monlvs.core.watched import Watched, watched
from monlvs.model.config import Config
from monlvs.model.forced import Forced, Forcings, Target
from monlvs.model.guard import Guard
from monlvs.model.lvs import VirtualKey
from monlvs.model.pair import Role, RoleTaken, Teller
from monlvs.model.status import Health, OpStatus
from monlvs.model.values import Host
from monlvs.model.watch import HostGroup, Service, ServiceKey

NO_HOST = "no host of its group is enabled"
"""Why a watch is disabled that nobody disabled by name."""


class UnknownTargetError(Exception):
    """An operator named a service, host or group that is not configured."""


class RefusedError(Exception):
    """An operator's act makes no sense now; the message says why."""


class Memory:
    """The configuration, the state of every service, and what operators have done."""

    def __init__(self, config: Config, *, zone: tzinfo | None = None) -> None:
        self.zone = zone
        self.states: dict[ServiceKey, ServiceState] = {}
        self.disabled_hosts: dict[Host, Disabled] = {}
        self.disabled_watches: dict[str, Disabled] = {}
        self.stopped: Disabled | None = None
        self.forced: dict[Target, Forced] = {}
        """What operators have decided of real servers."""
        self.blindness = Blindness()
        """Who cannot be checked because of us."""
        self.kept: dict[VirtualKey, PoolKept] = {}
        """Pools that are kept against their checks, and of which nobody was told."""
        self.role: RoleTaken | None = None
        """What VRRP has made of this director; None: nobody has told."""
        self.peer_heard: bool | None = None
        """Whether the other director answers; None: not known yet."""
        self.peer_role: Role | None = None
        self.standby = False
        """The other director is the master, and tells."""
        self.config = config
        self.watched: dict[ServiceKey, Watched] = {}
        self.edition = 0
        """Of `watched`: another number means that something in it is another."""
        self.spared: dict[ServiceKey, frozenset[Host]] = {}
        """Hosts that the latest check leaves out, because of `hostdepend`."""
        self.extra: dict[ServiceKey, dict[str, str]] = {}
        """Variables that operators have set and that mean nothing here."""
        self._configure(config)

    def restore(
        self,
        states: Mapping[ServiceKey, ServiceState],
        *,
        disabled_hosts: Mapping[Host, Disabled] = MappingProxyType({}),
        disabled_watches: Mapping[str, Disabled] = MappingProxyType({}),
        stopped: Disabled | None = None,
        role: RoleTaken | None = None,
    ) -> None:
        """Take over what was saved, as far as it is still configured."""
        self.role = role or self.role
        self.states |= states
        self.disabled_hosts |= disabled_hosts
        self.disabled_watches |= disabled_watches
        self.stopped = stopped or self.stopped
        self._configure(self.config)

    def recall(self, forced: Forcings) -> None:
        """Take over what operators had decided, as far as it is still configured."""
        known = self.balanced()
        self.forced |= {t: each for t, each in forced.items() if t[0] in known}

    def stands_by(self) -> bool:
        """Whether it is the other director that tells people: it is heard, and it is
        the master, and this one is not."""
        pair = self.config.pair
        return (
            pair is not None
            and pair.alerts is Teller.MASTER
            and self.role is not None
            and self.role.role is not Role.MASTER
            and self.peer_heard is True
            and self.peer_role is Role.MASTER
        )

    def standing(self, key: ServiceKey) -> Standing:
        """Return where a service stands. Raises UnknownTargetError."""
        if key not in self.states:
            raise UnknownTargetError(f"no service {key}")
        return self.states[key].standing

    def put(self, key: ServiceKey, **fields: object) -> None:
        """Replace fields of a service's standing. Raises UnknownTargetError."""
        standing = replace(self.standing(key), **fields)  # type: ignore[arg-type]  # the callers name real fields
        self.states[key] = self.states[key]._replace(standing=standing)

    def balanced(self) -> frozenset[VirtualKey]:
        """Return the virtual services that are declared or guarded."""
        declared = (each.service.key for each in self.config.virtual_services)
        return frozenset((*declared, *(guard.key for guard in self.config.guards)))

    def groups(self) -> dict[str, HostGroup]:
        """Return every group that is watched, by name."""
        return {watch.group.name: watch.group for watch in self.watched.values()}

    def enabled(self, group: HostGroup) -> tuple[Host, ...]:
        """Return the hosts of a group that nobody has disabled."""
        off = group.disabled.union(self.disabled_hosts)
        return tuple(host for host in group.hosts if host not in off)

    def reopen(self) -> tuple[str, ...]:
        """Enable the watches that were disabled for want of hosts and have one again;
        return which."""
        closed = tuple(
            name
            for name, group in self.groups().items()
            if name in self.disabled_watches
            and self.disabled_watches[name].why == NO_HOST
            and self.enabled(group)
        )
        for name in closed:
            del self.disabled_watches[name]
        return closed

    def prepare(self, key: ServiceKey, service: Service | None = None) -> None:
        """Prepare a service anew, after a host was disabled or a setting changed."""
        old = self.watched[key]
        self.watched[key] = self._watch(service or old.service, old.group, old.guards)
        self.edition += 1
        self.put(key, settled=None)

    def _configure(self, config: Config) -> None:
        guards: dict[ServiceKey, list[Guard]] = {}
        for guard in config.guards:
            guards.setdefault(guard.service, []).append(guard)
        services = config.services()
        groups = {watch.group.name: watch.group for watch, _ in services.values()}
        known = {host for group in groups.values() for host in group.hosts}
        for host in self.disabled_hosts.keys() - known:
            del self.disabled_hosts[host]
        for name in self.disabled_watches.keys() - groups.keys():
            del self.disabled_watches[name]
        if config.pair != self.config.pair:
            self.peer_heard = self.peer_role = None
        self.config = config
        self.standby = self.stands_by()
        known_keys = self.balanced()
        for target in [each for each in self.forced if each[0] not in known_keys]:
            del self.forced[target]
        self.watched = {
            key: self._watch(service, watch.group, tuple(guards.get(key, ())))
            for key, (watch, service) in services.items()
        }
        self.edition += 1
        self.states = {
            key: _fit(watch, self.states.get(key, ServiceState()))
            for key, watch in self.watched.items()
        }
        self.spared = {}
        self.extra = {}
        self.blindness.keep(self.watched)
        self.reopen()

    def _watch(
        self, service: Service, group: HostGroup, guards: tuple[Guard, ...]
    ) -> Watched:
        mon = self.config.mon
        return watched(
            service,
            group,
            guards,
            disabled=self.disabled_hosts,
            zone=self.zone,
            told=() if mon is None else mon.told,
        )


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
        settled=None,
    )
    return state._replace(standing=fitted)
