"""Runs on a lab's director: many commands of monlvs, from one interpreter that is warm.

    warm.py STEPS ANSWERS

STEPS is a JSON list; a step is a list of monlvs's words, or a line of sh. Each answer is
its status, what it printed (which "> FILE" as last words keeps, too), and what it said. What monlvs imports takes longer than what
it does, in a guest: it is imported once, and a copy of this process runs each command.
"""

import json
import os
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

Answer = tuple[int, str, str]
WARM = (
    "cli.director",
    "config.toml",
    "config.moncf",
    "runtime.alone",
    "director.choice",
)


def monlvs(words: list[str]) -> Answer:
    """Run a command of monlvs as its own process."""
    kept = Path(words.pop()) if ">" in words[-2:-1] else None
    words = words if kept is None else words[:-1]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if pid == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            sys.argv = ["monlvs", *words]
            from monlvs.cli import main

            try:
                main()
            except SystemExit as end:
                sys.stdout.flush()
                os._exit(end.code if isinstance(end.code, int) else 1)
            finally:
                os._exit(99)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        told = []
        for file in (out, err):
            file.seek(0)
            told.append(file.read().decode(errors="replace"))
        if kept is not None:
            kept.write_text(told[0])
        return status, told[0], told[1]


def shell(line: str) -> Answer:
    """Run a line of sh."""
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def main(steps: str, answers: str) -> None:
    for name in ("pyroute2", *(f"monlvs.{each}" for each in WARM)):
        import_module(name)
    told: list[Any] = json.loads(Path(steps).read_text())
    found = [shell(each) if isinstance(each, str) else monlvs(each) for each in told]
    Path(answers).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
