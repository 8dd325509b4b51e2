"""What a machine has of what is wanted, and what is to be done about the rest: pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_network
from types import MappingProxyType
from typing import Final, assert_never

from monlvs.director.machine.record import Done, identity, route_words
from monlvs.director.machine.settings import (
    DeviceAddress,
    GuePort,
    LinkUp,
    Masquerade,
    Module,
    Route,
    SegmentLimit,
    Setting,
    Sysctl,
    TunnelDevice,
)
from monlvs.director.machine.surroundings import Surroundings
from monlvs.model.machine import Interface

# What a route gets for which none is said (net/ipv6/route.c, IP6_RT_PRIO_USER). One of
# another metric stays beside it.
_METRIC: Final = {4: 0, 6: 1024}
_COMPATIBLE: Final = ip_network("::/96")  # RFC 4291, 2.5.5.1


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a look at a machine found, as far as some settings are about it."""

    around: Surroundings = field(default_factory=Surroundings)
    sysctls: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Values by name; a variable that the kernel does not have is left out."""
    modules: frozenset[str] = frozenset()
    """Those that are loaded, or built in."""
    lacking: frozenset[str] = frozenset()
    """Modules that were looked for, and that this kernel does not have."""
    rules: frozenset[Masquerade] = frozenset()
    ports: frozenset[GuePort] = frozenset()
    """At which GUE is unwrapped, where that was looked at."""
    segments: frozenset[SegmentLimit] = frozenset()
    """Where that was looked at."""


class Verb(StrEnum):
    """What is done with a setting."""

    MAKE = "make"
    UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of the machine."""

    verb: Verb
    done: Done
    """For MAKE with what is there before; for UNDO as it was remembered."""
    why: str

    @property
    def setting(self) -> Setting:
        """What is made or undone."""
        return self.done.setting

    @property
    def vip(self) -> DeviceAddress | None:
        """The VIP that it gives to a device, or takes from it."""
        setting = self.setting
        if isinstance(setting, DeviceAddress) and setting.virtual:
            return setting
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done, and what cannot be.

    Clients come and go with a VIP: it is given when everything behind it stands, the
    table too, and taken before anything else is.
    """

    before: tuple[Step, ...] = ()
    """Before the table is changed, in this order."""
    after: tuple[Step, ...] = ()
    """After it."""
    obstacles: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """All that is to be done."""
        return (*self.before, *self.after)

    @property
    def gives_vips(self) -> bool:
        """Whether clients come that could not come before."""
        return any(step.vip and step.verb is Verb.MAKE for step in self.after)


def plan(wanted: Sequence[Setting], done: Sequence[Done], state: State) -> Plan:
    """Compare what is `wanted` with `state`; undo what was `done` and is not wanted.

    What is there already, whoever made it, is left as it is.
    """
    steps: list[Step] = []
    obstacles: list[str] = []
    for setting in wanted:
        if isinstance(setting, DeviceAddress) and setting.device is None:
            obstacles.append(
                f"{setting.interface.ip} is in the network of no device: expected "
                'device = "DEVICE" beside it or in [machine]'
            )
        elif isinstance(setting, Module) and setting.name in state.lacking:
            obstacles.append(
                f"this kernel has no module {setting.name}, and {setting.because}: "
                "expected the package of its modules that has it, or a kernel with "
                f"CONFIG_{setting.name.upper()}"
            )
        elif not holds(setting, state):
            made = Done(setting=setting, before=before(setting, state))
            steps.append(Step(verb=Verb.MAKE, done=made, why=setting.because))
    names = {identity(setting) for setting in wanted}
    old = [each for each in done if identity(each.setting) not in names]
    undone = undoing(old, state, why="no longer configured")
    return _parted((*undone, *steps), obstacles)


def clearing(done: Sequence[Done], state: State) -> Plan:
    """Undo all that was `done`, last first."""
    return _parted(undoing(done, state))


def undoing(
    done: Sequence[Done], state: State, *, why: str = "monlvs made it so"
) -> tuple[Step, ...]:
    """Undo what was `done` as far as it still stands as monlvs made it, last first.

    A module stays, and so does a device that is up for others' addresses, too: who
    uses them by now is not known.
    """
    left = _addresses_left(done, state)
    return tuple(
        Step(verb=Verb.UNDO, done=each, why=why)
        for each in reversed(done)
        if _stands(each, state, left)
    )


def holds(setting: Setting, state: State) -> bool:
    """Whether the machine has it. A tunnel's ends are not looked at."""
    around = state.around
    match setting:
        case Module(name=name):
            there = name in state.modules
        case Sysctl(name=name, value=value):
            there = state.sysctls.get(name, "").split() == value.split()
        case LinkUp(device=device):
            link = around.device(device)
            there = link is not None and link.up
        case DeviceAddress(device=device, interface=interface):
            link = around.device(device) if device else None
            there = link is not None and interface in link.addresses
        case Route(to=to):
            found = next((each for each in around.routes if each.to == to), None)
            there = found is not None and _leads(found, setting)
        case Masquerade():
            there = setting in state.rules
        case TunnelDevice(device=device):
            there = around.device(device) is not None
        case GuePort():
            there = setting in state.ports
        case SegmentLimit():
            there = setting in state.segments
        case _:
            assert_never(setting)
    return there


def before(setting: Setting, state: State) -> str | None:
    """Tell what stands in the place of a setting."""
    match setting:
        case Sysctl(name=name):
            return state.sysctls.get(name)
        case Route(to=to):
            found = (
                each.told or route_words(each)
                for each in state.around.routes
                if each.to == to and each.metric in (0, _METRIC[to.version])
            )
            return next(found, None)
        case _:
            return None


def _parted(steps: Sequence[Step], obstacles: Iterable[str] = ()) -> Plan:
    return Plan(
        before=tuple(filter(_comes_before, steps)),
        after=tuple(step for step in steps if not _comes_before(step)),
        obstacles=tuple(obstacles),
    )


def _comes_before(step: Step) -> bool:
    return (step.verb is Verb.UNDO) == (step.vip is not None)


def _stands(done: Done, state: State, left: Collection[str]) -> bool:
    match done.setting:
        case Module():
            return False
        case LinkUp(device=device):
            return device not in left and holds(done.setting, state)
        case Sysctl():
            return done.before is not None and holds(done.setting, state)
        case setting:
            return holds(setting, state)


def _addresses_left(done: Iterable[Done], state: State) -> frozenset[str]:
    """Name the devices that keep an address when all that was done is undone."""
    ours = {
        (each.setting.device, each.setting.interface)
        for each in done
        if isinstance(each.setting, DeviceAddress)
    }
    return frozenset(
        device.name
        for device in state.around.devices
        for interface in device.addresses
        if not _given_by_itself(interface) and (device.name, interface) not in ours
    )


def _given_by_itself(interface: Interface) -> bool:
    """A device that is up has a link-local address; sit0 has ::A.B.C.D."""
    compatible = interface.version == 6 and interface.ip in _COMPATIBLE
    return interface.ip.is_link_local or compatible


def _leads(route: Route, wanted: Route) -> bool:
    return (
        route.to == wanted.to
        and route.via == wanted.via
        and wanted.device in (None, route.device)
    )
