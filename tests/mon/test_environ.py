"""What mon tells its programs, row by row of what mon 1.3 was seen to give."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.model.plugin import AlertKind, Occasion
from monlvs.model.status import OpStatus
from monlvs.mon.environ import (
    VALUE_LIMIT,
    Directories,
    Standing,
    alert_arguments,
    alert_input,
    alert_variables,
    monitor_arguments,
    monitor_variables,
)

AT = datetime(1999, 6, 13, 15, 8, 27, tzinfo=UTC)
BEFORE = AT - timedelta(minutes=5)
EPOCH, EARLIER = "929286507", "929286207"

FRESH = Standing(group="web", service="http")
FAILING = replace(
    FRESH,
    last_output="10.1.1.2\ndetail\n",
    last_failed=True,
    last_failure=AT,
    last_success=BEFORE,
    first_failure=AT,
)
FAILURE = Occasion(
    kind=AlertKind.FAILURE,
    group="web",
    service="http",
    hosts=("10.1.1.2", "10.1.1.3"),
    time=AT,
    text="10.1.1.2\ndetail\n",
    exit=3,
    first_failure=AT,
    last_failure=AT,
)


def test_a_monitor_gets_its_words_and_then_the_hosts() -> None:
    words = monitor_arguments(("-p", "two words", ""), ("10.1.1.2", "[::1]"))
    assert words == ("-p", "two words", "", "10.1.1.2", "[::1]")


def test_a_monitor_that_wants_no_hosts_gets_its_words_only() -> None:
    assert monitor_arguments(("x",), ("10.1.1.2",), wants_hosts=False) == ("x",)


@pytest.mark.parametrize(
    ("standing", "name", "value"),
    [
        pytest.param(FRESH, "MON_GROUP", "web", id="group"),
        pytest.param(FRESH, "MON_SERVICE", "http", id="service"),
        pytest.param(FRESH, "MON_LAST_SUMMARY", None, id="no summary before a run"),
        pytest.param(FRESH, "MON_LAST_OUTPUT", None, id="no output before a run"),
        pytest.param(FRESH, "MON_LAST_FAILURE", "0", id="no failure is 0"),
        pytest.param(FRESH, "MON_LAST_SUCCESS", "0", id="no success is 0"),
        pytest.param(FRESH, "MON_FIRST_FAILURE", None, id="unset before a run"),
        pytest.param(FRESH, "MON_FIRST_SUCCESS", None, id="monitors have none"),
        pytest.param(FRESH, "MON_DESCRIPTION", None, id="no description"),
        pytest.param(FRESH, "MON_DEPEND_STATUS", None, id="no dependency"),
        pytest.param(FAILING, "MON_LAST_SUMMARY", "10.1.1.2", id="summary"),
        pytest.param(FAILING, "MON_LAST_OUTPUT", "10.1.1.2\ndetail\n", id="output"),
        pytest.param(FAILING, "MON_LAST_FAILURE", EPOCH, id="last failure"),
        pytest.param(FAILING, "MON_LAST_SUCCESS", EARLIER, id="last success"),
        pytest.param(FAILING, "MON_FIRST_FAILURE", EPOCH, id="first failure"),
        pytest.param(
            replace(FAILING, last_output=""),
            "MON_LAST_SUMMARY",
            "(NO SUMMARY)",
            id="a failure without output has a summary",
        ),
        pytest.param(
            replace(FAILING, last_output="\nsecond line\n"),
            "MON_LAST_SUMMARY",
            "(NO SUMMARY)",
            id="a failure with a blank first line has a summary",
        ),
        pytest.param(
            replace(FAILING, last_output="  spaces  \n"),
            "MON_LAST_SUMMARY",
            "  spaces  ",
            id="blanks are kept",
        ),
        pytest.param(
            replace(FAILING, last_output="sum\r\nmore\r\n"),
            "MON_LAST_SUMMARY",
            "sum\r",
            id="carriage returns are kept",
        ),
        pytest.param(
            replace(FRESH, last_output="", last_success=AT),
            "MON_LAST_SUMMARY",
            None,
            id="a success without output has no summary",
        ),
        pytest.param(
            replace(FRESH, last_summary="h1"),
            "MON_LAST_SUMMARY",
            "h1",
            id="a summary outlives a reset",
        ),
        pytest.param(
            replace(FRESH, last_output="", last_success=AT),
            "MON_FIRST_FAILURE",
            "0",
            id="0 after a success",
        ),
        pytest.param(
            replace(FRESH, description="the web"),
            "MON_DESCRIPTION",
            "the web",
            id="described",
        ),
        pytest.param(replace(FRESH, description=""), "MON_DESCRIPTION", "", id="empty"),
        pytest.param(
            replace(FRESH, depends=True), "MON_DEPEND_STATUS", "1", id="holds"
        ),
        pytest.param(replace(FRESH, depends=False), "MON_DEPEND_STATUS", "0", id="not"),
        pytest.param(
            replace(FRESH, variables=(("X_ONE", " 1 "),)),
            "X_ONE",
            " 1 ",
            id="own variable",
        ),
        pytest.param(
            replace(FRESH, variables=(("MON_GROUP", "x"),)),
            "MON_GROUP",
            "web",
            id="mon's variables win",
        ),
    ],
)
def test_a_monitor_is_told(standing: Standing, name: str, value: str | None) -> None:
    assert dict(monitor_variables(standing)).get(name) == value


def test_the_directories_are_told_as_variables() -> None:
    told = Directories(log="/l", state="/s", config="/c").variables()
    assert dict(told) == {
        "MON_LOGDIR": "/l",
        "MON_STATEDIR": "/s",
        "MON_CFBASEDIR": "/c",
    }
    assert set(told) <= set(monitor_variables(replace(FRESH, variables=told)))


@pytest.mark.parametrize(
    ("kind", "flags"),
    [
        (AlertKind.FAILURE, ()),
        (AlertKind.STARTUP, ()),
        (AlertKind.TEST, ()),
        (AlertKind.UP, ("-u",)),
        (AlertKind.TRAP, ("-T",)),
        (AlertKind.TRAP_TIMEOUT, ("-O",)),
        (AlertKind.ACK, ("-a",)),
    ],
)
def test_an_alert_gets_its_options_in_mons_order(
    kind: AlertKind, flags: tuple[str, ...]
) -> None:
    words = alert_arguments(replace(FAILURE, kind=kind), ("down", "two words"))
    common = ("-s", "http", "-g", "web", "-h", "10.1.1.2 10.1.1.3", "-t", EPOCH)
    assert words == (*common, *flags, "down", "two words")


def test_the_next_alert_is_told_only_when_asked_for() -> None:
    occasion = replace(FAILURE, kind=AlertKind.UP, next_alert=timedelta(minutes=2))
    assert alert_arguments(occasion, next_alert=True)[-3:] == ("-u", "-l", "120")
    assert "-l" not in alert_arguments(occasion)


UP = replace(FAILURE, kind=AlertKind.UP, opstatus=OpStatus.OK, exit=0)
STARTUP = Occasion(
    kind=AlertKind.STARTUP,
    group="web",
    service="http",
    hosts=(),
    time=AT,
    opstatus=OpStatus.UNTESTED,
)
ACK = replace(
    FAILURE,
    kind=AlertKind.ACK,
    text="joe: on it",
    comment="joe: on it",
    last_summary="10.1.1.2",
)
TRIED = replace(
    FAILURE, kind=AlertKind.TEST, text="test\ntest detail\n", last_summary="h1", exit=7
)


@pytest.mark.parametrize(
    ("occasion", "name", "value"),
    [
        *(
            pytest.param(replace(FAILURE, kind=kind), "MON_ALERTTYPE", word, id=word)
            for kind, word in (
                (AlertKind.FAILURE, "failure"),
                (AlertKind.UP, "up"),
                (AlertKind.STARTUP, "startup"),
                (AlertKind.TRAP, "trap"),
                (AlertKind.TRAP_TIMEOUT, "traptimeout"),
                (AlertKind.ACK, "ack"),
                (AlertKind.TEST, "test"),
            )
        ),
        pytest.param(FAILURE, "MON_RETVAL", "3", id="exit code"),
        pytest.param(UP, "MON_RETVAL", "0", id="upalert has 0"),
        pytest.param(STARTUP, "MON_RETVAL", "0", id="startup has 0"),
        pytest.param(
            replace(FAILURE, kind=AlertKind.TRAP_TIMEOUT, exit=None),
            "MON_RETVAL",
            "1",
            id="trap timeout has 1",
        ),
        pytest.param(ACK, "MON_RETVAL", None, id="ack has none"),
        pytest.param(TRIED, "MON_RETVAL", "7", id="a test has what was asked for"),
        pytest.param(FAILURE, "MON_OPSTATUS", "0", id="status of a failure"),
        pytest.param(UP, "MON_OPSTATUS", "1", id="status of an upalert"),
        pytest.param(STARTUP, "MON_OPSTATUS", "7", id="status at startup"),
        pytest.param(FAILURE, "MON_LAST_SUMMARY", "10.1.1.2", id="present summary"),
        pytest.param(UP, "MON_LAST_SUMMARY", "10.1.1.2", id="last failure's summary"),
        pytest.param(
            replace(FAILURE, text=""),
            "MON_LAST_SUMMARY",
            "(NO SUMMARY)",
            id="no output",
        ),
        pytest.param(STARTUP, "MON_LAST_SUMMARY", None, id="no summary at startup"),
        pytest.param(
            replace(UP, first_failure=None, text=""),
            "MON_LAST_SUMMARY",
            None,
            id="up without an outage",
        ),
        pytest.param(ACK, "MON_LAST_SUMMARY", "10.1.1.2", id="summary that is acked"),
        pytest.param(
            TRIED, "MON_LAST_SUMMARY", "h1", id="a test tells the last failure"
        ),
        pytest.param(FAILURE, "MON_LAST_OUTPUT", None, id="no run before"),
        pytest.param(
            replace(FAILURE, previous_output="p\n"),
            "MON_LAST_OUTPUT",
            "p\n",
            id="previous",
        ),
        pytest.param(UP, "MON_FIRST_FAILURE", EPOCH, id="start of the outage"),
        pytest.param(STARTUP, "MON_FIRST_FAILURE", None, id="no outage"),
        pytest.param(
            replace(STARTUP, last_success=AT),
            "MON_FIRST_FAILURE",
            "0",
            id="0 after a success",
        ),
        pytest.param(UP, "MON_LAST_FAILURE", EPOCH, id="last failure"),
        pytest.param(STARTUP, "MON_LAST_FAILURE", "0", id="no failure yet"),
        pytest.param(FAILURE, "MON_LAST_SUCCESS", "0", id="no success yet"),
        pytest.param(
            replace(UP, last_success=BEFORE),
            "MON_LAST_SUCCESS",
            EARLIER,
            id="last success",
        ),
        pytest.param(FAILURE, "MON_FIRST_SUCCESS", "", id="always empty"),
        pytest.param(FAILURE, "MON_DESCRIPTION", None, id="no description"),
        pytest.param(FAILURE, "MON_TRAP_INTENDED", None, id="no trap"),
        pytest.param(
            replace(FAILURE, intended="a:b"), "MON_TRAP_INTENDED", "a:b", id="intended"
        ),
        pytest.param(FAILURE, "MON_ACK", None, id="not acknowledged"),
        pytest.param(ACK, "MON_ACK", "joe: on it", id="acknowledged"),
        pytest.param(
            replace(UP, comment=": my"), "MON_ACK", ": my", id="up after an ack"
        ),
        pytest.param(
            replace(FAILURE, variables=(("X", "a b"),)), "X", "a b", id="own variable"
        ),
    ],
)
def test_an_alert_is_told(occasion: Occasion, name: str, value: str | None) -> None:
    assert dict(alert_variables(occasion)).get(name) == value


@pytest.mark.parametrize(
    ("occasion", "text"),
    [
        (FAILURE, b"10.1.1.2\ndetail\n"),
        (replace(FAILURE, text="no newline"), b"no newline"),
        (replace(FAILURE, text=""), b""),
        (STARTUP, b""),
        (ACK, b"joe: on it"),
    ],
)
def test_an_alert_reads_the_text_as_it_is(occasion: Occasion, text: bytes) -> None:
    assert alert_input(occasion) == text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
def test_nothing_that_execve_refuses_is_told(text: str) -> None:
    told = replace(FAILURE, text=text, previous_output=text, comment=text)
    words = alert_arguments(told, (text,))
    values = [value for _, value in alert_variables(told)]
    assert not any("\0" in word for word in (*words, *values))


@pytest.mark.parametrize("character", ["x", "é", "€", "😀"])
def test_a_value_is_cut_to_what_execve_takes(character: str) -> None:
    standing = replace(FAILING, last_output=character * VALUE_LIMIT)
    value = dict(monitor_variables(standing))["MON_LAST_OUTPUT"]
    assert len(value.encode("utf-8", "surrogateescape")) == VALUE_LIMIT
