"""The opstatus line, key by key as mon 1.3 wrote it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.model.status import OpStatus
from monlvs.mon.escape import unescape
from monlvs.mon.opstatus import OpStatusLine, opstatus_fields, opstatus_line, seconds
from tests.mon import recorded

FRESH = OpStatusLine(
    group="g",
    service="s",
    opstatus=OpStatus.UNTESTED,
    last_opstatus=OpStatus.UNTESTED,
)
FAILING = OpStatusLine(
    group="g",
    service="s",
    opstatus=OpStatus.FAIL,
    last_opstatus=OpStatus.FAIL,
    exitval=1,
    timer=timedelta(seconds=1.5),
    last_check=1795489116,
    ack=1795488806,
    ackcomment=": two words",
    alerts_sent=5,
    depstatus=False,
    depend="g:t && k:u",
    monitor="m 1x",
    last_summary="1x",
    last_detail="d t\n",
    last_failure=1795489117,
    interval=timedelta(seconds=90),
    monitor_duration=1,
    exclude_period="wd {Sun} hr {1am}",
    exclude_hosts=("h3", "h4"),
    randskew=timedelta(seconds=1),
    last_alert=1795489117,
    first_failure=1795489113,
    failure_duration=4,
)


def test_a_fresh_service_has_these_keys_in_this_order() -> None:
    assert opstatus_line(FRESH) == (
        "group=g service=s opstatus=7 last_opstatus=7 exitval=undef timer=0 "
        "last_success=0 last_trap=0 last_traphost= last_check= ack=0 ackcomment= "
        "alerts_sent=0 depstatus= depend= hostdepend= monitordepend= alertdepend= "
        "monitor= last_summary= last_detail="
    )


def test_a_failing_service_has_all_of_them() -> None:
    assert opstatus_line(FAILING) == (
        "group=g service=s opstatus=0 last_opstatus=0 exitval=1 timer=1.5 "
        "last_success=0 last_trap=0 last_traphost= last_check=1795489116 "
        "ack=1795488806 ackcomment=:\\20two\\20words alerts_sent=5 depstatus=0 "
        "depend=g:t\\20&&\\20k:u hostdepend= monitordepend= alertdepend= "
        "monitor=m\\201x last_summary=1x last_detail=d\\20t\\0a "
        "last_failure=1795489117 interval=90 monitor_duration=1 monitor_running=0 "
        "exclude_period=wd\\20{Sun}\\20hr\\20{1am} exclude_hosts=h3\\20h4 randskew=1 "
        "last_alert=1795489117 first_failure=1795489113 failure_duration=4"
    )


def test_before_the_first_run_a_service_with_an_interval_has_taken_minus_one() -> None:
    line = opstatus_line(replace(FRESH, interval=timedelta(minutes=1)))

    assert line.endswith(" interval=60 monitor_duration=-1 monitor_running=0")


def test_the_fields_are_read_back() -> None:
    fields = opstatus_fields(opstatus_line(FAILING))

    assert fields["last_detail"] == "d t\n"
    assert fields["exclude_hosts"] == "h3 h4"
    assert opstatus_fields("junk a=b=c") == {"a": "b=c"}


@given(st.text(), st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_breaks_the_line(group: str, detail: str) -> None:
    line = opstatus_line(replace(FAILING, group=group, last_detail=detail))

    assert len(line.split(" ")) == 31
    assert opstatus_fields(line)["last_detail"] == detail


@pytest.mark.parametrize(
    ("span", "text"),
    [(0, "0"), (1.5, "1.5"), (90, "90"), (3600, "3600"), (0.25, "0.25"), (100, "100")],
)
def test_seconds_have_no_more_digits_than_they_need(span: float, text: str) -> None:
    assert seconds(timedelta(seconds=span)) == text


RECORDED: list[dict[str, str]] = [
    line
    for _, reply in recorded.replies("list ")
    for line in reply
    if isinstance(line, dict) and line.get("opstatus")
]
NUMBERS = (
    "last_success", "last_trap", "ack", "alerts_sent", "last_failure", "last_alert",
    "first_failure",
)  # fmt: skip


def number(text: str) -> int:
    """Read an epoch; the scenarios have marks in place of it."""
    return sum(map(ord, text)) if text.startswith("<") else int(text)


@pytest.mark.parametrize("seen", RECORDED)
def test_every_line_that_mon_was_seen_to_write_is_written(seen: dict[str, str]) -> None:
    texts: dict[str, Any] = {
        name: unescape(value)
        for name, value in seen.items()
        if name in ("group", "service", "monitor", "ackcomment", "last_summary",
                    "last_detail", "exclude_period", "last_traphost")
        or name.endswith("depend")
    }  # fmt: skip
    numbers = {name: number(seen[name]) for name in NUMBERS if name in seen}
    spans = {
        name: timedelta(seconds=float(seen[name]))
        for name in ("interval", "randskew")
        if name in seen
    }
    line = opstatus_line(
        OpStatusLine(
            opstatus=OpStatus(int(seen["opstatus"])),
            last_opstatus=OpStatus(int(seen.get("last_opstatus", "7"))),
            exitval=None if seen["exitval"] == "undef" else int(seen["exitval"]),
            depstatus=bool(int(seen["depstatus"])) if seen.get("depstatus") else None,
            exclude_hosts=tuple(unescape(seen.get("exclude_hosts", "")).split()),
            **texts,
            **numbers,
            **spans,
        )
    )
    written = dict(word.split("=", 1) for word in line.split(" "))
    expected = seen | {name: str(value) for name, value in numbers.items()}
    assert {name: written.get(name) for name in seen} == expected
