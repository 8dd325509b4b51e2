"""Time::Period's grammar, against its documentation and against the Perl module."""

import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from monlvs.core.timeperiod import (
    PeriodSyntaxError,
    contains,
    next_boundary,
    parse,
)
from monlvs.model.period import ALWAYS, NEVER, Scale, Span, SubPeriod, TimePeriod


def at(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=UTC)  # type: ignore[misc, arg-type]


SUNDAY = at(2025, 6, 15, 10, 30, 30)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_blank_text_is_always(text: str) -> None:
    assert parse(text) == ALWAYS


@pytest.mark.parametrize("text", ["none", "NONE", " none "])
def test_none_is_never(text: str) -> None:
    assert parse(text) == NEVER
    assert not contains(parse(text), SUNDAY)


def test_spelling_does_not_matter_for_equality() -> None:
    assert parse("wd {Mon-Fri} hr {9am-4pm}") == parse("HOUR{9 - 16}wday {2-6},")
    assert parse("hr {9am-4pm}") == TimePeriod(
        alternatives=(SubPeriod(scales=((Scale.HOUR, (Span(9, 16),)),)),)
    )


@pytest.mark.parametrize(
    "text",
    [
        "wd {su}", "wd {Sunday}", "wd {1}", "wd {Sat-Mon}", "hr {10}", "hr {9am-12noon}",
        "min {31-30}", "yr {2025}", "yr {25}", "yr {2026-2024}", "mo {june}", "wk {3}",
        "yd {166}", "md {15}", "sec {30}", "wd {2} wd {1}", "wd {2}, hr {10}",
        "wd {Mon Sun} hr {8-10} min {30}", "hr {10-8}",
    ],
)  # fmt: skip
def test_half_past_ten_on_a_sunday_in_june_is_inside(text: str) -> None:
    assert contains(parse(text), SUNDAY)


@pytest.mark.parametrize(
    "text",
    ["wd {Mon-Fri}", "hr {12am}", "hr {12pm}", "hr {11pm-9am}", "min {31-29}", "wk {2}",
     "yr {1970}", "hr {12noon-12am}", "wd {1} hr {11}", "wd {}"],
)  # fmt: skip
def test_half_past_ten_on_a_sunday_in_june_is_outside(text: str) -> None:
    assert not contains(parse(text), SUNDAY)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("always", "expected a scale with its ranges in braces"),
        ("wd Mon-Fri", "expected a scale with its ranges in braces"),
        ("wd {1", "expected a scale with its ranges in braces"),
        ("{1}", "expected a scale"),
        ("wd {1} none", "at 'none'"),
        ("weekday {su}", "unknown scale 'weekday'"),
        ("wd {8}", "'8' is no range of wd: expected 1-7"),
        ("wd {Xyz}", "'Xyz' is no range of wd"),
        ("hr {24}", "expected 0-23 or 12am"),
        ("hr {13pm}", "'13pm' is no range of hr"),
        ("hr {10:30}", "'10:30' is no range of hr"),
        ("min {60}", "expected 0-59"),
        ("md {0}", "expected 1-31"),
        ("yd {367}", "expected 1-366"),
        ("yr {1969}", "a year from 1970 on"),
        ("mo {ju}", "expected 1-12 or jan"),
        ("wd {1-2-3}", "'1-2-3'"),
        ("wd {1-}", "'1-'"),
        ("wd {su;mo}", "'su;mo'"),
        (",wd {1}", "nothing between two commas"),
        ("wd {1},,wd {2}", "nothing between two commas"),
        (",", "nothing between two commas"),
        ("yr {99999999999999999999}", "a year from 1970 on"),
    ],
)
def test_a_malformed_period_is_refused_with_what_was_expected(
    text: str, complaint: str
) -> None:
    with pytest.raises(PeriodSyntaxError) as caught:
        parse(text)
    assert complaint in str(caught.value)


def test_an_hour_range_lasts_to_the_end_of_its_last_hour() -> None:
    hours = parse("hr {9am-4pm}")
    assert contains(hours, at(2025, 1, 1, 16, 59, 59))
    assert not contains(hours, at(2025, 1, 1, 17))


@pytest.mark.parametrize(
    ("text", "after", "boundary"),
    [
        ("hr {9am-4pm}", at(2025, 6, 15, 10, 30), at(2025, 6, 15, 17)),
        ("hr {9am-4pm}", at(2025, 6, 15, 17), at(2025, 6, 16, 9)),
        ("wd {Mon-Fri}", SUNDAY, at(2025, 6, 16)),
        ("wd {Mon-Fri} hr {8}", SUNDAY, at(2025, 6, 16, 8)),
        ("min {0-29}", SUNDAY, at(2025, 6, 15, 11)),
        ("sec {0-4}", SUNDAY, at(2025, 6, 15, 10, 31)),
        ("yr {2030} mo {2} md {29}", SUNDAY, None),
        ("md {29} mo {2}", SUNDAY, at(2028, 2, 29)),
        ("yr {2030} sec {7}", SUNDAY, at(2030, 1, 1, 0, 0, 7)),
        ("hr {0-23}", SUNDAY, None),
        ("min {0-59} sec {30-29}", SUNDAY, None),
        ("", SUNDAY, None),
        ("none", SUNDAY, None),
    ],
)
def test_the_next_boundary(
    text: str, after: datetime, boundary: datetime | None
) -> None:
    assert next_boundary(parse(text), after) == boundary


def test_the_hour_that_comes_twice_in_autumn_has_its_own_boundaries() -> None:
    half_hours = parse("min {0-29}")
    after = datetime(2025, 10, 26, 2, 45, tzinfo=BERLIN)  # before the clock goes back
    found = next_boundary(half_hours, after)
    assert found is not None
    assert found.astimezone(UTC) == datetime(2025, 10, 26, 1, 0, tzinfo=UTC)
    assert (found.hour, found.fold) == (2, 1)


def test_an_hour_that_spring_skips_is_never_inside() -> None:
    night = parse("hr {2}")
    after = datetime(2025, 3, 30, 1, 15, tzinfo=BERLIN)
    found = next_boundary(night, after)
    assert found is not None
    assert found.astimezone(UTC) == datetime(2025, 3, 31, 0, 0, tzinfo=UTC)


def test_a_long_search_gives_up_and_says_when_to_look_again() -> None:
    always = parse("sec {0-29}, sec {30-59}")
    found = next_boundary(always, SUNDAY)
    assert found is not None
    assert SUNDAY < found < SUNDAY + timedelta(days=1)


def _ranges(values: Sequence[str]) -> st.SearchStrategy[str]:
    value = st.sampled_from(values)
    pair = st.tuples(value, st.sampled_from(["-", " - ", "- "]), value).map("".join)
    return st.lists(value | pair, min_size=1, max_size=3).map(" ".join)


def _numbers(first: int, last: int) -> list[str]:
    return [str(n) for n in range(first, last + 1)]


_TERMS = {
    ("yr", "year"): ["25", "24", "99", "0", "1970", "2024", "2025", "2027"],
    ("mo", "month"): [*_numbers(1, 12), "jan", "Feb", "september", "DEC"],
    ("wk", "week"): _numbers(1, 6),
    ("yd", "yday"): ["1", "59", "60", "200", "365", "366"],
    ("md", "mday"): _numbers(1, 31),
    ("wd", "wday"): [*_numbers(1, 7), "su", "Monday", "TUE", "we", "thu", "fr", "sat"],
    ("hr", "hour"): [*_numbers(0, 23), "12am", "1am", "11AM", "12noon", "12pm", "11pm"],
    ("min", "minute"): ["0", "7", "29", "30", "59"],
    ("sec", "second"): ["0", "7", "29", "30", "59"],
}
_TERM = st.one_of(
    st.tuples(
        st.sampled_from(names), st.sampled_from(["{", " { "]), _ranges(values)
    ).map(lambda parts: "".join([*parts, "}"]))
    for names, values in _TERMS.items()
)
_SUB = st.lists(_TERM, min_size=1, max_size=4).map(" ".join)
SPECS = st.lists(_SUB, min_size=1, max_size=3).map(", ".join)
MOMENTS = st.integers(0, 4 * 366 * 86_400).map(
    lambda seconds: at(2024, 1, 1) + timedelta(seconds=seconds)
)

batches = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ],  # one perl per try: no shrinking
)

_PERL = """
use Time::Period;
$/ = "\\0";
while (my $spec = <STDIN>) {
    chomp $spec; my $time = <STDIN>; chomp $time;
    print inPeriod($time, $spec), "\\n";
}
"""


def _perl(cases: Sequence[tuple[str, datetime]]) -> list[int]:
    perl = shutil.which("perl")
    assert perl is not None, "perl is missing: apt-get install libtime-period-perl"
    asked = "".join(f"{spec}\0{int(moment.timestamp())}\0" for spec, moment in cases)
    answer = subprocess.run(
        [perl, "-e", _PERL], input=asked, env={"TZ": "UTC"}, text=True,
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return [int(line) for line in answer.stdout.split()]


@batches
@given(st.lists(st.tuples(SPECS, MOMENTS), min_size=20, max_size=40))
def test_perl_agrees_about_well_formed_periods(
    cases: list[tuple[str, datetime]],
) -> None:
    ours = [int(contains(parse(spec), moment)) for spec, moment in cases]
    wrong = [
        (case, mine, theirs)
        for case, mine, theirs in zip(cases, ours, _perl(cases), strict=True)
        if mine != theirs
    ]
    assert wrong == []


_JUNK = st.text("wdhrmon {}-,1239 sufa", max_size=20) | SPECS.flatmap(
    lambda spec: st.integers(0, len(spec) - 1).map(
        lambda at: spec[:at] + spec[at + 1 :]
    )
)


def _accepts(spec: str) -> bool:
    try:
        parse(spec)
    except PeriodSyntaxError:
        return False
    return True


@batches
@given(st.lists(_JUNK, min_size=20, max_size=40))
def test_what_perl_calls_malformed_is_refused(specs: list[str]) -> None:
    theirs = _perl([(spec, SUNDAY) for spec in specs])
    accepted = [
        spec
        for spec, answer in zip(specs, theirs, strict=True)
        if answer == -1 and _accepts(spec)
    ]
    assert accepted == []


@settings(deadline=None)
@given(SPECS, MOMENTS)
def test_nothing_changes_before_the_next_boundary(spec: str, after: datetime) -> None:
    period = parse(spec)
    found = next_boundary(period, after)
    inside = contains(period, after)
    end = after + timedelta(days=40) if found is None else found
    assert end > after
    step = (end - after) / 97
    for n in range(97):
        assert contains(period, after + n * step) is inside
    assert contains(period, end - timedelta(seconds=1)) is inside
