"""The file alert writes what mon's file.alert writes."""

import os
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monlvs.alerts.file import File
from monlvs.model.plugin import Alert, AlertError, AlertKind
from monlvs.mon.environ import alert_arguments, alert_input, alert_variables
from tests.alerts.occasions import FAILURE, UP

PROGRAM = Path("/usr/lib/mon/alert.d/file.alert")
OCCASIONS = [
    FAILURE,
    UP,
    replace(FAILURE, text="one line", description=None),
    replace(FAILURE, text="a\n\nb\nc\n", kind=AlertKind.TRAP),
    replace(FAILURE, time=datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC), text="x\n"),
]


def test_it_is_an_alert() -> None:
    assert isinstance(File(file="/tmp/x"), Alert)


@pytest.mark.parametrize("number", range(len(OCCASIONS)))
async def test_it_writes_the_same_as_the_program(number: int, tmp_path: Path) -> None:
    occasion = OCCASIONS[number]
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    await File(file=str(ours)).send(occasion)
    subprocess.run(
        [PROGRAM, *alert_arguments(occasion), "-d", tmp_path, "theirs"],
        input=alert_input(occasion),
        env=os.environ | dict(alert_variables(occasion)),
        check=True,
    )

    assert ours.read_bytes() == theirs.read_bytes()


async def test_records_are_appended(tmp_path: Path) -> None:
    alert = File(file=str(tmp_path / "records"))
    await alert.send(FAILURE)
    await alert.send(UP)
    text = (tmp_path / "records").read_text()

    assert text == alert.preview(FAILURE) + alert.preview(UP)
    assert [line.split()[0] for line in text.split("\n.\n")[:2]] == ["failure", "up"]


async def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(AlertError, match="cannot append") as found:
        await File(file=str(tmp_path / "gone" / "x")).send(FAILURE)

    assert found.value.lasting


def test_a_relative_path_is_refused() -> None:
    with pytest.raises(ValueError, match="file: expected an absolute path"):
        File(file="records")
