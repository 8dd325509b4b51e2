"""The state file: what a restart, or a `kill -9`, must not forget."""

import asyncio
import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

from monlvs.runtime import clock
from monlvs.runtime.lock import give_to_owner
from monlvs.runtime.unsaved import Unsaved

log = logging.getLogger("monlvs.state")

DELAY = 0.1
"""Seconds between a change and its being saved; changes in between share one write."""
SHARE = 20
"""How many times as long as a state takes to be spelled the next one waits: in a storm
over thousands of services saving must not be what makes checks late."""
STEP = 16
"""Pieces spelled from one turn of the event loop to the next (about 1 ms)."""

RETRY = 10.0
"""Seconds after which a save that failed is tried again, whatever has changed."""

STATE_FILE = "state.json"

Plain = dict[str, Any]
"""JSON-able values by name. What is to be saved may have an iterator for a long list: its
items are made while it is spelled, from what never changes."""


class Spelled(str):
    """A part of a state that is JSON already."""

    __slots__ = ()


def write_atomically(path: Path, text: str) -> None:
    """Replace `path` by `text`, wholly or not at all (rename(2)); raises OSError.

    What root writes is the directory's owner's: a daemon that is not root reads it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    with draft.open("w", encoding="utf-8") as file:
        give_to_owner(path.parent, file.fileno())
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def write_json(path: Path, state: Plain) -> None:
    """Replace the state file by `state`; raises OSError."""
    write_atomically(path, "".join(spell(state)))


def spell(state: Plain) -> Iterator[str]:
    """Spell a state as JSON, piece by piece: an item of a long list is one."""
    for number, (name, value) in enumerate(state.items()):
        yield f"{', ' if number else '{'}{json.dumps(name)}: "
        if isinstance(value, Iterator):
            yield from _spell_items(value)
        else:
            yield json.dumps(value)
    yield "}" if state else "{}"


def _spell_items(items: Iterator[object]) -> Iterator[str]:
    yield "["
    for number, item in enumerate(items):
        text = item if isinstance(item, Spelled) else json.dumps(item)
        yield f", {text}" if number else text
    yield "]"


def read(path: Path, *, put_aside: bool = True) -> tuple[Plain, str | None]:
    """Return the saved state and None, or nothing and what is wrong with the file.

    A file that is missing is no fault. One that cannot be understood is put aside, so
    that the next save does not destroy what a person may want to look at.
    """
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, None
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
    except (ValueError, RecursionError) as error:
        why = f"not a state file: {error}"
    else:
        if isinstance(loaded, dict):
            return loaded, None
        why = "not a state file: expected a JSON object"
    return {}, _put_aside(path, why) if put_aside else f"{path}: {why}"


def keep_copy(path: Path) -> Path:
    """Copy a state file that was not understood wholly to where no save goes.

    Returns the copy's path; raises OSError.
    """
    aside = _aside(path)
    shutil.copyfile(path, aside)
    return aside


def _aside(path: Path) -> Path:
    """Return the first name that is free; the last is used again."""
    names = (
        f"{path.name}.unreadable{n}" for n in ("", *(f"-{i}" for i in range(2, 9)))
    )
    paths = [path.with_name(name) for name in names]
    return next((each for each in paths if not each.exists()), paths[-1])


def _put_aside(path: Path, why: str) -> str:
    aside = _aside(path)
    try:
        path.replace(aside)
    except OSError as error:
        return f"{path}: {why}; cannot be moved to {aside}: {error.strerror}"
    return f"{path}: {why}; moved to {aside}"


class StateFile:
    """Saves the state soon after each change, without holding up the loop.

    It is spelled in steps between which others have a turn. A thread would not do: while
    it spells, the loop waits 5 ms for its turn at each system call that it makes.

    A save that fails is logged once per trouble, and tried again every RETRY seconds,
    with the next change, and at the end. Without a path nothing is saved.
    """

    def __init__(self, path: Path | None, take: Callable[[], Plain]) -> None:
        self._path = path
        self._take = take
        self._changed = asyncio.Event()
        self.unsaved: Unsaved | None = None
        """What keeps the state from being saved; set by the thread that saves."""
        self._lock = Lock()
        self._taken = 0
        """How many states have been taken; a later one is never replaced by an earlier."""
        self._saved = 0

    def touch(self) -> None:
        """Something worth saving has changed."""
        self._changed.set()

    async def run(self) -> None:
        """Save after each change, for as long as the daemon runs."""
        loop, took = asyncio.get_running_loop(), 0.0
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(RETRY if self.unsaved else None):
                    await self._changed.wait()
            await asyncio.sleep(max(DELAY, SHARE * took))
            self._changed.clear()
            if self._path is not None:
                number, pieces = self._next()
                text, took = await _in_steps(pieces, loop.time)
                await asyncio.to_thread(self._save, self._path, number, text)

    def save_now(self) -> None:
        """Save at once, on the caller's time; for the end of the daemon."""
        if self._path is not None:
            number, pieces = self._next()
            self._save(self._path, number, _whole(pieces))

    def _next(self) -> tuple[int, Iterator[str]]:
        self._taken += 1
        return self._taken, spell(self._take())

    def _save(self, path: Path, number: int, text: str | Exception) -> None:
        # At the end a save of `run` may still be under way in its thread.
        with self._lock:
            if number < self._saved:
                return
            self._saved = number
            try:
                write_atomically(path, _spelled(text))
            except (OSError, ValueError, TypeError) as error:
                why = _reason(error)
                if self.unsaved is None:
                    log.error("state: cannot save to %s: %s", path, error)  # noqa: TRY400  people get a sentence, not a traceback
                    since = clock.now().utc
                else:
                    since = self.unsaved.since
                self.unsaved = Unsaved(what="state", path=path, why=why, since=since)
                return
            if self.unsaved is not None:
                log.warning("state: saved to %s again", path)
            self.unsaved = None


def _whole(pieces: Iterator[str]) -> str | Exception:
    try:
        return "".join(pieces)
    except (ValueError, TypeError) as error:  # told where it would be written
        return error


async def _in_steps(
    pieces: Iterator[str], time: Callable[[], float]
) -> tuple[str | Exception, float]:
    """Join pieces as they are made, and tell the seconds that making them took."""
    found: list[str] = []
    took = 0.0
    while True:
        began = time()
        step = _whole(islice(pieces, STEP))
        took += time() - began
        if isinstance(step, Exception):
            return step, took
        if not step:
            return "".join(found), took
        found.append(step)
        await asyncio.sleep(0)


def _spelled(text: str | Exception) -> str:
    if isinstance(text, Exception):
        raise text
    return text


def _reason(error: Exception) -> str:
    strerror = error.strerror if isinstance(error, OSError) else None
    return strerror or str(error)
