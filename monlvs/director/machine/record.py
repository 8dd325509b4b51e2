"""What monlvs changed on a machine and what was there before, for files: pure.

Rule: a record is good until the next boot, which undoes all of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from ipaddress import ip_address, ip_interface, ip_network
from types import MappingProxyType
from typing import Any, Final, TypeAlias

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
from monlvs.model.lvs import TunnelType

Plain: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A setting that monlvs made."""

    setting: Setting
    before: str | None = None
    """The value that a variable had; the route that was replaced, as ip-route(8)
    tells it."""
    beside: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Variables that the kernel changed along with it, as they were."""


def identity(setting: Setting) -> tuple[Any, ...]:
    """Say what there can be one of: a variable has one value, a network one route."""
    match setting:
        case Sysctl(name=name):
            return ("sysctl", name)
        case Route(to=to):
            return ("route", to)
        case DeviceAddress(interface=interface, device=device):
            return ("address", interface, device)
        case _:
            return (type(setting).__name__, setting)


def remember(done: Sequence[Done], more: Done) -> tuple[Done, ...]:
    """Add to what was done; what stood before the first change is what counts."""
    name = identity(more.setting)
    for at, each in enumerate(done):
        if identity(each.setting) == name:
            kept = Done(setting=more.setting, before=each.before, beside=each.beside)
            return (*done[:at], kept, *done[at + 1 :])
    return (*done, more)


def forget(done: Sequence[Done], setting: Setting) -> tuple[Done, ...]:
    """Take out what was undone."""
    name = identity(setting)
    return tuple(each for each in done if identity(each.setting) != name)


def route_words(route: Route) -> str:
    """Spell a route as ip-route(8) takes it."""
    via = "" if route.via is None else f" via {route.via}"
    device = "" if route.device is None else f" dev {route.device}"
    return f"{route.to}{via}{device}"


_KINDS: Final = {
    kind.__name__: kind
    for kind in (
        Module,
        Sysctl,
        TunnelDevice,
        GuePort,
        LinkUp,
        DeviceAddress,
        Route,
        Masquerade,
        SegmentLimit,
    )
}
_READERS: Final[Mapping[str, Any]] = {
    "interface": ip_interface,
    "address": ip_address,
    "to": ip_network,
    "source": ip_network,
    "via": ip_address,
    "local": ip_address,
    "remote": ip_address,
    "type": lambda word: TunnelType[word],
}
_LATER: Final = ("metric", "told", "checksum")
"""What records of earlier versions do not have."""


def to_plain(done: Sequence[Done], *, boot: str) -> Plain:
    """Tell it; `boot` is the kernel's name for the time since it booted."""
    return {"boot": boot, "done": [_done_to_plain(each) for each in done]}


def from_plain(data: Plain, *, boot: str) -> tuple[Done, ...]:
    """Undo `to_plain`; nothing for a record of another boot.

    Raises ValueError for what was not written here.
    """
    if not data or data.get("boot") != boot:
        return ()
    try:
        return tuple(map(_done_from_plain, data["done"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a record of changes: {error!r}") from None


def _done_to_plain(done: Done) -> Plain:
    setting = done.setting
    told = {each.name: getattr(setting, each.name) for each in fields(setting)}
    return {
        "kind": type(setting).__name__,
        **{name: _word(value) for name, value in told.items()},
        "before": done.before,
        "beside": dict(done.beside),
    }


def _word(value: object) -> object:
    if isinstance(value, TunnelType):
        return value.name
    return value if value is None or isinstance(value, bool | int) else str(value)


def _done_from_plain(data: Plain) -> Done:
    kind = _KINDS[data["kind"]]
    told = {
        each.name: _READERS[each.name](data[each.name])
        if each.name in _READERS and data[each.name] is not None
        else data[each.name]
        for each in fields(kind)
        if each.name in data or each.name not in _LATER
    }
    return Done(
        setting=kind(**told),
        before=data["before"],
        beside=MappingProxyType(dict(data["beside"])),
    )
