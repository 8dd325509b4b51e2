"""Programs that run inside the guest: each one file, standard library only.

They depend on nothing that is being tested. The first, the warden, is started by
file name with an isolated interpreter (`-I -S`); the others run in copies of it.
"""

from pathlib import Path


def program(name: str) -> Path:
    """Return the file of one of these programs."""
    return Path(__file__).parent / name
