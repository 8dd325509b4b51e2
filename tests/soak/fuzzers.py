"""Fuzzers as processes of their own: what breaks one is told, and ends nothing else."""

import os
import resource
import subprocess
import sys

from tests.soak.measuring import MEMORY, ROOT

FULL = ("moncf", "protocol", "trap", "authcf")
"""What strangers speak to, or people write."""


def _limited() -> None:
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def run(module: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a module of this folder with words; it has no more than MEMORY."""
    return subprocess.run(
        [sys.executable, "-m", f"tests.soak.{module}", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        preexec_fn=_limited,
    )
