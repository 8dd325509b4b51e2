"""Compiles the floors and the shim; they are small, so each run makes them afresh."""

import subprocess
from pathlib import Path

_HERE = Path(__file__).parent
_CC = ("gcc", "-O2", "-Wall", "-Wextra")


def build(into: Path) -> None:
    """Make `http_floor`, `tcp_floor`, `icmp_floor` and `ipvs_shim.so` in a directory."""
    for kind in ("http", "tcp", "icmp"):
        source = _HERE / "floor" / f"{kind}_floor.c"
        _compile("-o", str(into / f"{kind}_floor"), str(source))
    shim = _HERE / "peers" / "ipvs_shim.c"
    _compile("-shared", "-fPIC", "-o", str(into / "ipvs_shim.so"), str(shim))


def _compile(*words: str) -> None:
    subprocess.run([*_CC, *words], check=True)
