"""Operators' decisions on real servers: which server is meant, and the state file."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from monlvs.director import plain
from monlvs.director.intents import Intents
from monlvs.model.forced import Forced, Forcings, Target
from monlvs.model.lvs import Fwmark, Listener, RealServer, VirtualKey
from monlvs.model.pool import Act

Plain = dict[str, Any]


def targets(
    text: str, intents: Intents, names: Mapping[VirtualKey, str]
) -> Sequence[Target]:
    """Find the real servers that `[SERVICE/]SERVER` means, in the order of the file.

    SERVICE is a name of `names`, ADDRESS, ADDRESS:PORT or fwmark:N; SERVER is ADDRESS or
    ADDRESS:PORT. Without SERVICE: wherever the server stands. Raises ValueError where
    none is meant.
    """
    service, slash, server = text.rpartition("/")
    found = [
        (key, seat)
        for key, intent in intents.items()
        if not slash or service in _names(key, names.get(key, ""))
        for seat in intent.seats
        if server in _spellings(seat)
    ]
    if not found:
        raise ValueError(
            f"no real server {text}: expected SERVICE/SERVER or SERVER, such as "
            "192.168.1.1:80/10.1.1.2 or 10.1.1.2"
        )
    return found


def _names(key: VirtualKey, name: str) -> set[str]:
    found = {str(key), name} - {""}
    match key:
        case Listener():
            end = RealServer(key.address, key.port)
            return found | _spellings(end) | {f"{key.protocol.name.lower()}:{end}"}
        case Fwmark():
            return found | {f"fwmark:{key.mark}"}


def _spellings(server: RealServer) -> set[str]:
    return {str(server), str(server.address)}


def to_plain(forced: Forcings) -> list[Plain]:
    """Turn what operators have decided into lists, dicts and scalars."""
    return [
        {
            "key": plain.key_to_plain(key),
            "server": plain.server_to_plain(server),
            "act": each.act.value,
            "who": each.who,
            "why": each.why,
            "at": each.at.timestamp(),
            "until": None if each.until is None else each.until.timestamp(),
        }
        for (key, server), each in forced.items()
    ]


def from_plain(data: list[Plain]) -> Forcings:
    """Undo `to_plain`. Raises ValueError for anything else."""
    try:
        return MappingProxyType({_target(each): _forced(each) for each in data})
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise ValueError(f"not what operators decide: {error!r}") from error


def _target(data: Plain) -> Target:
    return plain.key_from_plain(data["key"]), plain.server_from_plain(data["server"])


def _forced(data: Plain) -> Forced:
    until = data["until"]
    return Forced(
        act=Act(data["act"]),
        who=str(data["who"]),
        why=str(data["why"]),
        at=datetime.fromtimestamp(data["at"], UTC),
        until=None if until is None else datetime.fromtimestamp(until, UTC),
    )
