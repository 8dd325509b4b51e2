"""Argument lists of stock monitors and alerts (mon-contrib's and LVS scripts', too)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.mon.arguments import Arguments, Takes, split_options

TCP = {"p": Takes.VALUE, "t": Takes.VALUE}
HTTP = {"p": Takes.VALUE, "u": Takes.VALUE, "o": Takes.FLAG, "m": Takes.VALUE}
MAIL = {"S": Takes.VALUE, "f": Takes.VALUE}
LVS = dict.fromkeys("PVRWFSM", Takes.VALUE) | {
    "B": Takes.PERHAPS,
    "D": Takes.FLAG,
    "X": Takes.FLAG,
}
DNS = {"zone": Takes.VALUE, "master": Takes.VALUE, "tcp": Takes.FLAG, "d": Takes.FLAG}


@pytest.mark.parametrize(
    ("words", "letters", "options", "rest"),
    [
        ([], TCP, [], ()),
        (["-p", "80"], TCP, [("p", "80")], ()),
        (["-p80", "-t", "-5"], TCP, [("p", "80"), ("t", "-5")], ()),
        (["-op", "80", "-u", ""], HTTP, [("o", None), ("p", "80"), ("u", "")], ()),
        (["-S", "on fire", "root", "-f"], MAIL, [("S", "on fire")], ("root", "-f")),
        (["--", "-f"], MAIL, [], ("-f",)),
        (["-"], MAIL, [], ("-",)),
        (
            ["-P", "tcp", "-V", "10.0.0.1:80", "-R", "192.168.0.1", "-W1", "-F", "g"],
            LVS,
            [("P", "tcp"), ("V", "10.0.0.1:80"), ("R", "192.168.0.1"), ("W", "1"),
             ("F", "g")],
            (),
        ),
        (["-B", "10.1.1.9", "-X"], LVS, [("B", "10.1.1.9"), ("X", None)], ()),
        (["-B", "-D"], LVS, [("B", None), ("D", None)], ()),
        (["-B"], LVS, [("B", None)], ()),
        (
            ["-zone", "a.org", "--master=ns", "-tcp", "-d"],
            DNS,
            [("zone", "a.org"), ("master", "ns"), ("tcp", None), ("d", None)],
            (),
        ),
    ],
)  # fmt: skip
def test_words_are_parted_into_options_and_the_rest(
    words: list[str],
    letters: dict[str, Takes],
    options: list[tuple[str, str | None]],
    rest: tuple[str, ...],
) -> None:
    assert split_options(words, letters) == Arguments(tuple(options), rest)


@pytest.mark.parametrize(
    ("words", "letters"),
    [
        (["-x"], TCP),
        (["-p"], TCP),
        (["-ox", "1"], HTTP),
        (["--port", "80"], TCP),
        (["-zonea.org"], DNS),
        (["-tcp=1"], DNS),
        (["---tcp"], DNS),
        (["-\u00e9"], TCP),
    ],
)
def test_a_word_that_is_not_understood_is_not_guessed_at(
    words: list[str], letters: dict[str, Takes]
) -> None:
    assert split_options(words, letters) is None


def test_the_last_of_several_values_counts() -> None:
    arguments = split_options(["-p", "1", "-o", "-p", "2"], HTTP)

    assert arguments is not None
    assert arguments.value("p") == "2"
    assert arguments.value("u") is None
    assert arguments.has("o")
    assert not arguments.has("u")


@given(st.lists(st.text() | st.sampled_from(["-p", "-B", "--", "-D1", "-zone=", "-"])))
def test_any_words_are_parted_or_not_understood(words: list[str]) -> None:
    arguments = split_options(words, LVS | DNS)

    if arguments is not None:
        assert tuple(words)[len(words) - len(arguments.rest) :] == arguments.rest
