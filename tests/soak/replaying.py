"""`python -m tests.soak.replaying TARGET DIRECTORY`: which lines do its inputs reach?

Prints coverage.py's figures for the sources that the target names.
"""

import sys
from importlib import import_module
from io import StringIO
from pathlib import Path

import coverage

_FEW = 2000
"""Inputs that are enough."""


def main(name: str, directory: Path) -> None:
    """Feed the corpus to the target once more, counting lines."""
    counting = coverage.Coverage(branch=True, source=["monlvs"], data_file=None)
    with counting.collect():
        target = import_module(f"tests.soak.targets.{name}").TARGET
        for path in sorted((directory / "corpus").iterdir())[:_FEW]:
            target.examine(path.read_bytes())
    out = StringIO()
    counting.report(include=list(target.files), file=out)
    print(out.getvalue())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
