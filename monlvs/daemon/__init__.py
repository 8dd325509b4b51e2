"""The composition root: builds the daemon, runs it, reloads it, ends it.

Rule: it only wires. What is decided is decided in `core` and `director`; what is done
is done in `runtime`.
"""

from monlvs.daemon.life import USUAL, Beginning, run, running
from monlvs.daemon.parts import Daemon
from monlvs.daemon.wishes import Wishes

__all__ = ["USUAL", "Beginning", "Daemon", "Wishes", "run", "running"]
