"""What an administrator should know though nothing is changed for it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from monlvs.core.places import Decision
from monlvs.director.changes import Change
from monlvs.model.lvs import RealServer, VirtualKey


class NoteKind(StrEnum):
    """What an administrator should know though nothing is changed for it."""

    MISSING_SERVICE = "the virtual service is missing and not declared"
    WITHHELD = "the virtual service is withheld"
    WITHHELD_OTHERS = "the withheld virtual service has other servers"
    UNDECLARED = "the real server is declared nowhere and kept"
    LEFTOVER = "the virtual service is no longer configured but holds others' servers"
    DRIFT = "the table differs and is only reported"
    UNREAD = "the entry cannot be understood and is left alone"
    KEPT = "too few real servers would be left: some are kept though their checks fail"
    SORRY = "the fallback is in: no real server of the pool is"
    NO_RISE = "slow_start does nothing with the scheduler that stands"
    NO_ADDRESS = "no device of this machine has the virtual address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something worth showing beside the table, for as long as it is so."""

    kind: NoteKind
    key: VirtualKey | None = None
    server: RealServer | None = None
    text: str = ""

    def __str__(self) -> str:
        about = " ".join(str(each) for each in (self.key, self.server) if each)
        words = [word for word in (about, self.kind.value, self.text) if word]
        return ": ".join(words)


def kept_pools(notes: Iterable[Note]) -> dict[VirtualKey, str]:
    """Return the pools with servers that are kept though they fail, with the words."""
    return {
        note.key: note.text
        for note in notes
        if note.kind is NoteKind.KEPT and note.key is not None
    }


def of_pool(key: VirtualKey, decision: Decision) -> Iterator[Note]:
    """Tell what is unusual about a pool."""
    if decision.kept:
        names = ", ".join(map(str, decision.kept))
        text = f"keep_at_least {decision.wanted}: {names}"
        yield Note(kind=NoteKind.KEPT, key=key, text=text)
    if decision.sorry:
        yield Note(kind=NoteKind.SORRY, key=key)


def of_drift(reported: Iterable[Change]) -> Iterator[Note]:
    """Tell what differs and is not repaired."""
    for change in reported:
        key, server = change.item
        text = change.as_ipvsadm()
        yield Note(kind=NoteKind.DRIFT, key=key, server=server, text=text)
