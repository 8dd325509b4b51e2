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


def lacking(names: Iterable[str]) -> frozenset[str]:
    """Tell which of the modules are neither there nor to be found for this kernel.

    Where modprobe(8) is missing, or says something else, it is not known of any.
    """
    wanted = frozenset(names)
    absent = wanted - present(wanted)
    return frozenset(filter(_is_nowhere, absent))


def load(name: str) -> None:
    """Load a module as the kernel itself would. Raises ProgramError with modprobe's
    words."""
    run([_loader(), name])
    if not present([name]):
        raise ProgramError(f"modprobe {name}: it is not loaded afterwards")


def _is_nowhere(name: str) -> bool:
    try:
        run([_loader(), "-n", name])
    except ProgramError as error:
        # kmod: "not found in directory", busybox: "not found in modules.dep"
        return not error.missing and f"{name} not found in" in str(error)
    return False


def _loader() -> str:
    try:
        loader = _KERNELS_LOADER.read_text(encoding="utf-8").strip()
    except OSError:
        loader = ""
    return loader or "modprobe"


def _built_in() -> frozenset[str]:
    path = Path("/lib/modules") / os.uname().release / "modules.builtin"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    return frozenset(Path(line).stem.replace("-", "_") for line in lines)
