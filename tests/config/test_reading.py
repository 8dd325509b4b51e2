"""Files that are none, and that no text whatever makes `load` raise."""

import os
import random
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monlvs.config import load
from monlvs.config.reading import parse
from tests.config.spelled import lvs

SHIPPED = Path(__file__).parents[2] / "etc" / "mon_lvs.toml"
GOOD = SHIPPED.read_text("utf-8")
LINES = GOOD.splitlines()
CODE = [n for n, line in enumerate(LINES) if line and not line.startswith("# ")]


def only_problem(path: Path) -> str:
    config, problems = load(path)
    assert config is None
    (problem,) = problems
    assert problem.place.file == str(path)
    return str(problem).removeprefix(str(path))


def test_a_good_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "good.toml"
    path.write_text(lvs())

    config, problems = load(str(path))
    assert config is not None
    assert problems == ()


def test_a_byte_order_mark_and_carriage_returns_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + lvs(kind='"nta"').replace("\n", "\r\n").encode())

    assert only_problem(path).startswith(":7:8: lvs[0].kind: expected one of")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    told = only_problem(tmp_path / "absent.toml")
    assert told == ": cannot be read: No such file or directory"


def test_a_directory(tmp_path: Path) -> None:
    assert only_problem(tmp_path) == ": this is a directory: expected a TOML file"


def test_a_device() -> None:
    assert only_problem(Path("/dev/zero")) == ": this is no file: expected a TOML file"


def test_a_socket(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        assert only_problem(path) == ": cannot be read: No such device or address"


def test_a_name_that_no_file_has() -> None:
    assert only_problem(Path("a\0b")) == ": cannot be read: embedded null byte"


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    assert (
        only_problem(tmp_path / ("x" * 300)) == ": cannot be read: File name too long"
    )


@pytest.mark.parametrize("mode", [0o000, 0o200])
def test_a_file_that_may_not_be_read(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret.toml"
    path.write_text(lvs())
    path.chmod(mode)
    pid = os.fork()
    if pid == 0:  # root reads everything: ask as nobody
        if os.geteuid() == 0:
            tmp_path.chmod(0o755)
            os.setgid(65534)
            os.setuid(65534)
        _, problems = load(path)
        told = [problem.message for problem in problems]
        os._exit(0 if told == ["cannot be read: Permission denied"] else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_bytes_that_are_no_text_are_placed(tmp_path: Path) -> None:
    path = tmp_path / "latin1.toml"
    path.write_bytes(b'[defaults]\ninterval = "15s" # f\xfcr die\n')

    assert only_problem(path) == ":2:21: not UTF-8 text: byte 0xfc"


def test_a_file_that_is_far_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large.toml"
    with path.open("wb") as file:
        file.truncate(17 * 1024 * 1024)

    assert "larger than 16 MiB" in only_problem(path)


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a = " + "{a=" * 5_000])
def test_nesting_without_end_is_a_problem_like_others(text: str) -> None:
    config, problems = parse(text, "deep.toml")
    assert config is None
    assert problems


def test_a_good_configuration_of_a_thousand_servers_is_read() -> None:
    servers = ", ".join(f'"10.1.{n // 250}.{n % 250 + 1}"' for n in range(1000))
    config, problems = parse(lvs(servers=f"[{servers}]"), "large.toml")

    assert problems == ()
    assert config is not None
    assert len(config.guards) == 1000


def holds(text: str) -> None:
    """Whatever the text says: a configuration, or problems in their order and places."""
    config, problems = parse(text, "fuzz.toml")
    errors = [problem for problem in problems if not problem.warning]
    assert (config is None) == bool(errors)
    count = text.count("\n") + 1
    for problem in problems:
        assert problem.message
        assert problem.place.line is None or 1 <= problem.place.line <= count
    hash(config)


fuzz = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
WORDS = st.sampled_from(
    ["3", "-1", "1.5", "true", '""', '"x"', "[]", "{}", "1979-05-27", "[[1]]", "nan",
     '["http"]', '{ name = "http" }', '"10.1.1.2"', '"15s"', "99999999999999999999999"]
)  # fmt: skip


@fuzz
@given(st.sets(st.sampled_from(CODE), max_size=6))
def test_deleted_lines(gone: set[int]) -> None:
    holds("\n".join(line for n, line in enumerate(LINES) if n not in gone))


@fuzz
@given(st.dictionaries(st.sampled_from(CODE), WORDS, min_size=1, max_size=4))
def test_values_of_other_types(swapped: dict[int, str]) -> None:
    lines = list(LINES)
    for n, word in swapped.items():
        key, equals, _ = lines[n].lstrip("# ").partition(" = ")
        lines[n] = f"{key}{equals}{word}" if equals else lines[n]
    holds("\n".join(lines))


@fuzz
@given(st.data())
def test_random_characters_anywhere(data: st.DataObject) -> None:
    text = "\n".join(line for line in LINES if not line.startswith("#"))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(text)))
        new = data.draw(st.text(max_size=3) | st.sampled_from('[]{}"=.,#\n'))
        text = text[:at] + new + text[at + data.draw(st.integers(0, 3)) :]
    holds(text)


@fuzz
@given(st.randoms(use_true_random=False), st.integers(2, 30))
def test_lines_in_another_order(order: random.Random, count: int) -> None:
    lines = [LINES[n] for n in CODE if not LINES[n].startswith("#")]
    for _ in range(count):
        one, other = order.randrange(len(lines)), order.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]
    holds("\n".join(lines))


@fuzz
@given(st.binary(max_size=40), st.integers(0, len(GOOD)))
def test_random_bytes_in_a_file(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.toml"
    data = GOOD.encode()
    path.write_bytes(data[:at] + noise + data[at:])
    config, problems = load(path)
    assert config is not None or problems


KEYS = st.sampled_from(
    [
        "settings",
        "defaults",
        "lvs",
        "hostgroups",
        "hostgroup",
        "watch",
        "service",
        "virtual_service",
        "period",
        "alert",
        "name",
        "check",
        "servers",
        "monitor",
        "web",
        "http",
        "interval",
        "fwmark",
        "address",
        "exits",
    ]
)
VALUES = st.recursive(
    st.sampled_from(
        [0, -1, 80, 2**70, True, "", "x", "15s", "10.1.1.2:80", "http", "log"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)


def written(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case list():
            return "[" + ", ".join(map(written, value)) + "]"
        case dict():
            return (
                "{" + ", ".join(f"{k} = {written(v)}" for k, v in value.items()) + "}"
            )
    return str(value)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_documents_of_any_shape(document: dict[str, object]) -> None:
    holds("\n".join(f"{key} = {written(value)}" for key, value in document.items()))


def test_several_faults_in_one_unknown_table_are_told_of() -> None:
    text = '[[lvs]]\nname = "w"\n[views]\nkind = "dr"\nservers = [1]\nchoc = 3\n'
    config, problems = parse(text, "x.toml")

    assert config is None
    assert {problem.place.line for problem in problems} >= {4, 5, 6}
