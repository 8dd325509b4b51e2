"""Find what a lab needs on this machine: the kernel that runs as a process, and its tools."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

PACKAGES = "user-mode-linux ipvsadm iproute2 kmod iptables curl busybox-static"

# Administrators' tools live in sbin, which an ordinary user's PATH may lack.
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
TOOLS = ("ip", "ipvsadm", "modprobe", "busybox", "curl", "taskset", "mount")
MODULES = Path("/usr/lib/uml/modules")


class LabError(Exception):
    """A lab could not be built, was lost, or a command in it could not be run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """A user-mode-linux kernel: its binary, and the folder of modules by release."""

    binary: Path
    modules: Path


def find_kernel(
    *, search_path: str | None = None, modules: Path | None = None
) -> Kernel:
    """Return the kernel of this machine.

    `search_path` is a PATH-like list (default: $PATH, then the system's own
    folders). Raises LabError naming all that is missing and the Debian packages
    that bring it.
    """
    where = search_path or f"{os.environ.get('PATH', '')}:{SEARCH_PATH}"
    folder = modules or MODULES
    found = {tool: shutil.which(tool, path=where) for tool in ("linux.uml", *TOOLS)}
    missing = [tool for tool, path in found.items() if path is None]
    if not folder.is_dir() or not any(folder.iterdir()):
        missing.append(f"kernel modules in {folder}")
    binary = found["linux.uml"]
    if missing or binary is None:
        raise LabError(
            f"a lab needs {', '.join(missing)}; on Debian: apt install {PACKAGES}"
        )
    return Kernel(binary=Path(binary), modules=folder)
