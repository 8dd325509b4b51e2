"""crypt(3): whether a password is the one that was hashed.

Python 3.13 has no module for it any more, so the system's libcrypt is asked directly: it
knows every method that the machine's own password files use (DES, $1$, $5$, $6$, $y$).
"""

import ctypes
import logging
from functools import lru_cache
from hmac import compare_digest
from typing import Protocol

log = logging.getLogger("monlvs.server")

_LIBRARIES = ("libcrypt.so.1", "libcrypt.so.2", "libc.so.6", "libc.so")
"""Where crypt_r(3) may be: glibc and libxcrypt, libxcrypt alone, musl."""

_DATA_SIZE = 1 << 18
"""Bytes of `struct crypt_data`: 131,232 in glibc, 32,768 in libxcrypt, 260 in musl."""

_LONGEST = 512
"""Bytes of a password; hashing costs time in proportion (CRYPT_MAX_PASSPHRASE_SIZE)."""


class _Crypt(Protocol):
    def __call__(
        self, phrase: bytes, setting: bytes, data: "ctypes.Array[ctypes.c_char]", /
    ) -> bytes | None: ...


def matches(password: str, hashed: str) -> bool:
    """Return whether `hashed` was made of `password`.

    It takes milliseconds by design, and longer with costly methods: call it in a thread
    (the lock of the interpreter is free meanwhile). What is no hash matches nothing.
    """
    phrase = password.encode("utf-8", "surrogateescape")
    setting = hashed.encode("utf-8", "surrogateescape")
    if len(setting) < 2 or len(phrase) > _LONGEST or b"\0" in phrase + setting:
        return False
    crypt = _crypt()
    if crypt is None:
        return False
    made = crypt(phrase, setting, ctypes.create_string_buffer(_DATA_SIZE))
    # "*0" and "*1" say that the setting is none (crypt(5)).
    return made is not None and made[:1] != b"*" and compare_digest(made, setting)


@lru_cache(maxsize=1)
def _crypt() -> _Crypt | None:
    for name in _LIBRARIES:
        try:
            found = ctypes.CDLL(name).crypt_r
        except (OSError, AttributeError):
            continue
        found.restype = ctypes.c_char_p
        found.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p)
        typed: _Crypt = found
        return typed
    log.error("no libcrypt on this machine: passwords cannot be checked")
    return None
