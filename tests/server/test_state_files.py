"""mon's files of a whole daemon: written, read at a start, kept over a SIGHUP."""

import os
import signal
from pathlib import Path

from monlvs import daemon
from monlvs.core.control import Kept
from monlvs.model.watch import ServiceKey
from tests.server.mondaemon import Site, furnish, serving
from tests.server.running import connected

HTTP = ServiceKey("web", "http")


async def ask(site: Site, *lines: str) -> list[list[str]]:
    async with connected(site.port) as wire:
        return [await wire.ask(line) for line in lines]


async def test_every_disable_is_written_at_once(tmp_path: Path) -> None:
    async with serving(tmp_path, furnish(tmp_path)) as site:
        await ask(site, "disable service web http", "disable host 127.0.0.1")
        lines = (tmp_path / "state" / "disabled").read_text().splitlines()
        assert "disable service web http" in lines
        assert "disable host 127.0.0.1" in lines
        await ask(site, "enable service web http")
        text = (tmp_path / "state" / "disabled").read_text()
        assert "service" not in text


async def test_a_start_forgets_everything_unless_told_otherwise(tmp_path: Path) -> None:
    port = furnish(tmp_path)
    async with serving(tmp_path, port) as site:
        await ask(site, "test monitor web http", "disable service db sql")
        await site.until(lambda: site.opstatus("web", "http") == 0)
        await ask(site, 'ack web http "on it"', "savestate all")
    async with serving(tmp_path, port) as site:
        assert site.opstatus("web", "http") == 7
        assert (await ask(site, "list disabled"))[0][:-1] == ["group web: 127.0.0.5"]
        async with connected(port) as wire:
            await wire.ask("loadstate all")
        assert site.opstatus("web", "http") == 0


async def test_a_start_may_read_what_was_saved(tmp_path: Path) -> None:
    port = furnish(tmp_path)
    async with serving(tmp_path, port) as site:
        await ask(site, "test monitor web http", "disable service db sql")
        await site.until(lambda: site.opstatus("web", "http") == 0)
        await ask(site, 'ack web http "on it"', "savestate opstatus")
    beginning = daemon.Beginning(load=frozenset(Kept))
    async with serving(tmp_path, port, beginning) as site:
        standing = site.running.engine.states[HTTP].standing
        assert standing.ack is not None
        assert standing.ack.why == "on it"
        told = (await ask(site, "list disabled"))[0]
        assert "watch db service sql" in told


async def test_a_missing_file_does_not_keep_the_other_from_being_read(
    tmp_path: Path,
) -> None:
    port = furnish(tmp_path)
    async with serving(tmp_path, port) as site:
        await ask(site, "test monitor web http")
        await site.until(lambda: site.opstatus("web", "http") == 0)
        await ask(site, "savestate opstatus")
    (tmp_path / "state" / "disabled").unlink(missing_ok=True)
    beginning = daemon.Beginning(load=frozenset(Kept))
    async with serving(tmp_path, port, beginning) as site:
        assert site.opstatus("web", "http") == 0


async def test_a_daemon_may_start_with_its_scheduler_stopped(tmp_path: Path) -> None:
    port = furnish(tmp_path)
    async with serving(tmp_path, port, daemon.Beginning(stopped=True)) as site:
        told = (await ask(site, "list state"))[0]
        assert told[0].startswith("scheduler stopped since ")


async def test_a_reload_keeps_what_is_known_and_disabled(tmp_path: Path) -> None:
    async with serving(tmp_path, furnish(tmp_path)) as site:
        await ask(site, "test monitor web http", "disable service db sql")
        await site.until(lambda: site.opstatus("web", "http") == 0)
        assert await site.running.reload()
        assert site.opstatus("web", "http") == 0
        assert "watch db service sql" in (await ask(site, "list disabled"))[0]


async def test_the_pid_file_is_there_while_the_daemon_is(tmp_path: Path) -> None:
    path = tmp_path / "mon.pid"
    async with serving(tmp_path, furnish(tmp_path)):
        assert int(path.read_text()) == os.getpid()
        os.kill(os.getpid(), signal.SIGCONT)  # the number is a process's
    assert not path.exists()
