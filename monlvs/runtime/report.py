"""How everything stands, as plain values: for `monlvs status` and `monlvs why`."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from monlvs.core.engine import Engine
from monlvs.core.states import ServiceState
from monlvs.director.notes import Note, NoteKind
from monlvs.director.reconcile import Director
from monlvs.model.guard import Guard
from monlvs.model.lvs import Entry, Pool
from monlvs.model.pair import Role
from monlvs.model.result import Reason
from monlvs.model.status import Health
from monlvs.model.values import Host, Now
from monlvs.runtime.journal import plain

Plain = dict[str, Any]

LINES = 40
"""Journal entries that an explanation shows at most."""


def status(engine: Engine, director: Director, *, waiting: int, now: Now) -> Plain:
    """Return services, real servers and what is refused, as they stand at `now`."""
    return {
        "time": now.utc.isoformat(timespec="seconds"),
        "scheduler": "stopped" if engine.stopped else "running",
        "role": plain(engine.role),
        "services": [
            {"service": str(key), **_service(state, now)}
            for key, state in engine.states.items()
        ],
        "cannot_check": _blindness(engine, now),
        "stopped": plain(engine.stopped),
        "disabled_hosts": plain(engine.disabled_hosts),
        "disabled_watches": plain(engine.disabled_watches),
        "real_servers": list(_real_servers(engine, director)),
        "refused": [str(trouble.refusal) for trouble in director.refusals],
        "notes": [str(note) for note in director.notes if _matters(engine, note)],
        "alerts_waiting": waiting,
    }


def _matters(engine: Engine, note: Note) -> bool:
    """Whether a note is worth showing: it is the master that has the VIPs."""
    backup = engine.role is not None and engine.role.role is not Role.MASTER
    return not (backup and note.kind is NoteKind.NO_ADDRESS)


def _blindness(engine: Engine, now: Now) -> Plain | None:
    """Return what keeps the checker itself from checking; None: nothing."""
    blind = engine.blindness
    if not blind.services:
        return None
    return {
        "for": now.mono - blind.since.mono if blind.since else None,
        "services": {str(key): why.value for key, why in blind.services.items()},
    }


def _service(state: ServiceState, now: Now) -> Plain:
    standing = state.standing
    first = standing.first_failure
    return {
        "status": standing.opstatus.name.lower(),
        "failing_for": now.mono - first.mono if first else None,
        "summary": standing.output.partition("\n")[0],
        "hosts": {
            host: {
                "health": streak.health.value,
                "detail": _words(streak.detail, streak),
            }
            for host, streak in standing.hosts.items()
        },
        "checked_ago": now.mono - state.checked.mono if state.checked else None,
        "took": state.duration.total_seconds(),
        "inconclusive": state.unsure,
        "inconclusive_reason": state.unsure_reason.value if state.unsure else None,
        "acknowledged": plain(standing.ack),
        "disabled": plain(standing.disabled),
    }


def _words(detail: str, streak: Any) -> str:
    if streak.health is Health.UP or streak.reason is Reason.OK:
        return ""
    return detail or streak.reason.value


def _real_servers(engine: Engine, director: Director) -> Iterator[Plain]:
    """Every entry that is wanted, stands, or is guarded, with who speaks for it."""
    speakers: dict[tuple[str, str], list[tuple[Guard, Health]]] = {}
    for guard, health in engine.health().items():
        if guard.entry is not None:
            item = (str(guard.key), str(guard.entry.server))
            speakers.setdefault(item, []).append((guard, health))
    standing = dict(_entries(director.reading.table.values()))
    wanted = dict(_entries(director.desired.values()))
    placed = dict(_places(director))
    for item in dict.fromkeys((*wanted, *standing, *speakers, *placed)):
        entry = wanted.get(item) or standing.get(item)
        yield {
            "virtual_service": item[0],
            "real_server": item[1],
            "in_table": item in wanted,
            "weight": entry.weight if entry else None,
            "forwarding": entry.forwarding.name.lower() if entry else None,
            **(placed.get(item) or _UNPLACED),
            "guards": [
                {
                    "service": str(guard.service),
                    "host": guard.host,
                    "health": health.value,
                    "effect": guard.effect.value,
                }
                for guard, health in speakers.get(item, ())
            ],
        }


_UNPLACED: Final[Plain] = {"because": None, "ends_in": None, "forced": None}


def _places(director: Director) -> Iterator[tuple[tuple[str, str], Plain]]:
    """Every entry that more than its guards decide on, with why it is as it is."""
    forced, counters = director.pools.forced, director.reading.counters
    for key, decision in director.pools.decisions.items():
        for server, place in decision.places.items():
            counted = counters.get((key, server))
            yield (
                (str(key), str(server)),
                {
                    "because": place.because.value,
                    "ends_in": place.left,
                    "forced": plain(forced.get((key, server))),
                    "connections": plain(counted),
                },
            )


def _entries(pools: Iterable[Pool]) -> Iterator[tuple[tuple[str, str], Entry]]:
    for pool in pools:
        for server, entry in pool.entries.items():
            yield (str(pool.service.key), str(server)), entry


def history(journal: Path | None, recent: Iterable[Plain], word: str) -> list[Plain]:
    """Return the latest journal entries about `word`: a service, host or address.

    Reads the journal's files, the latest day first; what cannot be read is left out.
    """
    found: list[Plain] = []
    for entry in _backwards(journal, recent):
        if word in _names(entry):
            found.append(entry)
            if len(found) == LINES:
                break
    return found[::-1]


def _backwards(journal: Path | None, recent: Iterable[Plain]) -> Iterator[Plain]:
    if journal is None:
        yield from reversed(list(recent))
        return
    for path in sorted(journal.glob("journal-*.jsonl"), reverse=True):
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        for line in reversed(lines):
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict):
                yield entry


def _names(value: Any) -> set[str]:
    """Return every word in an entry that may name a service, a host or an address."""
    if isinstance(value, dict):
        return set().union(*map(_names, value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*map(_names, value)) if value else set()
    if not isinstance(value, str):
        return set()
    words = {value, *value.replace("→", " ").split()}
    return words | {word.rpartition(":")[0] for word in words if ":" in word}


def concerns(engine: Engine, word: str) -> list[str]:
    """Return the services that `word` names: GROUP/SERVICE, GROUP, or a host."""

    def about(hosts: tuple[Host, ...], group: str, name: str) -> bool:
        return word in (f"{group}/{name}", group) or word in hosts

    return [
        str(key)
        for key, watch in engine.watched.items()
        if about(watch.group.hosts, key.group, key.service)
    ]
