"""Which servers of a virtual service are in, with which weight, and why.

what holds of a server, the first that does       its entry is
an operator forced it up                          in
... has it in maintenance                         out
... drains it; it has left the configuration      quiet* while it has connections, then out
its checks report maint / drain                   out / quiet*, then out
its checks fail                                   out, or quiet (on_failure)
its checks succeed, and it flaps                  out, or quiet, while it is held
its checks succeed                                in, rising (slow_start)
nothing is known of it                            as it stands

Then, in this order: where fewer than keep_at_least are in, those that fail or are held
stay, the latest to fail first; where nobody is in, who is held comes in; where still
nobody is, the fallback does.

*  quiet: it stands with weight 0. It goes after `drain` at the latest.

Rule: everything is a level. The same facts give the same places, whenever and however
often one asks; what is remembered are moments, which survive a restart.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import ceil
from types import MappingProxyType
from typing import Final, assert_never

from monlvs.core import slowstart
from monlvs.core.places import (
    Because,
    Decision,
    Facts,
    Member,
    Place,
    Presence,
    Question,
    State,
)
from monlvs.model.lvs import OnFailure, RealServer
from monlvs.model.pool import Act, Count, Damping, PoolPolicy, Share, WeightFrom
from monlvs.model.result import Advice, AdviceKind
from monlvs.model.status import Health

_UP: Final = Place(presence=Presence.IN, because=Because.UP)
_LOOK: Final = 1.0
"""Seconds between two looks at the connections of a server that is to go."""


def decide(asked: Question, before: State, *, now: float) -> Decision:
    """Place every server of a pool; `now` is the monotonic clock."""
    remembered = {server: _recall(asked, before, server) for server in asked.servers}
    servers = {
        server: facts
        if facts.advice is not None or (told := remembered[server].advice) is None
        else replace(facts, advice=told)
        for server, facts in asked.servers.items()
    }
    asked = replace(asked, servers=MappingProxyType(servers))
    members = {
        server: _observe(remembered[server], facts, asked.policy, now)
        for server, facts in servers.items()
    }
    places = {
        server: _place(facts, members[server], asked, now)
        for server, facts in asked.servers.items()
    }
    wanted = _wanted(asked)
    kept = _keep(asked, members, places, wanted)
    scale = 1
    if weighs(asked.policy):
        scale = slowstart.scale_for(facts.weight for facts in asked.servers.values())
    alone = sum(_takes(asked.servers[s], place) for s, place in places.items()) == 1
    for server, place in places.items():
        facts, member = asked.servers[server], members[server]
        members[server] = _rise(member, place, asked.policy, now, alone=alone)
        places[server] = _weigh(facts, members[server], place, asked.policy, scale, now)
    sorry = _fall_back(asked, before, members, places, now)
    return Decision(
        places=MappingProxyType(places),
        state=State(scale=scale, members=MappingProxyType(members)),
        kept=kept,
        wanted=wanted,
        sorry=sorry,
        again=_again(asked, members, places, now),
    )


def weighs(policy: PoolPolicy) -> bool:
    """Whether servers may stand with a part of their weight."""
    return policy.slow_start is not None or policy.weight_from is WeightFrom.CHECK


def _recall(asked: Question, before: State, server: RealServer) -> Member:
    """Return what is remembered; who stands at the first sight has always stood.

    A weight of 0 may then be a failure that was seen before.
    """
    found = before.members.get(server)
    if found is not None:
        heeds = asked.policy.weight_from is WeightFrom.CHECK
        return found if heeds or found.advice is None else replace(found, advice=None)
    standing = asked.servers[server].standing
    stands = bool(standing)
    if standing == 0:
        stands = asked.on_failure is OnFailure.REMOVE
    return Member(is_in=stands, good=bool(standing))


def _observe(member: Member, facts: Facts, policy: PoolPolicy, now: float) -> Member:
    """Note what has happened since the last look."""
    health, told = facts.health, member.health
    if health is Health.DOWN and told is not Health.DOWN:
        flaps = member.flaps
        if policy.damping is not None and told is Health.UP:
            flaps = _recent((*flaps, now), policy.damping)
        member = replace(member, failed=now, flaps=flaps)
    if health not in (Health.UNKNOWN, told):
        good = member.good or health is Health.UP
        member = replace(member, health=health, good=good)
    if facts.advice != member.advice:
        member = replace(member, advice=facts.advice)
    drains = _drains(facts)
    if drains is not (member.drains is not None):
        member = replace(member, drains=now if drains else None)
    if facts.act is not None and member.stood is None:
        member = replace(member, stood=member.is_in)
    released = facts.act is None and facts.health is not Health.UNKNOWN
    if released and member.stood is not None:
        member = replace(member, stood=None)
    return member


def _drains(facts: Facts) -> bool:
    if facts.act is not None:
        return facts.act is Act.DRAIN
    advice = facts.advice
    return facts.leaves or (advice is not None and advice.kind is AdviceKind.DRAIN)


def _recent(moments: tuple[float, ...], damping: Damping) -> tuple[float, ...]:
    first = moments[-1] - damping.within.total_seconds()
    return tuple(each for each in moments if each >= first)[-damping.flaps :]


def _place(facts: Facts, member: Member, asked: Question, now: float) -> Place:
    match facts.act:
        case Act.FORCE_UP:
            return Place(presence=Presence.IN, because=Because.FORCED_UP)
        case Act.MAINTENANCE:
            return Place(presence=Presence.OUT, because=Because.MAINTENANCE)
        case Act.DRAIN:
            return _drain(facts, member, asked, now, Because.DRAINING, Because.DRAINED)
        case None:
            return _place_by_itself(facts, member, asked, now)
        case _:
            assert_never(facts.act)


def _place_by_itself(
    facts: Facts, member: Member, asked: Question, now: float
) -> Place:
    if facts.leaves:
        return _drain(facts, member, asked, now, Because.LEAVING, Because.LEFT)
    match facts.advice:
        case Advice(kind=AdviceKind.MAINT):
            return Place(presence=Presence.OUT, because=Because.ADVISED_OUT)
        case Advice(kind=AdviceKind.DRAIN):
            told = Because.ADVISED_OUT
            return _drain(facts, member, asked, now, told, told)
        case _:
            return _place_by_health(facts, member, asked, now)


def _place_by_health(
    facts: Facts, member: Member, asked: Question, now: float
) -> Place:
    match facts.health:
        case Health.DOWN:
            return Place(presence=_failing(facts, asked), because=Because.DOWN)
        case Health.UP if (left := _held(member, asked.policy, now)) is not None:
            presence = _failing(facts, asked)
            return Place(presence=presence, because=Because.HELD, left=left)
        case Health.UP:
            return _UP
        case Health.UNKNOWN:
            return Place(presence=_as_it_is(facts, member), because=Because.UNKNOWN)
        case _:
            assert_never(facts.health)


def _failing(facts: Facts, asked: Question) -> Presence:
    """A quiet entry is one that stands: nobody is put in to be quiet."""
    if asked.on_failure is OnFailure.QUIESCE and facts.standing is not None:
        return Presence.QUIET
    return Presence.OUT


def _as_it_is(facts: Facts, member: Member) -> Presence:
    if facts.standing or member.stood:
        return Presence.IN
    if facts.standing is None:
        return Presence.OUT
    return Presence.IN if member.is_in else Presence.QUIET


def _drain(
    facts: Facts,
    member: Member,
    asked: Question,
    now: float,
    going: Because,
    gone: Because,
) -> Place:
    """Let a server go with its last connection.

    It has to be seen with weight 0 first: until then it may get one more.
    """
    deadline = asked.policy.drain
    since = now if member.drains is None else member.drains
    left = None if deadline is None else since + deadline.total_seconds() - now
    empty = not facts.standing and not facts.connections
    if facts.standing is None or empty or (left is not None and left <= 0):
        return Place(presence=Presence.OUT, because=gone)
    return Place(presence=Presence.QUIET, because=going, left=left)


def _held(member: Member, policy: PoolPolicy, now: float) -> float | None:
    """Return for how many seconds a flapping server stays out; None: it does not."""
    damping = policy.damping
    if damping is None or len(member.flaps) < damping.flaps:
        return None
    left = member.flaps[-1] + damping.hold.total_seconds() - now
    return left if left > 0 else None


def _takes(facts: Facts, place: Place) -> bool:
    """Whether a server gets new connections."""
    if place.presence is not Presence.IN or facts.leaves:
        return False
    advice = facts.advice
    return facts.weight > 0 and (advice is None or advice.amount > 0)


def _wanted(asked: Question) -> int:
    count = sum(f.weight > 0 and not f.leaves for f in asked.servers.values())
    match asked.policy.keep_at_least:
        case None:
            return 0
        case Count(servers=servers):
            return min(servers, count)
        case Share(percent=percent):
            return ceil(count * percent / 100)


def _keep(
    asked: Question,
    members: Mapping[RealServer, Member],
    places: dict[RealServer, Place],
    wanted: int,
) -> tuple[RealServer, ...]:
    """Put those in that have to be, though they fail or flap; return who fails."""
    taking = sum(_takes(asked.servers[s], place) for s, place in places.items())
    held = [s for s, place in places.items() if place.because is Because.HELD]
    needed = max(wanted - taking, 0 if taking else len(held))
    for server in held[: max(needed, 0)]:
        presence, left = Presence.IN, places[server].left
        places[server] = Place(presence=presence, because=Because.LAST, left=left)
    kept = _last_good(asked, members, places)[: max(wanted - taking - len(held), 0)]
    for server in kept:
        places[server] = Place(presence=Presence.IN, because=Because.KEPT)
    return tuple(kept)


def _last_good(
    asked: Question,
    members: Mapping[RealServer, Member],
    places: Mapping[RealServer, Place],
) -> list[RealServer]:
    """Name who fails and was good before: who still is in, then the latest to fail."""
    found = [
        server
        for server, place in places.items()
        if place.because is Because.DOWN
        and asked.servers[server].weight > 0
        and members[server].good
    ]

    def rank(server: RealServer) -> tuple[bool, float]:
        return not asked.servers[server].standing, -(members[server].failed or 0.0)

    return sorted(found, key=rank)


def _rise(
    member: Member, place: Place, policy: PoolPolicy, now: float, *, alone: bool
) -> Member:
    """Note that a server is in, and since when it rises to its weight."""
    if place.presence is not Presence.IN:
        return _changed(member, is_in=False, rises=None)
    window, rises = policy.slow_start, member.rises
    if window is None or alone or place.because is Because.FORCED_UP:
        rises = None
    elif not member.is_in:
        rises = now
    elif rises is not None and now - rises >= window.total_seconds():
        rises = None
    return _changed(member, is_in=True, rises=rises)


def _changed(member: Member, *, is_in: bool, rises: float | None) -> Member:
    if (member.is_in, member.rises) == (is_in, rises):
        return member
    return replace(member, is_in=is_in, rises=rises)


def _weigh(
    facts: Facts,
    member: Member,
    place: Place,
    policy: PoolPolicy,
    scale: int,
    now: float,
) -> Place:
    if place.presence is not Presence.IN:
        return place
    forced = place.because is Because.FORCED_UP
    advice = None if forced else facts.advice
    because, left, part = place.because, place.left, 1.0
    if member.rises is not None and policy.slow_start is not None:
        elapsed = now - member.rises
        part = slowstart.part(elapsed, policy.slow_start)
        if because is Because.UP:
            because = Because.RISING
            left = policy.slow_start.total_seconds() - elapsed
    elif because is Because.UP and advice is not None:
        because = Because.ADVISED
    weight = slowstart.share(facts.weight, scale, part, advice)
    return Place(presence=place.presence, because=because, weight=weight, left=left)


def _fall_back(
    asked: Question,
    before: State,
    members: dict[RealServer, Member],
    places: dict[RealServer, Place],
    now: float,
) -> bool:
    """Place the fallback; return whether it is in."""
    if asked.fallback is None:
        return False
    server, facts = asked.fallback
    # Nobody drained gets new connections, nor does who stands with weight 0.
    if not any(each.weight for each in places.values()):
        places[server] = Place(
            presence=Presence.IN, because=Because.SORRY, weight=facts.weight
        )
        return True
    told = Because.NO_SORRY
    if facts.standing is None or asked.persistent:
        places[server] = Place(presence=Presence.OUT, because=told)
        return False
    member = before.members.get(server, Member())
    if member.drains is None:
        member = Member(drains=now)
    members[server] = member
    places[server] = _drain(facts, member, asked, now, told, told)
    return False


def _again(
    asked: Question,
    members: Mapping[RealServer, Member],
    places: Mapping[RealServer, Place],
    now: float,
) -> float | None:
    moments: list[float] = []
    window = asked.policy.slow_start
    for server, place in places.items():
        member = members.get(server)
        if member is None:
            continue
        if member.rises is not None and window is not None:
            moments.append(slowstart.next_step(now - member.rises, window))
        if place.presence is Presence.QUIET and member.drains is not None:
            moments.append(_LOOK if place.left is None else min(_LOOK, place.left))
        elif place.because in (Because.HELD, Because.LAST) and place.left is not None:
            moments.append(place.left)
    return min(moments, default=None)
