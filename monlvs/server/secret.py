"""The secret that two directors share."""

import os
from pathlib import Path

from monlvs.wire.sealed import LEAST

_LONGEST = 4096


class SecretError(Exception):
    """The secret cannot be used; says why."""


def read_secret(path: str) -> bytes:
    """Read it; white space around it does not count. Raises SecretError."""
    try:
        with Path(path).open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            secret = file.read(_LONGEST + 1).strip()
    except OSError as error:
        raise SecretError(f"{path}: {error.strerror}") from None
    if mode & 0o007:
        raise SecretError(f"{path}: others may use it: expected chmod 640")
    if not LEAST <= len(secret) <= _LONGEST:
        raise SecretError(
            f"{path}: expected a secret of {LEAST} to {_LONGEST} bytes, not {len(secret)}"
        )
    return secret
