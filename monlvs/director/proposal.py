"""A plan that is agreed upon before it is carried out, and what became of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from monlvs.director.changes import Change
from monlvs.director.table import Refusal
from monlvs.model.config import Config
from monlvs.model.guard import Guard
from monlvs.model.status import Health


class PlanChangedError(Exception):
    """The plan that was agreed upon is not what would be done now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A configuration that is not declared yet, and the health that it would have."""

    config: Config
    healths: Mapping[Guard, Health]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a plan."""

    changes: tuple[Change, ...]
    """Those that were made."""
    refusals: tuple[Refusal, ...]


def to_plain(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Tell changes as dicts and strings, each with its cause."""
    return [{"ipvsadm": c.as_ipvsadm(), "cause": str(c.cause)} for c in changes]


def digest(lines: Iterable[str]) -> str:
    """Sum up changes, as ipvsadm or a shell would be told to make them, in their order."""
    return sha256("\n".join(lines).encode()).hexdigest()
