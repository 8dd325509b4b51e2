"""The log alert writes the line of the LVS-HOWTO, one line whatever happens."""

import asyncio
import os
import shlex
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.alerts.log import Log
from monlvs.model.plugin import Alert, AlertError, AlertKind
from tests.alerts.occasions import FAILURE, HOWTO, UP


@pytest.fixture(autouse=True)
def greenwich() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "GMT0"
    time.tzset()
    yield
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


def test_it_is_an_alert() -> None:
    assert isinstance(Log(), Alert)


async def test_the_howtos_lines_come_out_as_they_stand_there(tmp_path: Path) -> None:
    log = Log(file=str(tmp_path / "test.alert.log"))
    await log.send(HOWTO)
    down = replace(
        HOWTO,
        kind=AlertKind.FAILURE,
        time=HOWTO.time + timedelta(minutes=3, seconds=17),
    )
    await log.send(down)
    assert Path(log.file).read_text() == (
        "Sun Jun 13 15:08:30 GMT 1999 -s fping -g LVS3 -h 10.1.1.2 -t 929286510 -u -l 0\n"
        "Sun Jun 13 15:11:47 GMT 1999 -s fping -g LVS3 -h 10.1.1.2 -t 929286707 -l 0\n"
    )


@pytest.mark.parametrize(
    ("kind", "flag"),
    [
        (AlertKind.FAILURE, None),
        (AlertKind.STARTUP, None),
        (AlertKind.TEST, None),
        (AlertKind.UP, "-u"),
        (AlertKind.TRAP, "-T"),
        (AlertKind.TRAP_TIMEOUT, "-O"),
        (AlertKind.ACK, "-a"),
    ],
)
def test_the_flag_tells_what_happened(kind: AlertKind, flag: str | None) -> None:
    words = shlex.split(Log().preview(replace(FAILURE, kind=kind)))
    at = words.index("-t") + 2
    assert words[at:] == [*([flag] if flag else []), "-l", "1800"]


def test_several_hosts_are_one_word() -> None:
    words = shlex.split(Log().preview(FAILURE))
    assert words[words.index("-h") + 1] == "10.1.1.2 10.1.1.3"


def test_the_summary_is_the_last_word_when_asked_for() -> None:
    told = replace(UP, text="it's down\ndetail\n")
    assert shlex.split(Log(detail=True).preview(told))[-1] == "it's down"


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_in_a_name_or_summary_makes_a_second_line(name: str, said: str) -> None:
    line = Log(detail=True).preview(replace(FAILURE, group=name, text=said))
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line
    words = shlex.split(line)
    assert words[words.index("-g") + 2] == "-h"


async def test_lines_of_many_writers_never_mix(tmp_path: Path) -> None:
    log = Log(file=str(tmp_path / "log"), detail=True)
    many = [replace(FAILURE, group=f"g{n}", text="x" * 500) for n in range(40)]
    await asyncio.gather(*(log.send(occasion) for occasion in many))
    lines = Path(log.file).read_text().splitlines()
    assert sorted(lines) == sorted(log.preview(o).rstrip("\n") for o in many)


async def test_what_preview_shows_is_what_is_written(tmp_path: Path) -> None:
    log = Log(file=str(tmp_path / "log"))
    shown = log.preview(FAILURE)
    assert not Path(log.file).exists()
    await log.send(FAILURE)
    assert Path(log.file).read_text() == shown
    assert Path(log.file).stat().st_mode & 0o007 == 0


@pytest.mark.parametrize("name", ["missing/log", "", "pipe"])
async def test_a_file_that_cannot_be_written_is_told_at_once(
    tmp_path: Path, name: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    path = str(tmp_path / name)
    with pytest.raises(AlertError, match=f"cannot append to {path}: ") as caught:
        await Log(file=path).send(FAILURE)
    assert caught.value.lasting


async def test_a_full_disk_may_pass() -> None:
    with pytest.raises(AlertError, match="No space left") as caught:
        await Log(file="/dev/full").send(FAILURE)
    assert not caught.value.lasting


def test_the_file_is_the_destination() -> None:
    assert Log(file="/x/y").destination == "file /x/y"


@pytest.mark.parametrize("path", ["", "relative.log", "/a\0b"])
def test_a_file_has_to_be_an_absolute_path(path: str) -> None:
    with pytest.raises(ValueError, match="file: expected an absolute path"):
        Log(file=path)
