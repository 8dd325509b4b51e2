"""Answers to commands, each as mon 1.3 gave it."""

from datetime import UTC, datetime

import pytest

from monlvs.model.values import Place, Problem
from monlvs.mon import replies
from monlvs.mon.replies import Reply
from tests.mon import recorded

ANSWERS: dict[str, Reply] = {
    "ack web http too early": replies.NOT_FAILING,
    "ack web http working on it": replies.ACKNOWLEDGED,
    "ack web http my comment": replies.ACKNOWLEDGED,
    "ack web http noted": replies.ACKNOWLEDGED,
    "checkauth list": replies.AUTHORIZED,
    "checkauth nosuch": replies.NOT_EXECUTED,
    "disable host": replies.HOST_DISABLED,
    "disable host 127.0.0.2": replies.HOST_DISABLED,
    "disable host 127.0.0.77": replies.no_host_to_disable(["127.0.0.77"]),
    "disable service nosuch x": replies.NO_SERVICE_TO_DISABLE,
    "disable service web nosuch": replies.NO_SERVICE_TO_DISABLE,
    "enable host 127.0.0.2": replies.ENABLED,
    "enable service web http": replies.ENABLED,
    "get db sql interval": replies.variable_got("db", "sql", "interval", "3600"),
    "get nosuch x interval": replies.no_such_variable("nosuch", "x"),
    "get web http nosuch": replies.variable_got("web", "http", "nosuch", ""),
    "login bob": replies.LOGIN_REFUSED,
    "login joe": replies.LOGIN_REFUSED,
    "login joe secret": replies.LOGIN_ACCEPTED,
    "login joe wrong": replies.LOGIN_REFUSED,
    "login nobody x": replies.LOGIN_REFUSED,
    "nosuch": replies.INVALID,
    "protid": replies.protid(""),
    "protid 1": replies.protid("1"),
    "protid 9745": replies.protid("9745"),
    "reset-broken": replies.reset_failed(7, "h"),
    "savestate all": replies.SAVED,
    "savestate opstatus": replies.SAVED,
    "set maxkeep 7": replies.MAXKEEP_SET,
    "set web http interval 7200": replies.variable_set(
        "web", "http", "interval", "7200"
    ),
    "setview": replies.view_set(""),
    "setview front": replies.view_set("front"),
    "setview nosuch": replies.unknown_view("nosuch"),
    "test alert web http": replies.NO_PERIOD,
    "test alert web http 3 NOSUCH": replies.NO_PERIOD,
    "test alert web http 3 wd {Sun-Sat}": replies.ALERT_TESTED,
    "test alert web http 7 LBL": replies.ALERT_TESTED,
    "test alert web http 9 L": replies.ALERT_TESTED,
    "test alert web nosuch 3 LBL": replies.no_alert_to_test("web", "nosuch"),
    "test monitor web nosuch": replies.no_monitor_to_test("web", "nosuch"),
    "test nosuch web http": replies.UNKNOWN_TEST,
    "test startupalert web http 0 LBL": replies.ALERT_TESTED,
    "test upalert web http 0 LBL": replies.ALERT_TESTED,
    "version": replies.VERSION,
}
SEVERAL: dict[str, tuple[Reply, ...]] = {
    "checkauth disable": (replies.AUTHORIZED, replies.NOT_EXECUTED),
    "checkauth reset": (replies.AUTHORIZED, replies.NOT_EXECUTED),
    "checkauth servertime": (replies.AUTHORIZED, replies.NOT_EXECUTED),
    "checkauth stop": (replies.AUTHORIZED, replies.NOT_EXECUTED),
    "disable service web http": (replies.SERVICE_DISABLED, replies.DENIED),
    "get maxkeep": tuple(replies.maxkeep_got(n) for n in (2, 7, 100)),
    "get web http interval": tuple(
        replies.variable_got("web", "http", "interval", n) for n in ("1", "3", "7200")
    ),
    "getview": (replies.view_got(""), replies.view_got("front")),
    "reset": (
        replies.reset_done(0, "h"),
        replies.reset_failed(0, "h"),
        replies.DENIED,
    ),
    "start": (replies.STARTED, replies.DENIED),
    "stop": (replies.STOPPED, replies.DENIED),
    "term": (replies.DENIED, replies.TERMINATING),
}
# Where mon answers twice, and what only the clock decides.
ELSEWHERE = ("ack nosuch http x", "ack web nosuch x", "ack", "servertime x", "quit")


@pytest.mark.parametrize(
    ("command", "seen"),
    [
        (command, seen)
        for command, seen in recorded.replies("")
        if not command.startswith("list") and command not in ELSEWHERE
    ],
)
def test_the_answer_is_mons(command: str, seen: list[str]) -> None:
    told = [line.replace("<pid>@<host>", "0@h") for line in seen]
    known = SEVERAL.get(command) or (ANSWERS[command],)

    assert told in [list(reply.told) for reply in known]


def test_a_failed_ack_is_answered_once() -> None:
    assert replies.UNKNOWN_GROUP.told == ("520 unknown group",)
    assert replies.UNKNOWN_SERVICE.told == ("520 unknown service",)
    assert not replies.UNKNOWN_SERVICE.ok
    assert replies.ACKNOWLEDGED.ok


def test_the_time_is_told_in_seconds_and_in_words() -> None:
    now = datetime(1999, 6, 13, 15, 8, 27, 999_999, tzinfo=UTC)
    (line,) = replies.servertime(now).lines

    assert line.startswith("929286507 ")
    assert line.endswith(" 1999")


def test_all_errors_of_a_configuration_are_told() -> None:
    place = Place(file="mon.cf", line=11)
    errors = [Problem(place=place, message=f"unknown variable '{n}'") for n in "ab"]
    odd = Problem(place=place, message="odd", warning=True)

    assert replies.config_tested([*errors, odd]).told == (
        "cf error: unknown variable 'a', line 11",
        "cf error: unknown variable 'b', line 11",
        "520 test config completed, errors found in config file",
    )
    assert replies.config_tested([odd]).told == (
        "220 test config completed OK, no errors found",
    )


def test_a_value_that_is_got_is_escaped_and_one_that_is_set_is_not() -> None:
    assert replies.variable_got("d", "s", "foo", 'a b="c').lines == (
        "d s foo='a\\20b=\\22c'",
    )
    assert replies.variable_set("d", "s", "foo", 'a b="c').lines == (
        "d s foo='a b=\"c'",
    )


def test_a_line_end_in_a_value_makes_no_second_answer() -> None:
    reply = replies.variable_set("d", "s", "foo", "x\n220 hello\r")

    assert reply.encode() == b"d s foo='x 220 hello '\n220 set completed\n"


def test_bytes_that_are_no_text_go_back_as_they_came() -> None:
    assert replies.unknown_view("\udcff").encode() == b"504 unknown view \xff\n"


@pytest.mark.parametrize("word", ["09745", "9745"])
def test_the_protocol_is_a_number(word: str) -> None:
    assert replies.protid(word).ok
    assert not replies.protid(word + "x").ok


def test_further_refusals_have_mons_words() -> None:
    told = [
        replies.no_watch_to_disable("zz").told[-1],
        replies.no_host_to_disable(["zz", "yy"]).told[-1],
        replies.NO_WATCH_TO_ENABLE.told[-1],
        replies.NO_SERVICE_TO_ENABLE.told[-1],
        replies.no_monitor_to_test("", "").told[0],
        replies.no_such_variable("", "").told[-1],
    ]
    assert told == [
        '520 disable error, unknown watch "zz"',
        "520 disable host failed, host(s) zz yy do not exist",
        "520 enable error, unknown watch",
        "520 enable error, unknown group",
        "  not defined",
        "520 , not defined",
    ]
