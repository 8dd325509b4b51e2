"""The shipped configuration, with the options that it shows set."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "etc" / "mon_lvs.toml"
_OPTION = re.compile(r"^( *)#(?=[\w\[\]{}])", re.MULTILINE)


def uncommented() -> str:
    """Return the shipped file with every commented option uncommented."""
    return _OPTION.sub(r"\1", SHIPPED.read_text("utf-8"))
