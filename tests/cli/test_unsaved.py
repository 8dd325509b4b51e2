"""A daemon whose disk is full says so when it is asked."""

import json
from collections.abc import Iterator
from pathlib import Path
from socket import create_server
from typing import Any

import pytest

from monlvs.server.console import ask
from tests.commandline import Running, argv, monlvs, running

MOUNT = 'mount -t tmpfs -o size=256k none "$0" && exec "$@"'
"""A small disk of the daemon's own: $0 is where."""


@pytest.fixture
def on_small_disk(tmp_path: Path) -> Iterator[tuple[Running, Path]]:
    """A daemon whose servers are all up, and its state directory of 256 KiB."""
    folder = tmp_path / "s"
    folder.mkdir()
    server = create_server(("127.0.0.1", 0))
    config = tmp_path / "mon_lvs.toml"
    config.write_text(
        f"""
[settings]
state_dir = "{folder}"
table = "memory"
spread = false
[[lvs]]
name = "web"
vip = "192.0.2.110:{server.getsockname()[1]}"
kind = "dr"
servers = ["127.0.0.1"]
check = "tcp"
interval = "200ms"
"""
    )
    alone = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", MOUNT]
    command = [*alone, str(folder), *argv("daemon", "-c", str(config))]
    with server, running(command) as daemon:
        daemon.until("→ ok")
        yield daemon, Path(f"/proc/{daemon.process.pid}/root{folder}")
        assert daemon.end() == 0


def fill(disk: Path) -> Path:
    """Leave no room on `disk`; return what is to go for there to be some."""
    filler = disk / "filler"
    with pytest.raises(OSError, match="No space"):
        filler.write_bytes(bytes(1024 * 1024))
    return filler


def disable(disk: Path, why: str) -> None:
    ask(disk, {"act": "disable", "about": "127.0.0.1", "why": why})


def unsaved(disk: Path) -> dict[str, Any]:
    return {each["what"]: each for each in ask(disk, {"ask": "status"})["unsaved"]}


def test_a_full_disk_is_told(on_small_disk: tuple[Running, Path]) -> None:
    daemon, small_disk = on_small_disk
    place = ("--state-dir", str(small_disk))
    before = monlvs("status", *place)
    filler = fill(small_disk)
    disable(
        small_disk, "x" * 9000
    )  # more than the last page of the journal has room for

    daemon.until(lambda: unsaved(small_disk).keys() == {"state", "journal"})
    full, found = monlvs("status", *place), unsaved(small_disk)
    filler.unlink()
    disable(small_disk, "there is room again")
    daemon.until(lambda: not unsaved(small_disk))
    after = monlvs("status", *place)

    assert (before.status, full.status, after.status) == (0, 3, 0)
    for what, name in (("state", "/state.json"), ("journal", "")):
        (line,) = [line for line in full.out.splitlines() if f"  {what}: " in line]
        assert line.startswith("UNSAVED  ")
        assert f"{name}: No space left on device, since 20" in line
        assert found[what]["why"] == "No space left on device"
    assert "UNSAVED" not in before.out + after.out
    (journal,) = small_disk.glob("journal-*.jsonl")
    told = journal.read_text()
    assert told.index('"event": "EntriesLost"') < told.index("there is room again")
    state = json.loads((small_disk / "state.json").read_text())
    assert "there is room again" in json.dumps(state)
