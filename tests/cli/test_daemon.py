"""`monlvs daemon` where the machine or its own files are in trouble."""

import asyncio
import json
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.post_office import PostOffice, open_office
from tests.commandline import argv, monlvs, run, running, without_privileges
from tests.daemons import configuration, daemon, site, state

UP = "untested → ok"
EMPTY = {"version": 1, "services": [], "disabled_hosts": {}, "stopped": None}
ODD = {
    "nothing": b"",
    "cut": b'{"version": 1, "services": [{"group": "we',
    "random": bytes(range(256)) * 8,
    "deep": b"[" * 100_000,
    "list": b"[]",
    "later": b'{"version": 99, "services": {}}',
    "wrong shape": json.dumps({**EMPTY, "services": [7, {"group": 1}]}).encode(),
    "wrong ledger": json.dumps({**EMPTY, "ledger": {"a": 1}, "alerts": 7}).encode(),
}


@pytest.mark.parametrize("name", ODD)
def test_a_state_file_that_is_not_understood_is_kept_aside(
    name: str, tmp_path: Path
) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "state.json").write_bytes(ODD[name])
    with site() as web, daemon(configuration(tmp_path, web.port)) as monitor:
        monitor.until(UP)
        assert monitor.end() == 0

    assert (folder / "state.json.unreadable").read_bytes() == ODD[name]
    assert state(tmp_path)["version"] == 1
    assert "state.json" in monitor.text


def test_a_second_state_file_that_is_not_understood_replaces_no_first(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    for text in ("first", "second"):
        (folder / "state.json").write_text(text)
        with site() as web, daemon(configuration(tmp_path, web.port)) as monitor:
            monitor.until(UP)
            assert monitor.end() == 0

    assert (folder / "state.json.unreadable").read_text() == "first"
    assert (folder / "state.json.unreadable-2").read_text() == "second"


def _read_only(folder: Path) -> None:
    (folder / "state").mkdir(mode=0o555)


def _file(folder: Path) -> None:
    (folder / "state").write_text("")


def _loop(folder: Path) -> None:
    (folder / "state").symlink_to(folder / "state")


@pytest.mark.parametrize("spoil", [_read_only, _file, _loop])
def test_it_runs_where_nothing_can_be_saved_and_says_so(
    spoil: Any, tmp_path: Path
) -> None:
    spoil(tmp_path)
    with site() as web:
        path = configuration(tmp_path, web.port)
        with running(without_privileges("daemon", "-c", str(path))) as monitor:
            monitor.until(UP)
            assert monitor.end() == 0
    assert "NOTHING IS SAVED" in monitor.text


def test_a_full_disk_is_told_once_and_ends_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    full = Path("/dev/full")
    (folder / "state.json.new").symlink_to(full)
    today = datetime.now(UTC)  # noqa: TID251  the day that the journal's file is named after
    for day in (today.day, today.day + 1):
        (folder / f"journal-{today:%Y-%m}-{day:02}.jsonl").symlink_to(full)
    with site() as web, daemon(configuration(tmp_path, web.port)) as monitor:
        monitor.until(UP)
        monitor.until("state: cannot save to")
        web.status = 500
        monitor.until("ok → fail")
        assert monitor.end() == 0
    assert monitor.text.count("cannot save to") == 1
    assert monitor.text.count("journal: cannot write to") == 1


@pytest.mark.parametrize("kind", ["directory", "missing"])
def test_a_pid_file_that_cannot_be_is_told_and_ends_nothing(
    kind: str, tmp_path: Path
) -> None:
    pid = tmp_path / "pid" / ("file" if kind == "missing" else "")
    if kind != "missing":
        pid.mkdir()
    with site() as web:
        path = configuration(tmp_path, web.port, pid_file=str(pid))
        with daemon(path) as monitor:
            monitor.until(UP)
            assert monitor.end() == 0
    assert "pid file not written" in monitor.text
    assert pid.is_dir() is (kind != "missing")


def test_the_pid_file_of_another_is_left_alone(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    with site() as web:
        path = configuration(tmp_path, web.port, pid_file=str(pid))
        with daemon(path) as monitor:
            monitor.until(UP)
            pid.write_text("1\n")
            assert monitor.end() == 0
    assert pid.read_text() == "1\n"


def test_a_table_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    path = configuration(tmp_path, 80, table="kernel")

    ended = run(without_privileges("daemon", "-c", str(path)))

    assert ended.status == 1
    assert ended.err.splitlines()[-1].startswith("monlvs: ")


def test_a_lock_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "state" / "lock").mkdir(parents=True)

    ended = monlvs("daemon", "-c", str(configuration(tmp_path, 80)))

    assert ended.status == 1
    assert f"monlvs: {tmp_path}/state/lock: Is a directory" in ended.err


def test_it_needs_nobody_to_read_its_log(tmp_path: Path) -> None:
    with site() as web:
        path = configuration(tmp_path, web.port)
        with Path("/dev/full").open("wb") as full:
            words = argv("daemon", "-c", str(path))
            with running(
                words, preexec_fn=lambda: os.dup2(full.fileno(), 2)
            ) as monitor:
                monitor.until(lambda: web.asked > 3)
                assert monitor.end() == 0


async def test_people_get_mail_of_an_outage_and_of_its_end(tmp_path: Path) -> None:
    office = PostOffice()
    with site() as web:
        async with open_office(office):
            told = f'{{ to = ["ops@example.org"], server = "{office.server}", tls = "none" }}'
            path = configuration(tmp_path, web.port, more=f"mail = {told}")
            with daemon(path) as monitor:

                async def until_mails(count: int) -> None:
                    fact = lambda: len(office.envelopes) == count  # noqa: E731
                    await asyncio.to_thread(monitor.until, fact)

                await until_mails(1)
                web.status = 500
                await until_mails(2)
                web.status = 200
                await until_mails(3)
                assert await asyncio.to_thread(monitor.end) == 0
    subjects = [str(mail["Subject"]) for mail in office.mails()]
    assert ["UPALERT" in subject for subject in subjects] == [True, False, True]
    assert all("web-127.0.0.1/http" in subject for subject in subjects)


def test_a_mail_server_that_is_gone_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with site() as web:
        more = 'mail = { to = ["a@b.example"], server = "127.0.0.1:1", tls = "none" }'
        with daemon(configuration(tmp_path, web.port, more=more)) as monitor:
            monitor.until("will be tried again")
            assert monitor.end(signal.SIGINT) == 0
    assert len(state(tmp_path)["alerts"]) == 1
    assert "1 alerts were not delivered before the end" in monitor.text
