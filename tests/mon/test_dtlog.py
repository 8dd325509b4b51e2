"""The downtime log, as mon 1.3 wrote it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.mon.dtlog import (
    Downtime,
    dtlog_header,
    dtlog_line,
    dtlog_lines,
    parse_dtlog,
)

LINE = "1795488810 g s 1795488799 11 2 1x"
ENTRY = Downtime(
    up=1795488810,
    group="g",
    service="s",
    first_failure=1795488799,
    downtime=11,
    interval=timedelta(seconds=2),
    summary="1x",
)


def test_an_outage_is_one_line() -> None:
    assert dtlog_line(ENTRY) == LINE
    assert parse_dtlog(LINE + "\n") == ENTRY


def test_a_new_log_explains_itself() -> None:
    assert dtlog_header(1795488799) == (
        "#\n# downtime log start 1795488799\n"
        "# time back up, group, service, first failure, downtime, interval, summary\n"
        "#\n"
    )


def test_clients_are_shown_no_comments() -> None:
    assert dtlog_lines(dtlog_header(1) + LINE + "\n" + LINE + "\n") == (LINE, LINE)


def test_an_outage_without_a_summary_says_so() -> None:
    entry = Downtime(
        up=2, group="g", service="s", first_failure=1, downtime=1, summary=""
    )

    assert dtlog_line(entry) == "2 g s 1 1  (NO SUMMARY)"
    assert parse_dtlog("2 g s 1 1  (NO SUMMARY)") == Downtime(
        up=2, group="g", service="s", first_failure=1, downtime=1
    )


@pytest.mark.parametrize(
    "line", ["", "#", "# x", "a b c", "1 g s 2 3", "1 g s 2 3 x y"]
)
def test_junk_is_no_outage(line: str) -> None:
    assert parse_dtlog(line) is None


@given(st.text(), st.integers(0, 10**9).map(lambda n: timedelta(seconds=n)))
def test_what_is_written_is_one_line_and_is_read(
    summary: str, interval: timedelta
) -> None:
    entry = Downtime(
        up=9,
        group="g",
        service="s",
        first_failure=1,
        downtime=8,
        interval=interval,
        summary=summary,
    )
    line = dtlog_line(entry)

    assert "\n" not in line
    if interval.total_seconds() < 10**9:
        assert parse_dtlog(line) is not None
    assert parse_dtlog(summary) is None or summary
