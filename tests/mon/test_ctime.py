"""Dates as date(1) prints them, whatever the locale."""

import locale
import os
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from monlvs.mon.ctime import ctime_line, date_line


@pytest.fixture(params=["GMT0", "Europe/Vienna", "America/New_York"])
def zone(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("epoch", [929286510, 951782400, 1711846799, 1711846800, 0])
@pytest.mark.usefixtures("zone")
def test_a_date_is_as_date_prints_it(epoch: int) -> None:
    printed = subprocess.run(
        ["date", "-d", f"@{epoch}", "+%a %b %e %H:%M:%S %Z %Y"],
        env=os.environ | {"LC_ALL": "C"},
        stdout=subprocess.PIPE,
        check=True,
    )
    at = datetime.fromtimestamp(epoch, UTC)
    assert date_line(at) == printed.stdout.decode().strip()
    assert ctime_line(at) == time.asctime(time.localtime(epoch))


def test_the_howtos_date_comes_out_as_it_stands_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "GMT0")
    time.tzset()
    at = datetime(1999, 6, 13, 15, 8, 30, tzinfo=UTC)
    assert date_line(at) == "Sun Jun 13 15:08:30 GMT 1999"
    monkeypatch.undo()
    time.tzset()


def test_the_names_are_not_those_of_the_locale() -> None:
    before = locale.setlocale(locale.LC_TIME)
    try:
        locale.setlocale(locale.LC_TIME, "C.UTF-8")
        line = date_line(datetime(2024, 3, 5, 12, tzinfo=UTC))
    finally:
        locale.setlocale(locale.LC_TIME, before)
    assert line.startswith("Tue Mar  5 ")
