"""What the director knows of pools between two passes, and across restarts."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from monlvs.core.places import Decision, Member, Place, State
from monlvs.director import plain
from monlvs.director.pooling import Around
from monlvs.director.table import ServerKey
from monlvs.model.forced import Forcings
from monlvs.model.guard import Guard
from monlvs.model.lvs import Counters, RealServer, VirtualKey
from monlvs.model.result import Advice, AdviceKind
from monlvs.model.status import Health
from monlvs.model.values import Now

Plain = dict[str, Any]
_SOONEST: Final = 0.05
"""Seconds between two passes that time alone asks for, at least."""


class Pools:
    """Acts, advice, and what was decided last."""

    def __init__(self, states: Mapping[VirtualKey, State] | None = None) -> None:
        """`states` are what was saved."""
        self._states: Mapping[VirtualKey, State] = states or MappingProxyType({})
        self._forced: Forcings = MappingProxyType({})
        self._touched: frozenset[VirtualKey] = frozenset()
        self._advice: dict[Guard, Advice] = {}
        self._advised: dict[ServerKey, dict[Guard, Advice]] = {}
        self._lowest: dict[ServerKey, Advice] = {}
        self.decisions: Mapping[VirtualKey, Decision] = MappingProxyType({})
        """The latest, of pools that are more than their guards."""
        self.look_at: float | None = None
        """When time alone may change a place, on the monotonic clock."""

    @property
    def states(self) -> Mapping[VirtualKey, State]:
        """What a restart must remember."""
        return self._states

    @property
    def forced(self) -> Forcings:
        """What operators have decided."""
        return self._forced

    def force(self, forced: Forcings) -> bool:
        """Take all that operators have decided; return whether it is news."""
        if forced == self._forced:
            return False
        self._forced = MappingProxyType(dict(forced))
        self._touched = frozenset(key for key, _ in forced)
        return True

    def advise(self, guard: Guard, advice: Advice) -> bool:
        """Take what a check reports for a guard's entry; return whether it is news."""
        if guard.entry is None or self._advice.get(guard) == advice:
            return False
        self._advice[guard] = advice
        item = guard.key, guard.entry.server
        told = self._advised.setdefault(item, {})
        told[guard] = advice
        self._lowest[item] = _lowest(told.values())
        return True

    def keep_advice(self, guards: Iterable[Guard]) -> None:
        """Forget what was reported for other guards."""
        if not self._advice:
            return
        told = self._advice
        self._advice, self._advised, self._lowest = {}, {}, {}
        for guard in guards:
            if guard in told:
                self.advise(guard, told[guard])

    def around(self, counters: Mapping[ServerKey, Counters], now: float) -> Around:
        """Return what decides about pools now."""
        return Around(
            now=now,
            counters=counters,
            forced=self._forced,
            touched=self._touched,
            advice=self._lowest,
            states=self._states,
        )

    def take(
        self,
        decisions: Mapping[VirtualKey, Decision],
        states: Mapping[VirtualKey, State],
        now: float,
    ) -> None:
        """Take what was decided at `now`, and what is to be remembered of it."""
        self.decisions = decisions
        waits = [each.again for each in decisions.values() if each.again is not None]
        self.look_at = now + max(min(waits), _SOONEST) if waits else None
        self._states = states

    def place(self, key: VirtualKey, server: RealServer) -> Place | None:
        """Return how a server stands and why; None where its guards alone decide."""
        decision = self.decisions.get(key)
        return None if decision is None else decision.places.get(server)


_RANKS: Final = {
    AdviceKind.MAINT: 0,
    AdviceKind.DRAIN: 1,
    AdviceKind.WEIGHT: 2,
    AdviceKind.PERCENT: 3,
}


def _lowest(told: Iterable[Advice]) -> Advice:
    """Return what takes least; a weight counts before a share."""
    return min(told, key=lambda each: (_RANKS[each.kind], each.amount))


def to_plain(states: Mapping[VirtualKey, State], *, now: Now) -> list[Plain]:
    """Turn `states` into lists, dicts and scalars; moments become times of day."""
    return [*each_to_plain(states, now=now)]


def each_to_plain(states: Mapping[VirtualKey, State], *, now: Now) -> Iterator[Plain]:
    """Yield the items of what `to_plain` returns; `states` must not change meanwhile."""
    for key, state in states.items():
        yield {
            "key": plain.key_to_plain(key),
            "scale": state.scale,
            "members": [
                {**plain.server_to_plain(server), **_member_to_plain(member, now)}
                for server, member in state.members.items()
            ],
        }


def from_plain(data: list[Plain], *, now: Now) -> Mapping[VirtualKey, State]:
    """Undo `to_plain`. Raises ValueError for anything else."""
    try:
        return MappingProxyType(
            {
                plain.key_from_plain(each["key"]): State(
                    scale=max(int(each["scale"]), 1),
                    members=MappingProxyType(
                        {
                            plain.server_from_plain(one): _member_from_plain(one, now)
                            for one in each["members"]
                        }
                    ),
                )
                for each in data
            }
        )
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise ValueError(f"not states of pools: {error!r}") from error


def _member_to_plain(member: Member, now: Now) -> Plain:
    advice = member.advice
    return {
        "is_in": member.is_in,
        "health": member.health.value,
        "failed": _to_utc(member.failed, now),
        "flaps": [_to_utc(each, now) for each in member.flaps],
        "rises": _to_utc(member.rises, now),
        "drains": _to_utc(member.drains, now),
        "stood": member.stood,
        "good": member.good,
        "advice": advice and [advice.kind.value, advice.amount],
    }


def _member_from_plain(data: Plain, now: Now) -> Member:
    told = data["advice"]
    stood = data["stood"]
    return Member(
        is_in=bool(data["is_in"]),
        health=Health(data["health"]),
        failed=_to_mono(data["failed"], now),
        flaps=tuple(_mono(each, now) for each in data["flaps"]),
        rises=_to_mono(data["rises"], now),
        drains=_to_mono(data["drains"], now),
        stood=None if stood is None else bool(stood),
        good=bool(data["good"]),
        advice=None if told is None else Advice(AdviceKind(told[0]), int(told[1])),
    )


def _to_utc(moment: float | None, now: Now) -> float | None:
    return None if moment is None else now.utc.timestamp() - (now.mono - moment)


def _to_mono(saved: Any, now: Now) -> float | None:
    return None if saved is None else _mono(saved, now)


def _mono(saved: Any, now: Now) -> float:
    """A clock that was set back must not make a moment lie ahead."""
    return now.mono - max(now.utc.timestamp() - float(saved), 0.0)
