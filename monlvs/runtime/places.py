"""Where the daemon leaves things: its state directory and its pid file."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

log = logging.getLogger("monlvs")


def state_directory(name: str) -> Path | None:
    """Return the directory, made if need be, or None when it cannot be used."""
    directory = Path(name)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = error.strerror
    else:
        if os.access(directory, os.W_OK):
            return directory
        problem = "not writable"
    log.error(
        "%s: %s; NOTHING IS SAVED: acknowledgements, latches and the journal are lost "
        "at the end (settings.state_dir)",
        directory,
        problem,
    )
    return None


@contextmanager
def pid_file(name: str | None) -> Iterator[None]:
    if name is None:
        yield
        return
    path = Path(name)
    own = f"{os.getpid()}\n"
    try:
        path.write_text(own, encoding="ascii")
    except OSError as error:
        log.error("%s: pid file not written: %s", path, error.strerror)  # noqa: TRY400  people get a sentence
    try:
        yield
    finally:
        with suppress(OSError):
            if path.read_bytes() == own.encode():  # else it is another daemon's
                path.unlink()
