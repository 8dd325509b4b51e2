"""The lines of services and periods, as mon 1.3 took and refused them."""

from datetime import timedelta

import pytest

from monlvs.model.depend import DependBehavior
from monlvs.model.period import NEVER
from monlvs.model.watch import (
    AfterCount,
    AfterCountWithin,
    AfterDuration,
    AlertAfter,
    AlertEvery,
    AlertEveryMode,
    ExitRange,
)
from monlvs.mon.directives import (
    AlertProgram,
    DirectiveError,
    PeriodHead,
    Program,
    ProgramError,
    period_head,
    read_alert,
    read_alertafter,
    read_alertevery,
    read_behavior,
    read_monitor,
    read_numalerts,
    read_period,
    read_timeval,
    read_unack_summary,
)

FIVE = timedelta(seconds=5)


@pytest.mark.parametrize(
    ("rest", "label", "spec", "key"),
    [
        ("", None, "", ""),
        ("wd {Sun-Sat}", None, "wd {Sun-Sat}", "wd {Sun-Sat}"),
        ("L: wd {Sun}", "L", "wd {Sun}", "L"),
        ("L : wd {Sun}", "L", "wd {Sun}", "L"),
        ("M:wd {Sun}", "M", "wd {Sun}", "M"),
        ("A_9:", "A_9", "", "A_9"),
        ("9a: wd {Sun}", None, "9a: wd {Sun}", "9a: wd {Sun}"),
    ],
)
def test_a_period_is_called_by_its_label_or_its_text(
    rest: str, label: str | None, spec: str, key: str
) -> None:
    head = period_head(rest)

    assert head == PeriodHead(label, spec)
    assert head.key == key


def test_a_malformed_period_is_refused_with_its_text() -> None:
    with pytest.raises(DirectiveError, match=r"^malformed period 'wd {Sun-' "):
        read_period("wd {Sun-")
    with pytest.raises(DirectiveError, match=r"^malformed exclude_period 'foo' "):
        read_period("foo", keyword="exclude_period")
    assert read_period("none") == NEVER


def test_a_monitor_has_a_program_and_words() -> None:
    program = read_monitor('fake.monitor -n "a b"  c')

    assert program == Program(
        text='fake.monitor -n "a b"  c',
        name="fake.monitor",
        arguments=("-n", "a b", "c"),
        arguments_text='-n "a b"  c',
    )
    assert program.wants_hosts


def test_two_semicolons_at_the_end_keep_the_hosts_away() -> None:
    last, amidst = read_monitor("m x ;;"), read_monitor("m ;; x")

    assert (last.arguments, last.wants_hosts) == (("x",), False)
    assert (amidst.arguments, amidst.wants_hosts) == ((";;", "x"), True)


@pytest.mark.parametrize("rest", ["", '"unbal x', '""'])
def test_a_line_without_a_program_is_told_apart(rest: str) -> None:
    with pytest.raises(ProgramError, match="expected"):
        read_monitor(rest)
    with pytest.raises(ProgramError, match="expected"):
        read_alert(1, f"exit=1 {rest}")


@pytest.mark.parametrize(
    ("rest", "exits", "name", "arguments"),
    [
        ("a x", None, "a", ("x",)),
        ("exit=1 a x", ExitRange(1, 1), "a", ("x",)),
        ("exit=2-5   a", ExitRange(2, 5), "a", ()),
        ("exit=3-1 a", ExitRange(3, 1), "a", ()),
        ("a exit=5 x", None, "a", ("exit=5", "x")),
        ("exit=x a", None, "exit=x", ("a",)),
        ("exit=-1 a", None, "exit=-1", ("a",)),
        ("exit=2,3 a", None, "exit=2,3", ("a",)),
        ("exit=2- a", None, "exit=2-", ("a",)),
        ('exit="2" a', None, "exit=2", ("a",)),
    ],
)
def test_an_alert_may_be_for_some_exits_only(
    rest: str, exits: ExitRange | None, name: str, arguments: tuple[str, ...]
) -> None:
    alert = read_alert(7, rest)

    assert isinstance(alert, AlertProgram)
    assert (alert.line, alert.exits) == (7, exits)
    assert (alert.program.name, alert.program.arguments) == (name, arguments)


def test_the_history_shows_the_words_as_they_are_written() -> None:
    alert = read_alert(1, 'exit=1 fake.alert  "x y" z\\ w')

    assert alert.program.arguments_text == '"x y" z\\ w'


@pytest.mark.parametrize(
    ("keyword", "message"),
    [
        ("interval", "invalid time interval '5'"),
        ("failure_interval", "invalid interval '5'"),
        ("randskew", "invalid randskew time interval '5'"),
        ("traptimeout", "invalid traptimeout interval '5'"),
        ("trapduration", "invalid trapduration interval '5'"),
        ("upalertafter", "invalid upalertafter specification '5'"),
    ],
)
def test_a_bad_time_value_is_refused_in_mons_words(keyword: str, message: str) -> None:
    with pytest.raises(DirectiveError) as caught:
        read_timeval(keyword, "5")

    syntax = f" (syntax: {keyword} = {{positive number}}{{smhd}})"
    assert str(caught.value) == message + syntax
    assert read_timeval(keyword, "1.5m") == timedelta(seconds=90)


@pytest.mark.parametrize(
    ("rest", "mode"),
    [
        ("5s", AlertEveryMode.SUMMARY),
        ("5s  strict", AlertEveryMode.STRICT),
        ("5S STRICT", AlertEveryMode.STRICT),
        ("5s observe_detail", AlertEveryMode.OBSERVE_DETAIL),
        ("5s ignore_summary", AlertEveryMode.IGNORE_SUMMARY),
    ],
)
def test_alertevery_has_a_time_and_perhaps_a_mode(
    rest: str, mode: AlertEveryMode
) -> None:
    assert read_alertevery(rest) == AlertEvery(interval=FIVE, mode=mode)


@pytest.mark.parametrize("rest", ["", "5", "0s", "5s foo", "5s strict x", "5s summary"])
def test_alertevery_takes_nothing_else(rest: str) -> None:
    with pytest.raises(DirectiveError) as caught:
        read_alertevery(rest)

    assert str(caught.value) == (
        f"invalid time interval '{rest}' (syntax: alertevery {{positive number}}"
        "{smhd} [ strict | observe_detail | ignore_summary ])"
    )


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("3", AfterCount(3)),
        ("02", AfterCount(2)),
        ("0", AfterCount(1)),
        ("5m", AfterDuration(timedelta(minutes=5))),
        ("3  11s", AfterCountWithin(3, timedelta(seconds=11))),
    ],
)
def test_alertafter_has_three_forms(rest: str, expected: AlertAfter) -> None:
    assert read_alertafter(rest, FIVE) == expected


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("", "invalid interval specification ''"),
        ("x", "invalid interval specification 'x'"),
        ("-1", "invalid interval specification '-1'"),
        ("4.5s", "invalid interval specification '4.5s'"),
        ("5S", "invalid interval specification '5S'"),
        ("2x", "invalid interval specification '2x'"),
        ("3 5", "invalid interval specification '3 5'"),
        ("2 1d x", "invalid interval specification '2 1d x'"),
        (
            "0s",
            "invalid time interval '0s' (syntax: alertafter = [{positive integer}] "
            "[{positive number}{smhd}])",
        ),
        ("3 5s", "interval & alertafter not sensible. No alerts can be generated"),
        ("3 10s", "interval & alertafter not sensible. No alerts can be generated"),
        ("1 0s", "interval & alertafter not sensible. No alerts can be generated"),
    ],
)
def test_alertafter_takes_nothing_else(rest: str, message: str) -> None:
    with pytest.raises(DirectiveError) as caught:
        read_alertafter(rest, FIVE)

    assert str(caught.value).startswith(message)


def test_alertafter_is_not_compared_with_an_interval_that_is_not_stated() -> None:
    assert read_alertafter("3 5s", None) == AfterCountWithin(3, FIVE)


def test_numalerts_is_a_number_and_none_is_no_limit() -> None:
    assert read_numalerts("3") == 3
    assert read_numalerts("0") is None
    for rest in ("", "x", "3 x", "3.5", "-1"):
        with pytest.raises(DirectiveError, match=f"non-numeric arg '{rest}'"):
            read_numalerts(rest)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [("1", True), ("y", True), ("YES", True), ("yes x", True), ("0", False),
     ("n", False), ("No", False)],
)  # fmt: skip
def test_unack_summary_needs_an_answer(rest: str, expected: bool) -> None:
    assert read_unack_summary(rest) is expected
    for bad in ("", "x", "true"):
        with pytest.raises(
            DirectiveError, match=f"invalid unack_summary value '{bad}'"
        ):
            read_unack_summary(bad)


def test_a_behaviour_is_a_m_or_hm() -> None:
    assert read_behavior("hm") is DependBehavior.HOSTS
    for bad in ("", "x", "m x", "A"):
        with pytest.raises(
            DirectiveError, match=f"unknown dependency behavior '{bad}'"
        ):
            read_behavior(bad)
