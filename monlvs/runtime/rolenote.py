"""A role as it is told: when, by whom; and a note where no daemon listens.

VRRP tells each change once, by a program of its own each time. Two of them may overtake
each other on a busy machine: what counts is which was started last. And a daemon that is
just being restarted must not miss one: it finds a note in its state directory.
"""

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from monlvs.model.pair import Role

NOTE: Final = "role.json"
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Somebody says what this director is now."""

    role: Role
    who: str
    at: float
    """Seconds since the machine was booted when whoever says so was started."""


def leave(directory: Path, telling: Telling) -> None:
    """Leave a note for the daemon of `directory`, whoever it runs as. Raises OSError.

    One that was begun later stays.
    """
    before = _read(directory / NOTE)
    if before is not None and before.at > telling.at:
        return
    path = directory / NOTE
    draft = path.with_name(f"{NOTE}.{os.getpid()}")
    told = {
        "role": telling.role,
        "who": telling.who,
        "at": telling.at,
        "boot": _boot(),
    }
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.write(json.dumps(told))
            os.fchmod(file.fileno(), 0o644)  # keepalived's umask leaves others nothing
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise


def find(directory: Path) -> Telling | None:
    """Return what a note of this boot says, and take it away; None: there is none."""
    path = directory / NOTE
    if not path.exists():
        return None
    telling = _read(path)
    with suppress(OSError):
        path.unlink()
    return telling


def _read(path: Path) -> Telling | None:
    try:
        told: Any = json.loads(path.read_text("utf-8", "replace"))
        if told["boot"] != _boot():
            return None  # VRRP has begun anew since
        role, who, at = Role(told["role"]), str(told["who"]), float(told["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Telling(role=role, who=who, at=at)


def _boot() -> str:
    return _BOOT.read_text(encoding="ascii").strip()
