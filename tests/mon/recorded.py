"""What real mon 1.3 was seen to read and to answer, scenario by scenario."""

import json
from functools import cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data"

NAMES = sorted(path.stem for path in (_DATA / "cf").iterdir())


def configuration(name: str) -> str:
    """Return the mon.cf of a scenario."""
    return (_DATA / "cf" / f"{name}.cf").read_text("utf-8")


@cache
def everything() -> dict[str, Any]:
    """Return by scenario: words of monitors and alerts by service, and replies."""
    read: dict[str, Any] = json.loads((_DATA / "recorded.json").read_text("utf-8"))
    return read


def replies(start: str) -> list[tuple[str, list[Any]]]:
    """Return commands that begin with `start` and mon's replies, each pair once."""
    found = {
        json.dumps([reply["cmd"], reply["reply"]])
        for scenario in everything().values()
        for reply in scenario["replies"]
        if reply["cmd"].startswith(start)
    }
    return [(command, reply) for command, reply in map(json.loads, sorted(found))]
