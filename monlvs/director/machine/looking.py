"""Looking at this machine, as far as some settings are about it; blocks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from monlvs.director.machine import links, modules, sysctls, translation
from monlvs.director.machine.commands import Rules
from monlvs.director.machine.settings import Masquerade, Module, Setting, Sysctl
from monlvs.director.machine.state import State
from monlvs.director.machine.surroundings import Surroundings

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def boot() -> str:
    """Return the kernel's name for the time since it booted; empty if not told."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def read_state(
    settings: Sequence[Setting], around: Surroundings, rules: Rules | None
) -> State:
    """Read what the machine has of `settings`."""
    needed = [each.name for each in settings if isinstance(each, Module)]
    sources = [each for each in settings if isinstance(each, Masquerade)]
    return State(
        around=around,
        sysctls=sysctls.read_all(e.name for e in settings if isinstance(e, Sysctl)),
        modules=modules.present(needed),
        lacking=modules.lacking(needed),
        rules=frozenset() if rules is None else translation.present(sources, rules),
    )


def look_around() -> Surroundings:
    """Read devices, addresses and routes. Raises OSError."""
    return links.look_around()
