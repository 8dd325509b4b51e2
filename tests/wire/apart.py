"""Runs a scenario in a network namespace of its own, with loopback up and nothing else.

A scenario is an async function of a test module; what it returns must be JSON. It runs
in a program of its own, so it may change addresses, routes and limits as it likes:

    assert await apart(scenario) == [...]
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parent.parent.parent


async def apart(scenario: Callable[[], Awaitable[Any]]) -> Any:
    """Run `scenario` there and return what it returned."""
    where = f"{scenario.__module__}:{scenario.__name__}"
    program = await asyncio.create_subprocess_exec(
        "unshare", "--map-root-user", "--net", sys.executable, "-m", __name__, where,
        cwd=_ROOT, stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": "."},
    )  # fmt: skip
    output, _ = await program.communicate()
    assert program.returncode == 0
    return json.loads(output)


def ip(words: str) -> None:
    """Run ip(8) in the namespace of this program."""
    subprocess.run(["ip", *words.split()], check=True)


def quiet_network() -> None:
    """Give us 10.9.0.1/24, a network in which 10.9.0.5 takes everything in silence."""
    ip("link add near type veth peer name far")
    ip("link set near up")
    ip("link set far up")
    ip("addr add 10.9.0.1/24 dev near")
    ip("neigh add 10.9.0.5 lladdr 02:00:00:00:00:05 dev near nud permanent")


if __name__ == "__main__":
    ip("link set lo up")
    module, _, function = sys.argv[1].partition(":")
    print(json.dumps(asyncio.run(getattr(import_module(module), function)())))
