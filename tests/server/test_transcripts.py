"""Conversations with the daemon, as they are written down in transcripts/.

`C:` is what a client says, `S:` what it is answered; `!` lets something happen first.
In answers `<epoch>`, `<pid>`, `<host>` and `<text>` stand for what differs each time.
"""

import re
from pathlib import Path

import pytest

from tests.server.mondaemon import Site, furnish, serving
from tests.server.running import Wire, connected

FOLDER = Path(__file__).parent / "transcripts"
STANDS_FOR = {
    "<epoch>": r"[0-9]{10}",
    "<pid>": r"[0-9]+",
    "<host>": r"\S+",
    "<text>": r".*",
    "<dir>": r"/\S+",
}


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.txt")))
async def test_clients_are_answered_as_mon_answers_them(
    name: str, tmp_path: Path
) -> None:
    port = furnish(tmp_path)
    async with serving(tmp_path, port) as site, connected(port) as wire:
        await _play((FOLDER / f"{name}.txt").read_text().splitlines(), site, wire)


async def _play(lines: list[str], site: Site, wire: Wire) -> None:
    expected: list[str] = []
    told: list[str] = []
    for number, line in enumerate([*lines, "C:"], 1):
        kind, text = line[:2], line[3:]
        if kind == "S:":
            expected.append(text)
        elif kind in ("C:", "! "):
            _compare(expected, told, number)
            expected, told = [], []
            if kind == "! ":
                await _happen(line[2:], site)
            elif number <= len(lines):
                told = await wire.ask(text)


def _compare(expected: list[str], told: list[str], number: int) -> None:
    patterns = [_pattern(line) for line in expected]
    same = len(patterns) == len(told) and all(
        re.fullmatch(pattern, line)
        for pattern, line in zip(patterns, told, strict=True)
    )
    assert same, f"before line {number}: expected {expected}, answered {told}"


def _pattern(line: str) -> str:
    escaped = re.escape(line)
    for word, meaning in STANDS_FOR.items():
        escaped = escaped.replace(re.escape(word), meaning)
    return escaped


async def _happen(what: str, site: Site) -> None:
    match what.split():
        case ["fails", group, service]:
            await site.until(lambda: site.opstatus(group, service) == 0)
        case ["works", group, service]:
            await site.until(lambda: site.opstatus(group, service) == 1)
        case ["told", count]:
            await site.until(lambda: len(site.told()) >= int(count))
        case ["break", "mon.cf"]:
            path = site.directory / "mon.cf"
            path.write_text(path.read_text().replace("interval 1h", "interval 1x", 1))
        case ["mend", "mon.cf"]:
            path = site.directory / "mon.cf"
            path.write_text(path.read_text().replace("interval 1x", "interval 1h", 1))
        case _:
            raise AssertionError(f"nobody knows how to let happen: {what}")
