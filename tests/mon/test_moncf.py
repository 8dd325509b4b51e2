"""The lexical rules of mon.cf, each as mon 1.3 was seen to follow it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.mon.cfblocks import Tree
from monlvs.mon.moncf import PERIOD_KEYWORDS, SERVICE_KEYWORDS, logical_lines, parse

WATCH = "watch g\n service s\n"


def members(tree: Tree) -> dict[str, list[str]]:
    return {group.tag: [word for _, word in group.words] for group in tree.groups}


def said(tree: Tree) -> list[str]:
    return [str(problem) for problem in tree.problems]


def test_comments_are_whole_lines_and_end_nothing() -> None:
    tree = parse("hostgroup g a # b\n  # not me\n\t c\n\n#x\n")

    assert members(tree) == {"g": ["a", "#", "b", "c"]}
    assert tree.comments == ((2, "# not me"), (5, "#x"))
    assert tree.problems == ()


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("e f\\\ng", "e fg"),
        ("first \\\n  second \\\n\tthird", "first second third"),
        ("a \\  \n b", "a b"),
        ("x \\\n# comment\n   y", "x y"),
        ("foo \\\\\nbar", "foo \\bar"),
        ("open \\", "open"),
    ],
)
def test_a_backslash_at_the_end_joins_the_next_line(text: str, joined: str) -> None:
    assert [line.text for line in logical_lines(text)[0]] == [joined]


def test_a_line_that_goes_on_is_placed_where_it_begins() -> None:
    lines, _ = logical_lines("a\nb \\\n c \\\n\n d")

    assert lines == ((1, "a"), (2, "b c"), (5, "d"))


def test_lines_may_end_as_in_dos_and_tabs_are_blanks() -> None:
    tree = parse("hostgroup\tg\ta\r\n\tb\r\n\r\nview v\tg\r\n")

    assert members(tree) == {"g": ["a", "b"]}
    assert tree.views[0].tag == "v"
    assert tree.problems == ()


def test_a_blank_line_cuts_a_watch_and_what_follows_is_warned_about() -> None:
    tree = parse(WATCH + "  interval 5s\n\n  monitor m\n  x_y\n")

    assert [d.keyword for d in tree.watches[0].services[0].directives] == ["interval"]
    assert said(tree) == [
        "mon.cf:5: warning: passed over, as mon does: a blank line ended watch g "
        "(line 1) before [monitor m]",
        "mon.cf:6: warning: passed over, as mon does: [x_y]; expected hostgroup, view, "
        "alias or watch with a tag, or NAME = VALUE",
    ]


@pytest.mark.parametrize(
    "line", ["foo", "service s", "include x", "Hostgroup q r", "watch", "hostgroup",
             "a b = c", "a-b = c"],
)  # fmt: skip
def test_junk_at_top_level_is_passed_over_with_a_warning(line: str) -> None:
    (problem,) = parse(line).problems

    assert problem.warning
    assert f"[{line}]" in problem.message


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("a=b", "a", "b"),
        (" mondir  =  /a b:c  ", "mondir", "/a b:c"),
        ("pidfile =", "pidfile", ""),
        ("_x1 = = y", "_x1", "= y"),
    ],
)
def test_a_variable_takes_the_rest_of_its_line(
    text: str, name: str, value: str
) -> None:
    (assignment,) = parse(text).assignments

    assert (assignment.name, assignment.value) == (name, value)


@pytest.mark.parametrize("first", ["hostgroup a x", "view a x", "alias a", WATCH])
@pytest.mark.parametrize("then", ["hostgroup b y", "view b y", "alias b", "watch b"])
def test_a_line_that_begins_a_block_ends_the_one_before(first: str, then: str) -> None:
    tree = parse(f"{first}\n{then}\n")

    blocks = {
        "hostgroup": [block.tag for block in tree.groups],
        "view": [block.tag for block in tree.views],
        "alias": [block.name for block in tree.aliases],
        "watch": [block.tag for block in tree.watches],
    }
    assert blocks[then.split()[0]][-1] == "b"
    assert all(problem.warning for problem in tree.problems)


@pytest.mark.parametrize(
    ("first", "then", "warned"),
    [
        ("hostgroup g a", "watch g", True),
        ("hostgroup g a", "view v g", True),
        ("hostgroup g a", "alias x", True),
        ("hostgroup g a", "hostgroup h b", False),
        ("alias x", "watch g", True),
        ("alias x", "alias y", False),
        ("view v g", "watch g", True),
        ("view v g", "view w g", False),
    ],
)
def test_what_mon_would_swallow_is_warned_about(
    first: str, then: str, warned: bool
) -> None:
    tree = parse(f"{first}\n{then}\n")
    assert [problem.place.line for problem in tree.problems] == [2] * warned


def test_a_tag_ends_where_its_letters_end() -> None:
    tree = parse("hostgroup a/b x\n\nwatch g h\n")

    assert members(tree) == {"a": ["/b", "x"]}
    assert [watch.tag for watch in tree.watches] == ["g"]
    assert [problem.place.line for problem in tree.problems] == [1, 3]


def test_an_alias_is_free_text() -> None:
    (alias,) = parse("alias AL1\n  web http  desc\n web\n\n").aliases

    assert (alias.name, alias.line) == ("AL1", 1)
    assert alias.lines == ((2, "web http  desc"), (3, "web"))


def test_a_watch_holds_services_and_these_hold_periods() -> None:
    tree = parse(
        "watch g\n service s\n  interval 5s\n  X_A=  b  c   \n"
        "  period wd {Sun}\n   alert a b\n   X_B=\n service t\n  monitor  m x\n"
    )
    first, second = tree.watches[0].services

    assert [(d.line, d.keyword, d.rest) for d in first.directives] == [
        (3, "interval", "5s")
    ]
    assert [(v.name, v.value) for v in first.variables] == [
        ("X_A", "  b  c"),
        ("X_B", ""),
    ]
    (period,) = first.periods
    assert (period.rest, period.directives[0].rest) == ("wd {Sun}", "a b")
    assert [(d.keyword, d.rest) for d in second.directives] == [("monitor", "m x")]
    assert tree.problems == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (WATCH + " bogus x\n", "unknown syntax [bogus x]"),
        (WATCH + " foo = 1\n", "unknown syntax [foo = 1]"),
        (WATCH + " X_Y =1\n", "unknown syntax [X_Y =1]"),
        (WATCH + " x_y=1\n", "unknown syntax [x_y=1]"),
        (WATCH + " Interval 5s\n", "unknown syntax [Interval 5s]"),
        (
            WATCH + " period\n  interval 5s\n",
            "unknown syntax [interval 5s]: expected before the first period of the "
            "service",
        ),
        (WATCH + " alert a\n", "unknown syntax [alert a]: expected in a period"),
        ("watch g\n interval 5s\n", "need to specify service in watch record"),
        ("watch g\n period\n  alert a\n", "need to specify service in watch record"),
        ("watch g\n X=1\n", "environment variable defined without a service"),
        (WATCH + " service s\n", "service s already defined for watch group g"),
        (WATCH + " service s/x\n", "invalid service tag 's/x'"),
        (WATCH + " service a b\n", "invalid service tag 'a b'"),
        (WATCH + " service\n", "invalid service tag ''"),
        (WATCH + "watch g\n service t\n", "watch 'g' already defined"),
        (
            WATCH + " period\n period\n",
            "period '' already defined for watch group g service s",
        ),
        (
            WATCH + " period A: none\n period A : wd {Sun}\n",
            "period 'A' already defined for watch group g service s",
        ),
    ],
)
def test_what_mon_refuses_is_refused_in_its_words(text: str, message: str) -> None:
    (problem,) = parse(text).problems

    assert problem.message == message
    assert not problem.warning


def test_all_errors_are_collected() -> None:
    tree = parse(WATCH + " foo\n bar\n service t\n baz\n", file="x.cf")

    assert said(tree) == [
        "x.cf:3: unknown syntax [foo]",
        "x.cf:4: unknown syntax [bar]",
        "x.cf:6: unknown syntax [baz]",
    ]


LINES = st.sampled_from(
    [
        "", " ", "# c", "hostgroup g a", "hostgroup", "view v g", "alias x", "watch g",
        "watch", "service s", "service", "period", "period L: wd {Sun}", "a = b", "\\",
        "X=1 \\", "alert exit=1 'a", "= x", "\r", "\x0b", "\x85x", "\x00",
        *sorted(SERVICE_KEYWORDS | PERIOD_KEYWORDS),
    ]
)  # fmt: skip


@given(st.text() | st.lists(LINES | st.text(), max_size=30).map("\n".join))
def test_any_text_is_read(text: str) -> None:
    tree = parse(text)

    last = text.count("\n") + 1
    assert all(1 <= (problem.place.line or 0) <= last for problem in tree.problems)
