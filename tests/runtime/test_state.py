"""The state file is whole at any moment, and its troubles are told once."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from monlvs.runtime.state import STEP, Plain, Spelled, StateFile, read, spell
from tests.runtime.tasks import passing_tasks

LIMIT = 20.0
ROOT = Path(__file__).parents[2]

SAVER = """
import sys
from pathlib import Path
from monlvs.runtime.state import write_json
number = 0
while True:
    number += 1
    write_json(Path(sys.argv[1]), {"number": number, "same": [number] * 20_000})
    if number == 3:
        print("begun", flush=True)
"""


@asynccontextmanager
async def saving(
    path: Path | None, take: Callable[[], Plain]
) -> AsyncIterator[StateFile]:
    state = StateFile(path, take)
    async with passing_tasks() as tasks:
        tasks.create_task(state.run())
        yield state


async def until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT):
        while not fact():
            await asyncio.sleep(0.005)


def test_a_file_that_is_missing_is_no_fault(tmp_path: Path) -> None:
    assert read(tmp_path / "state.json") == ({}, None)


def test_what_was_saved_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "directory" / "state.json"
    saved = {"text": "“ü” \udcff", "list": [1, None, 2.5]}
    StateFile(path, lambda: saved).save_now()

    assert read(path) == (saved, None)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"", "not a state file: Expecting value", id="empty"),
        pytest.param(b'{"a": 1', "not a state file: ", id="cut"),
        pytest.param(b"\xff\xfe", "not a state file: ", id="no text"),
        pytest.param(b"[" * 100_000, "not a state file: ", id="too deep"),
        pytest.param(b"[1]", "expected a JSON object", id="a list"),
    ],
)
def test_a_file_that_cannot_be_understood_is_put_aside(
    content: bytes, why: str, tmp_path: Path
) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(content)

    loaded, trouble = read(path)

    assert loaded == {}
    assert trouble is not None
    assert trouble.startswith(f"{path}: ")
    assert why in trouble
    assert trouble.endswith(f"moved to {path}.unreadable")
    assert Path(f"{path}.unreadable").read_bytes() == content
    assert not path.exists()


def test_a_file_that_cannot_be_read_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.mkdir()

    _, trouble = read(path)

    assert trouble == (
        f"{path}: cannot be read: Is a directory; moved to {path}.unreadable"
    )


def test_a_reader_beside_the_daemon_leaves_the_file_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text("nonsense")

    loaded, trouble = read(path, put_aside=False)

    assert loaded == {}
    assert trouble is not None
    assert path.read_text() == "nonsense"


def test_a_daemon_killed_while_it_saves_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    numbers = []
    for round_ in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", SAVER, str(path)], stdout=subprocess.PIPE, cwd=ROOT
        ) as saver:
            assert saver.stdout is not None
            assert saver.stdout.readline() == b"begun\n"
            threading.Event().wait(0.003 * round_)  # at any point of a save
            os.kill(saver.pid, signal.SIGKILL)
        loaded, trouble = read(path)

        assert trouble is None
        assert set(loaded["same"]) == {loaded["number"]}
        numbers.append(loaded["number"])
    assert min(numbers) >= 2


async def test_a_change_is_saved_soon_and_several_share_one_write(
    tmp_path: Path,
) -> None:
    taken = 0

    def take() -> Plain:
        nonlocal taken
        taken += 1
        return {"taken": taken}

    path = tmp_path / "state.json"
    async with saving(path, take) as state:
        for _ in range(100):
            state.touch()
        await until(path.exists)
        assert read(path) == ({"taken": 1}, None)

        state.touch()
        await until(lambda: read(path) == ({"taken": 2}, None))


async def test_without_a_path_nothing_is_taken() -> None:
    def take() -> Plain:
        raise AssertionError("nobody wants it")

    async with saving(None, take) as state:
        state.touch()
        state.save_now()


async def test_trouble_is_told_once_and_the_save_repeated_until_it_works(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monlvs.runtime.state.RETRY", 0.01)
    obstacle = tmp_path / "file"
    obstacle.write_text("")
    path = obstacle / "state.json"
    tries = 0

    def take() -> Plain:
        nonlocal tries
        tries += 1
        return {"saved": True}

    async with saving(path, take) as state:
        state.touch()
        await until(lambda: tries >= 3)
        obstacle.unlink()
        await until(path.exists)

    assert read(path) == ({"saved": True}, None)
    assert caplog.messages == [
        f"state: cannot save to {path}: [Errno 17] File exists: '{obstacle}'",
        f"state: saved to {path} again",
    ]


async def test_a_full_disk_keeps_the_former_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "state.json"
    StateFile(path, lambda: {"old": True}).save_now()
    path.with_name("state.json.new").symlink_to("/dev/full")

    state = StateFile(path, lambda: {"new": True})
    state.save_now()
    state.save_now()

    assert read(path) == ({"old": True}, None)
    assert len(caplog.messages) == 1
    assert "No space left on device" in caplog.text


async def test_a_state_that_is_no_json_is_told_and_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    StateFile(tmp_path / "state.json", lambda: {"x": object()}).save_now()

    assert "not JSON serializable" in caplog.text


@pytest.mark.parametrize("plain", [{}, {"a": []}, {"a": [1, {"b": "“"}], "c": None}])
def test_a_long_list_is_spelled_as_any_other(plain: Plain) -> None:
    lazy = {k: iter(v) if isinstance(v, list) else v for k, v in plain.items()}
    spelled = {k: map(Spelled, map(json.dumps, v or ())) for k, v in plain.items()}

    assert "".join(spell(plain)) == json.dumps(plain)
    assert "".join(spell(lazy)) == json.dumps(plain)
    assert json.loads("".join(spell(spelled))) == {k: v or [] for k, v in plain.items()}


async def test_others_have_turns_while_a_long_state_is_spelled(tmp_path: Path) -> None:
    path, turns, seen = tmp_path / "state.json", 0, set()

    def items() -> Iterator[int]:
        for number in range(10 * STEP):
            seen.add(turns)
            yield number

    async with (
        asyncio.timeout(LIMIT),
        saving(path, lambda: {"long": items(), "after": 1}) as state,
    ):
        state.touch()
        while not path.exists():
            await asyncio.sleep(0)
            turns += 1

    assert read(path) == ({"long": [*range(10 * STEP)], "after": 1}, None)
    assert len(seen) >= 10


async def test_a_part_that_cannot_be_spelled_spoils_no_later_save(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, parts = tmp_path / "state.json", [object(), 2]
    async with saving(path, lambda: {"long": iter([1] * 40 + parts[:1])}) as state:
        state.touch()
        await until(lambda: state.unsaved is not None)
        assert not path.exists()
        del parts[0]
        state.touch()
        await until(lambda: state.unsaved is None)

    assert read(path) == ({"long": [1] * 40 + [2]}, None)
    assert "not JSON serializable" in caplog.messages[0]


def test_a_save_that_was_overtaken_does_not_replace_the_newer_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state.json"
    state = StateFile(path, lambda: {"number": state._taken})
    slow = state._next()
    state.save_now()
    state._save(path, *slow)

    assert read(path) == ({"number": 2}, None)
