"""Kernel modules: which are there, and how one is loaded."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from monlvs.director.machine.programs import ProgramError, run

_LOADED: Final = Path("/sys/module")
_KERNELS_LOADER: Final = Path("/proc/sys/kernel/modprobe")


def present(names: Iterable[str]) -> frozenset[str]:
    """Tell which of the modules are loaded or built in."""
    wanted = frozenset(names)
    found = {name for name in wanted if (_LOADED / name).is_dir()}
    return frozenset(found | (_built_in() & wanted if found != wanted else set()))


def load(name: str) -> None:
    """Load a module as the kernel itself would. Raises ProgramError with modprobe's
    words."""
    try:
        loader = _KERNELS_LOADER.read_text(encoding="utf-8").strip()
    except OSError:
        loader = ""
    run([loader or "modprobe", name])
    if not present([name]):
        raise ProgramError(f"modprobe {name}: it is not loaded afterwards")


def _built_in() -> frozenset[str]:
    path = Path("/lib/modules") / os.uname().release / "modules.builtin"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    return frozenset(Path(line).stem.replace("-", "_") for line in lines)
