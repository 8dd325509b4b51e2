"""The state file: what a restart, or a `kill -9`, must not forget."""

import asyncio
import json
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

log = logging.getLogger("monlvs.state")

DELAY = 0.1
"""Seconds between a change and its being saved; changes in between share one write."""

Plain = dict[str, Any]


def write_atomically(path: Path, text: str) -> None:
    """Replace `path` by `text`, wholly or not at all (rename(2)); raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def read(path: Path) -> tuple[Plain, str | None]:
    """Return the saved state and None, or nothing and what is wrong with the file.

    A file that is missing is no fault. One that cannot be understood is put aside, so
    that the next save does not destroy what a person may want to look at.
    """
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, None
    except OSError as error:
        return {}, f"{path}: cannot be read: {error.strerror}"
    except ValueError as error:
        return {}, _put_aside(path, str(error))
    if not isinstance(loaded, dict):
        return {}, _put_aside(path, "not a JSON object")
    return loaded, None


def _put_aside(path: Path, why: str) -> str:
    aside = path.with_name(path.name + ".unreadable")
    with suppress(OSError):
        path.replace(aside)
    return f"{path}: not a state file ({why}); moved to {aside}"


class StateFile:
    """Saves the state soon after each change, never on the loop's time.

    A save that fails is logged once per trouble and tried again with the next change
    and at the end.
    """

    def __init__(self, path: Path | None, take: Callable[[], Plain]) -> None:
        self._path = path
        self._take = take
        self._changed = asyncio.Event()
        self._in_trouble = False

    def touch(self) -> None:
        """Something worth saving has changed."""
        self._changed.set()

    async def run(self) -> None:
        """Save after each change, for as long as the daemon runs."""
        while True:
            await self._changed.wait()
            await asyncio.sleep(DELAY)
            self._changed.clear()
            state = self._take()
            await asyncio.to_thread(self._save, state)

    def save_now(self) -> None:
        """Save at once, on the caller's time; for the end of the daemon."""
        self._save(self._take())

    def _save(self, state: Plain) -> None:
        if self._path is None:
            return
        try:
            write_atomically(self._path, json.dumps(state, ensure_ascii=False))
        except OSError as error:
            if not self._in_trouble:
                log.error("state: cannot save to %s: %s", self._path, error)  # noqa: TRY400  people get a sentence, not a traceback
            self._in_trouble = True
        else:
            self._in_trouble = False
