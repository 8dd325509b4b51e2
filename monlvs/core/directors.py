"""Which of two directors is the master, and which of them tells people.

Rule 1: who is master decides nothing about checks or the table: both sides check all
the time and keep their own table true. Rule 2: a backup is silent only while it hears
that the other one is the master; whatever is not known means to speak.
"""

from monlvs.core import keeping
from monlvs.core.effects import Effect, PeerChanged
from monlvs.core.events import PeerHeard, PeerLost, TakeRole
from monlvs.core.memory import Memory
from monlvs.model.pair import RoleTaken
from monlvs.model.values import Now

Effects = tuple[Effect, ...]


def take(memory: Memory, act: TakeRole, now: Now) -> Effects:
    """Take a role; one that is taken again stays as old as it is."""
    if memory.role is None or memory.role.role is not act.role:
        memory.role = RoleTaken(role=act.role, at=now.utc, who=act.who)
    return _settle(memory, now)


def hear(memory: Memory, event: PeerHeard | PeerLost, now: Now) -> Effects:
    """Note how the other director stands; what is not news has no effect."""
    heard = isinstance(event, PeerHeard)
    role = event.role if isinstance(event, PeerHeard) else None
    if memory.peer_heard == heard and memory.peer_role is role:
        return ()
    memory.peer_heard, memory.peer_role = heard, role
    changed = PeerChanged(
        peer=event.peer,
        heard=heard,
        role=role,
        reason="" if isinstance(event, PeerHeard) else event.reason,
    )
    return changed, *_settle(memory, now)


def _settle(memory: Memory, now: Now) -> Effects:
    """Tell what was held back, where this side is the one that speaks from now on."""
    was, is_now = memory.standby, memory.stands_by()
    memory.standby = is_now
    return keeping.catch_up(memory, now) if was and not is_now else ()
