"""Places of keys and values, in every way TOML has of writing them."""

import tomllib
from pathlib import Path as FilePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.config.positions import Path, Position, dotted, find

TEXT = '''\
# a comment = 1
top = "x" # with "quotes" = 2
"quoted key".'other one' = 3

[table]   # [not.this]
a.b.c = 1979-05-27 07:32:00
s = """
text = 1
[table]
\\""" still """
l = \'\'\'
it's [[one]]\'\'\'

[[list]]
x = [ 1, # one
      "two, ]", [3, {y = 4}],
]
[list.inner]
k = 1
[[list.deep]]
k = { p = 1, q.r = [ true ] }
[[list]]
x = []
[[list.deep]]
k = {}
'''


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("top",), (2, 1), (2, 7)),
        (("quoted key", "other one"), (3, 1), (3, 28)),
        (("table",), (5, 1), (5, 1)),
        (("table", "a"), (6, 1), (6, 1)),
        (("table", "a", "b", "c"), (6, 1), (6, 9)),
        (("table", "s"), (7, 1), (7, 5)),
        (("table", "l"), (11, 1), (11, 5)),
        (("list", 0), (14, 1), (14, 1)),
        (("list", 0, "x", 1), (16, 7), (16, 7)),
        (("list", 0, "x", 2, 1, "y"), (16, 22), (16, 26)),
        (("list", 0, "inner", "k"), (19, 1), (19, 5)),
        (("list", 0, "deep", 0, "k", "q", "r", 0), (21, 22), (21, 22)),
        (("list", 1), (22, 1), (22, 1)),
        (("list", 1, "x"), (23, 1), (23, 5)),
        (("list", 1, "deep", 0, "k"), (25, 1), (25, 5)),
        (("list", 1, "deep", 0, "k", "absent", 3), (25, 1), (25, 5)),
    ],
)
def test_keys_and_values_stand_where_they_are_written(
    path: Path, key: tuple[int, int], value: tuple[int, int]
) -> None:
    positions = find(TEXT)
    assert positions.key(path) == Position(*key)
    assert positions.value(path) == Position(*value)


def test_what_is_nowhere_has_no_place() -> None:
    assert find("a = 1").value(("b",)) is None


def test_paths_are_told_as_toml_spells_them() -> None:
    path: Path = ("watch", "a b", "service", "http-1", "period", 2, 'x"y\n')
    assert dotted(path) == 'watch."a b".service.http-1.period[2]."x\\"y\\n"'


_KEYS = st.text("ab-_ .\"'#=[é", max_size=5)
_SCALARS = st.integers() | st.booleans() | st.text("ab\"'\\#=[]{},\né", max_size=8)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3)
    ),
    max_leaves=8,
)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _written(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return _quoted(value)
        case list():
            return "[" + ",\n ".join(map(_written, value)) + "]"
        case dict():
            pairs = (f"{_quoted(k)} = {_written(v)}" for k, v in value.items())
            return "{ " + ", ".join(pairs) + " }"
    return str(value)


def _leaves(value: object, path: Path = ()) -> list[tuple[Path, object]]:
    match value:
        case dict():
            inner = [leaf for k, v in value.items() for leaf in _leaves(v, (*path, k))]
        case list():
            inner = [
                leaf for n, v in enumerate(value) for leaf in _leaves(v, (*path, n))
            ]
        case _:
            return [(path, value)]
    return inner


@given(st.dictionaries(_KEYS, _VALUES, max_size=4), st.booleans())
def test_whatever_is_written_is_found_again(
    document: dict[str, object], tables: bool
) -> None:
    blocks = []
    for key, value in document.items():
        if tables and isinstance(value, dict):
            pairs = [f"{_quoted(k)} = {_written(v)}" for k, v in value.items()]
            blocks.append("\n".join([f"[{_quoted(key)}]", *pairs]))
        else:
            blocks.insert(0, f"{_quoted(key)} = {_written(value)}")
    text = "\n".join(blocks)
    assert tomllib.loads(text) == document
    positions, lines = find(text), text.split("\n")

    for path, value in _leaves(document):
        line, column = positions.values[path]
        assert lines[line - 1][column - 1 :].startswith(_written(value))


def test_the_shipped_file_has_a_place_for_every_key() -> None:
    text = (FilePath(__file__).parents[2] / "etc" / "mon_lvs.toml").read_text("utf-8")
    positions = find(text)
    for path, _ in _leaves(tomllib.loads(text)):
        assert path in positions.values
