"""Scripts as statements: words with their places, variables put in, nothing run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.director.rules.shell import UNCLOSED, statements


def texts(script):
    return [[word.text for word in each.words] for each in statements(script)]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("ipvsadm -C", ["ipvsadm", "-C"]),
        ("a 'b  c' \"d\"e", ["a", "b  c", "de"]),
        ("a b\\\n  c", ["a", "b", "c"]),
        ("a b\\ c # d", ["a", "b c"]),
        ("a b#c", ["a", "b#c"]),
        ('V="1.2.3.4"\na ${V}:80 $V', ["a", "1.2.3.4:80", "1.2.3.4"]),
        ("V=1 W=2\na $V$W '$V' \"$V\" \\$V", ["a", "12", "$V", "1", "$V"]),
        ("O='-s rr'; a $O", ["a", "-s", "rr"]),
        ("O='-s rr'; a \"$O\"", ["a", "-s rr"]),
        ("export V=1\na $V", ["a", "1"]),
        ("sudo a b", ["a", "b"]),
        ("a\r\n", ["a"]),
        ("a ''", ["a", ""]),
    ],
)
def test_words_are_those_a_shell_would_make(script, words):
    assert texts(script) == [words]


def test_a_word_has_its_line_and_column():
    (first, second) = statements("a\n  b \\\n 'c'")
    assert [(w.line, w.column) for w in (*first.words, *second.words)] == [
        (1, 1),
        (2, 3),
        (3, 2),
    ]


@pytest.mark.parametrize(
    ("script", "unknown"),
    [
        ("a $V", ("$V",)),
        ("a $1 ${2}", ("$1", "$2")),
        ("a `date`", ("`date`",)),
        ("a $(cat x)", ("$(cat x)",)),
        ("a ${V:-3}", ("${V:-3}",)),
        ("V=`x`\na $V", ("$V",)),
        ("for V in 1 2; do a $V; done", ("$V",)),
        ("a 'b\nc", (UNCLOSED,)),
    ],
)
def test_what_only_a_run_would_tell_is_unknown(script, unknown):
    assert list(statements(script))[-1].unknown == unknown


def test_branches_loops_and_functions_are_told():
    script = "a\nif x; then\n b\nfi\nc() {\n d\n}\ncase $1 in\n s) e;;\nesac\nf"
    told = {each.words[0].text: each.conditional for each in statements(script)}
    assert told | {} == told
    conditional = {name for name, inside in told.items() if inside}
    assert {"b", "d", "e"} <= conditional
    assert not {"a", "f"} & conditional


def test_a_variable_with_two_values_in_branches_is_unknown():
    script = "V=1\nif x; then V=2; fi\na $V"
    assert list(statements(script))[-1].unknown == ("$V",)


@given(st.text("ab \n\\'\"$`(){};&|#=-1", max_size=60))
def test_every_text_can_be_walked(script):
    for each in statements(script):
        assert each.words
