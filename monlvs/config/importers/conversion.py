"""A file of another program to mon_lvs.toml, with what became of each part of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from monlvs import plugins
from monlvs.config.importers import keepalived, ldirectord
from monlvs.config.importers.blueprint import (
    Blueprint,
    PlannedVirtual,
    Site,
    entry_for,
)
from monlvs.config.importers.fitting import complaint
from monlvs.config.importers.formats import Format
from monlvs.config.importers.notes import Fate, Notes
from monlvs.config.importers.origins import Origins
from monlvs.config.importers.remarks import Remarks
from monlvs.config.importers.writing import write
from monlvs.config.reading import parse
from monlvs.model.config import Config
from monlvs.model.values import Problem

_READERS: Final = {
    Format.LDIRECTORD: ldirectord.read,
    Format.KEEPALIVED: keepalived.read,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of another program's file."""

    text: str | None
    """The TOML file; None where there are errors, or nothing to write."""
    report: tuple[str, ...] = ()
    """What was done, in sentences."""
    problems: tuple[Problem, ...] = ()
    """Errors, and what became of statements that are not simply carried over."""
    equal: bool = False
    """Whether the text declares and guards what was asked for; it always should."""
    lost: int = 0
    """How many statements have no counterpart."""

    @property
    def failed(self) -> bool:
        """Whether there are errors."""
        return any(not problem.warning for problem in self.problems)


def import_text(text: str, file: str, format_: Format, site: Site) -> Imported:
    """Convert the `text` of `file`, an ldirectord.cf or a keepalived.conf."""
    notes = Notes()
    read, remarks = _READERS[format_](text, file, site, notes)
    blueprint = _with_fallbacks_apart(read, notes)
    _check_options(blueprint, notes)
    if notes.failed:
        return Imported(text=None, problems=notes.problems())
    if not blueprint.virtuals:
        return Imported(
            text=None,
            report=("there is no virtual service in it: nothing is written",),
            problems=notes.problems(),
        )
    written = write(blueprint, remarks)
    config, problems = parse(written, "the result")
    if config is None:
        origins = Origins(blueprint)
        for problem in problems:
            if not problem.warning:
                key = problem.place.key
                word = key.rpartition(".")[2]
                notes.error(origins.spot(key), f"{word}: {problem.message}")
        return Imported(text=None, problems=notes.problems())
    return Imported(
        text=written,
        report=tuple(_report(blueprint, remarks, notes)),
        problems=notes.problems(),
        equal=says(config, blueprint),
        lost=notes.count(Fate.LOST),
    )


def says(config: Config, blueprint: Blueprint) -> bool:
    """Whether `config` declares the blueprint's virtual services and guards."""
    declared = {each.service.key: each for each in config.virtual_services}
    guarded = Counter(
        (guard.key, guard.entry.server)
        for guard in config.guards
        if guard.entry is not None
    )
    for planned in blueprint.virtuals:
        for key in planned.keys:
            found = declared.pop(key, None)
            wanted = tuple(entry_for(each.spec, key) for each in planned.servers)
            if found is None or found.servers != wanted:
                return False
            spare = planned.fallback and entry_for(planned.fallback, key)
            if (found.fallback and found.fallback.server) != (spare and spare.server):
                return False
            for each, entry in zip(planned.servers, wanted, strict=True):
                if guarded[key, entry.server] != len(each.checks):
                    return False
    return not declared


def _with_fallbacks_apart(blueprint: Blueprint, notes: Notes) -> Blueprint:
    """Leave out fallbacks that are servers of their own pool: an entry is there once."""
    made = []
    for planned in blueprint.virtuals:
        spare = planned.fallback
        own = any(
            spare is not None
            and entry_for(spare, key).server == entry_for(each.spec, key).server
            for key in planned.keys
            for each in planned.servers
        )
        if own:
            notes.lost(
                planned.spot,
                f"the fallback {spare.server.address if spare else ''} is a real server "
                "of this pool, and comes and goes as one; keep_at_least keeps servers in",
            )
        made.append(replace(planned, fallback=None) if own else planned)
    return replace(blueprint, virtuals=tuple(made))


def _check_options(blueprint: Blueprint, notes: Notes) -> None:
    """Refuse what no monitor takes, at the place that asks for it."""
    for planned in blueprint.virtuals:
        for server in planned.servers:
            for check in server.checks:
                known = plugins.monitors()
                wrong = complaint(known, check.monitor, check.options, check.port)
                if wrong is not None:
                    notes.error(server.spot, f"{check.service}: {wrong}")


def _report(blueprint: Blueprint, remarks: Remarks, notes: Notes) -> Iterator[str]:
    virtuals = blueprint.virtuals
    counts = {
        "virtual service": sum(len(each.keys) for each in virtuals),
        "real server": sum(len(each.servers) for each in virtuals),
        "check": sum(map(_checks, virtuals)),
        "comment": remarks.taken,
    }
    told = ", ".join(
        f"{number} {what}{'' if number == 1 else 's'}"
        for what, number in counts.items()
        if number
    )
    yield f"carried: {told}"
    fates = ", ".join(
        f"{number} {fate.value}" for fate in Fate if (number := notes.count(fate))
    )
    if fates:
        yield f"statements: {fates} (see above)"


def _checks(planned: PlannedVirtual) -> int:
    return sum(len(server.checks) for server in planned.servers)
