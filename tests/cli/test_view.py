"""The live view of a daemon with more services than the terminal has lines."""

import asyncio
from pathlib import Path

import pytest
from rich.console import Console

from monlvs import daemon
from monlvs.cli.view import View
from monlvs.config import load
from monlvs.director.table import Reading
from monlvs.runtime.clock import now
from tests.daemons import configuration

HOSTS = [f"127.0.1.{n}" for n in range(1, 61)]


def drawn(running: daemon.Daemon, reading: Reading, width: int, height: int) -> str:
    console = Console(width=width, height=height, force_terminal=False)
    options = console.options.update(width=width, height=height)
    view = View(daemon=running, reading=reading, now=now(), foot="the foot")
    with console.capture() as captured:
        console.print(view, end="", height=options.height)
    return captured.get()


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (200, 200), (9, 3)])
async def test_what_fails_comes_first_and_the_rest_is_counted(
    width: int, height: int, tmp_path: Path
) -> None:
    path = configuration(tmp_path, 1)
    hosts = ", ".join(f'"{host}"' for host in HOSTS)
    path.write_text(path.read_text().replace('"127.0.0.1"', hosts))
    config, problems = load(path)
    assert config is not None, problems
    async with asyncio.timeout(30), daemon.running(config) as running:
        while not any(
            state.standing.opstatus.is_failure
            for state in running.engine.states.values()
        ):
            await asyncio.sleep(0.01)
        running.dispatcher.stop()
        text = drawn(running, await running.table.read(), width, height)
    lines = text.rstrip("\n").split("\n")

    assert max(map(len, lines)) <= width
    if height >= 24:
        assert len(lines) <= height
        assert lines[-1].rstrip() == "the foot"
        assert "FAIL" in lines[4]
        assert "60 services" in lines[0]
    if height in (24, 40):
        assert "… " in text
        assert " more" in text
