"""Debian's own clients of mon, driven against the daemon."""

import asyncio
import os
import re
from pathlib import Path

from tests.server.mondaemon import Site, furnish, serving
from tests.server.running import connected

SCRIPT = Path(__file__).with_name("peer.pl")


async def run(*argv: str, stdin: str = "") -> str:
    """Run a client to its end; return what it printed."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("MON")}
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**environ, "HOME": "/nonexistent"},
    )
    async with asyncio.timeout(60):
        printed, _ = await process.communicate(stdin.encode())
    return printed.decode()


async def moncmd(site: Site, *words: str, stdin: str = "") -> list[str]:
    server = ("-s", "127.0.0.1", "-p", str(site.port))
    return (await run("moncmd", *server, *words, stdin=stdin)).splitlines()


async def failing(site: Site) -> None:
    """Let one service fail and one work."""
    async with connected(site.port) as wire:
        await wire.ask("test monitor web http")
        await wire.ask("test monitor db sql")
    await site.until(lambda: site.opstatus("web", "http") == 0)
    await site.until(lambda: site.opstatus("db", "sql") == 1)


async def test_moncmd_gives_a_command_of_its_arguments(tmp_path: Path) -> None:
    async with serving(tmp_path, furnish(tmp_path)) as site:
        told = await moncmd(site, "list", "watch")
    assert told == ["web http", "db sql", "other trap", "220 list watch completed"]


async def test_moncmd_gives_the_commands_that_it_reads(tmp_path: Path) -> None:
    async with serving(tmp_path, furnish(tmp_path)) as site:
        told = await moncmd(site, stdin="list state\ndisable host 127.0.0.3\n")
    assert "220 list state completed" in told
    assert "220 disable host completed" in told


COMMANDS = (
    ("version", "220 version completed"),
    ("protid 9745", "220 protocol match"),
    ("servertime", "220 servertime completed"),
    ("checkauth list", "220 command authorized"),
    ("list state", "220 list state completed"),
    ("list pids", "220 list pids completed"),
    ("list watch", "220 list watch completed"),
    ("list descriptions", "220 list descriptions completed"),
    ("list group web", "220 list group completed"),
    ("list opstatus", "220 list opstatus completed"),
    ("list failures", "220 list failures completed"),
    ("list successes", "220 list successes completed"),
    ("list warnings", "220 list successes completed"),
    ("list disabled", "220 list disabled completed"),
    ("list alerthist", "220 list alerthist completed"),
    ("list failurehist", "220 list failurehist completed"),
    ("list dtlog", "220 list dtlog completed"),
    ("list deps", "220 list deps completed"),
    ("list views", "220 list group completed"),
    ("list aliases", "220 list aliases completed"),
    ("list aliasgroups", "220 list aliasgroups completed"),
    ("setview nowhere", "504 unknown view nowhere"),
    ("getview", "220 getview completed"),
    ("get maxkeep", "220 set completed"),
    ("set maxkeep 50", "220 set completed"),
    ("get web http interval", "220 get completed"),
    ("set web http colour blue", "220 set completed"),
    ("stop", "220 stop completed"),
    ("start", "220 start completed"),
    ("test monitor web http", "220 test monitor completed"),
    ("test alert web http 1 nobody", "520 period not defined"),
    ("test config", "220 test config completed OK, no errors found"),
    ("ack web http fine", "220 ack completed"),
    ("disable service web http", "220 disable service completed"),
    ("disable watch web", "220 disable watch completed"),
    ("disable host 127.0.0.3", "220 disable host completed"),
    ("enable service web http", "220 enable completed"),
    ("enable watch web", "220 enable watch completed"),
    ("enable host 127.0.0.3", "220 enable completed"),
    ("savestate all", "220 savestate completed"),
    ("loadstate all", "220 loadstate completed"),
    ("clear timers web http", "220 clear timers completed"),
    ("reload auth", "220 reload completed"),
    ("quit", "220 quitting"),
)
"""Every command that a client of mon's has, and how its answer ends."""


async def test_moncmd_gives_every_command(tmp_path: Path) -> None:
    words = "\n".join(("PASS=secret", "version", *(command for command, _ in COMMANDS)))
    async with serving(tmp_path, furnish(tmp_path)) as site:
        await failing(site)
        told = await moncmd(site, "-a", "-l", "joe", stdin=f"{words}\n")

    ends = [line for line in told if re.match("[25][0-9]{2} ", line)]
    assert ends == [end for _, end in COMMANDS]


async def test_moncmd_logs_in(tmp_path: Path) -> None:
    login = "PASS=secret\n"  # the command after it is lost to moncmd itself
    async with serving(tmp_path, furnish(tmp_path)) as site:
        told = await moncmd(
            site, "-a", "-l", "joe", stdin=f"{login}version\nstop\nlist state\n"
        )
        assert site.running.engine.stopped is not None, told
        refused = await moncmd(site, "stop")
    assert any(line.startswith("scheduler stopped since") for line in told)
    assert refused == ["520 command could not be executed, unknown command"]


async def test_monshow_shows_what_fails(tmp_path: Path) -> None:
    async with serving(tmp_path, furnish(tmp_path)) as site:
        await failing(site)
        server = ("--server", "127.0.0.1", "--port", str(site.port))
        shown = await run("monshow", *server, "--full")
        detail = await run("monshow", *server, "--detail", "web,http")
    rows = [line.split() for line in shown.splitlines()]
    assert any(row[1:4] == ["web", "http", "FAIL"] for row in rows), shown
    assert any("sql" in row for row in rows), shown
    assert "h1 it's down" in shown
    assert "h1 it's down" in detail


async def test_monfailures_lists_what_fails(tmp_path: Path) -> None:
    async with serving(tmp_path, furnish(tmp_path)) as site:
        await failing(site)
        server = ("--server", "127.0.0.1", "--port", str(site.port))
        told = await run("monfailures", *server)
    assert "web" in told, told


async def test_mon_client_finds_its_way(tmp_path: Path) -> None:
    async with serving(tmp_path, furnish(tmp_path)) as site:
        await failing(site)
        await site.until(lambda: len(site.told()) == 1)
        told = await run("perl", str(SCRIPT), str(site.port))
        await site.until(lambda: site.opstatus("other", "trap") == 0)
        await site.until(lambda: len(site.told()) == 2)
        standing = site.running.engine.states[("other", "trap")].standing
    assert told.splitlines() == [
        "prot 9745",
        "db sql 1 [fine 127.0.0.3]",
        "other trap 7 []",
        "web http 0 [h1 it's down]",
        "failures web/http",
        "group 127.0.0.1 127.0.0.2 *127.0.0.5",
        'ack [joe: two words, it\'s "q"]',
        "disabled web/http",
        "running 0",
        "alerts 1 alert web [h1 it's down]",
        "history 1",
        "done",
    ]
    assert standing.exit == 4
    assert standing.output == 'it\'s "down"\n\none\ntwo\n'
