"""Conditions, parameters, loops and included files of a keepalived.conf."""

import pytest

from monlvs.config.importers.keepalived.source import Source, read_source
from monlvs.config.importers.notes import Notes
from tests.config.importers.converting import site


def read(
    text: str, files: dict[str, str] | None = None, config_id: str = "main"
) -> tuple[Source, Notes]:
    notes = Notes()
    source = read_source(text, "/etc/k/given", site(files, config_id), notes)
    return source, notes


def lines(text: str, files: dict[str, str] | None = None) -> list[str]:
    source, notes = read(text, files)
    assert not notes.failed, notes.problems()
    return [line.text for line in source.lines]


def test_comments_begin_outside_of_quotes() -> None:
    source, _ = read("a # b\n! c\nd \"#e\" 'f!g' h\\#i\n")

    assert [line.text for line in source.lines] == ["a", "d \"#e\" 'f!g' h\\#i"]
    assert source.comments == [(1, " b"), (2, " c")]


def test_lines_for_another_configuration_do_not_count() -> None:
    text = "@main a\n@other b\n@^main c\n@^other d\n\t@main  e f\n"
    assert lines(text) == ["a", "d", "e f"]


def test_parameters_are_replaced_when_they_are_used() -> None:
    text = (
        "$BASE=10.2.${SUB}\n$SUB=0\n${BASE}.100/32\n$SUB=10\n${BASE}.100/32\n"
        "$EMPTY=\nx $EMPTY y\nx$SUB ${NONE} $SUBS\n"
    )
    assert lines(text) == [
        "10.2.0.100/32",
        "10.2.10.100/32",
        "x  y",
        "x10 ${NONE} $SUBS",
    ]


def test_parameters_and_conditions_go_together() -> None:
    text = "@main $P=240\n@other $P=200\npriority $P\n$IF=@other\n$IF no\n"
    assert lines(text) == ["priority 240"]


def test_a_parameter_may_be_several_lines_and_hold_others() -> None:
    text = (
        "$RS= \\\nreal_server 10.0.${V}.${N} 80 { \\\n\n weight ${N} \\\n}\n"
        "$VS= \\\n$N=1 \\\n$RS \\\n$N=2 \\\n$RS\n$V=7\n$VS\n"
    )
    assert lines(text) == [
        *("real_server 10.0.7.1 80 {", "weight 1", "}"),
        *("real_server 10.0.7.2 80 {", "weight 2", "}"),
    ]


def test_what_keepalived_defines_itself_is_known() -> None:
    assert lines("${_PWD}/x ${_INSTANCE} a${_HASH}b${_BANG}") == ["/etc/k/x main a#b!"]
    source, notes = read("x ${_RANDOM 3 9}")
    assert [line.text for line in source.lines] == ["x 3"]
    assert len(notes.problems()) == 1


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("~SEQ(N, 0, 3) a${N}", ["a0", "a1", "a2", "a3"]),
        ("~SEQ(N, 3) a${N}", ["a1", "a2", "a3"]),
        ("~SEQ(N, 6, -3, 0) a$N", ["a6", "a3", "a0"]),
        ("~SEQx(N, 0x90, 0x10, 0xb0) ${N}::", ["90::", "a0::", "b0::"]),
        ("~LST(N, x, y) a$N", ["ax", "ay"]),
        ("~LST({A,B}, {1,2},{3,4}) $A ${B}", ["1 2", "3 4"]),
        ("~SEQ(A,1,2) ~LST(B,x,y) ${A}$B", ["1x", "1y", "2x", "2y"]),
    ],
)
def test_loops_repeat_the_rest_of_the_line(text: str, wanted: list[str]) -> None:
    assert lines(text) == wanted


def test_other_files_are_read_where_they_are_included() -> None:
    files = {"/etc/k/a": "one\ninclude b\nthree", "/etc/k/b": "two # here"}
    source, notes = read("include a\nfour\n", files)

    assert [line.text for line in source.lines] == ["one", "two", "three", "four"]
    places = [(str(line.spot.place), line.spot.at) for line in source.lines]
    assert places == [
        ("/etc/k/a:1", 2),
        ("/etc/k/b:1", 4),
        ("/etc/k/a:3", 5),
        ("/etc/k/given:2", 6),
    ]
    assert notes.problems() == ()


def test_a_file_that_is_not_there_is_told_of() -> None:
    _, notes = read("include nothing.conf\n")
    assert [str(p) for p in notes.problems()] == [
        "/etc/k/given:1: warning: not carried: include nothing.conf: no such file can "
        "be read here"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("$A=$A\n$A", "stands for itself"),
        ("$A=${B}x\n$B=y${A}\n${A}", "stands for itself"),
        ("$A=\\\n$B\\\n$B\n$B=\\\n$A\\\n$A\n$A", "stands for itself"),
        ("~SEQ(N, 1, 0, 2) x", "expected steps to an end"),
        ("~SEQ(N, 1, 99999999) x", "expected steps to an end"),
        ("~SEQ(A,1,60000) ~SEQ(B,1,60000) x", "lines come of this file"),
        ("~FOO(N) x", "expected ~SEQ"),
        ("~LST({A,B}, 1) x", "expected 2 values"),
        ("$A=\\\nx \\\n", "does not end"),
    ],
)
def test_what_does_not_end_or_cannot_be_is_an_error(text: str, said: str) -> None:
    _, notes = read(text)
    assert notes.failed
    assert said in str(notes.problems()[0])


def test_a_file_that_includes_itself_is_an_error() -> None:
    _, notes = read("include a", {"/etc/k/a": "include a"})
    assert "included by itself" in str(notes.problems()[0])
