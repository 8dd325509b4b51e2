"""Compiles what every check goes through, where MONLVS_COMPILE=1 asks for it.

The sources are plain Python and run as they are; mypyc makes C of the same files
(`docs/decisions/0024-what-every-check-goes-through-can-be-compiled.md`).
"""

import os
import sys
from pathlib import Path

from setuptools import Extension, setup

COMPILED = (
    "monlvs/core/engine.py",
    "monlvs/core/memory.py",
    "monlvs/core/service.py",
    "monlvs/core/states.py",
    "monlvs/core/streak.py",
    "monlvs/runtime/dispatcher.py",
    "monlvs/runtime/jobs.py",
    "monlvs/runtime/posts.py",
    "monlvs/runtime/timetable.py",
    "monlvs/wire/conversation.py",
    "monlvs/wire/dialogue.py",
    "monlvs/wire/echoport.py",
    "monlvs/wire/echosocket.py",
    "monlvs/wire/exchange.py",
    "monlvs/wire/finding.py",
    "monlvs/wire/http.py",
    "monlvs/wire/icmp.py",
    "monlvs/wire/lag.py",
    "monlvs/wire/looptime.py",
    "monlvs/wire/sockets.py",
    "monlvs/wire/spares.py",
    "monlvs/wire/sweep.py",
)
ASKED = os.environ.get("MONLVS_COMPILE") == "1"


def extensions() -> list[Extension]:
    """Return what is to be compiled; mypyc checks the types of all of it first."""
    try:
        import pydantic  # noqa: F401  # whose types mypy follows
        from mypyc.build import mypycify
    except ImportError as error:
        sys.exit(
            f"MONLVS_COMPILE=1 needs {error.name}: it takes mypy, monlvs's own packages "
            "(`pip install .` brings them), and pip's --no-build-isolation to find "
            "them: README, What it costs"
        )
    os.chdir(Path(__file__).parent)
    return mypycify(list(COMPILED), opt_level="2", group_name="monlvs.compiled")


setup(ext_modules=extensions() if ASKED else [])
