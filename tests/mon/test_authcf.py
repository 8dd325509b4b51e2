"""Who may do what: auth.cf and users, as mon 1.3 read them."""

from ctypes import CDLL, c_char_p

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.mon.authcf import Authority, Users, parse_authcf, parse_users

FILE = """# comment
command section
list: all
version:\tall
stop: AUTH_ANY
start: joe
reset: joe,!bob
quit: all
servertime: bob , joe
disable: !joe,AUTH_ANY
Set:all,!joe
get: ALL

trap section
127.0.0.1 * *
10.0.0.1 joe hash
* bob other
"""


def same(password: str, known: str) -> bool:
    """Stand for crypt(3): the hash of a password is the password backwards."""
    return password[::-1] == known


def authority(text: str = FILE) -> Authority:
    read, problems = parse_authcf(text)
    assert problems == ()
    return read


@pytest.mark.parametrize(
    ("user", "command", "allowed"),
    [
        (None, "list", True),
        (None, "stop", False),
        (None, "set", True),
        ("joe", "set", False),
        ("joe", "stop", True),
        ("joe", "start", True),
        ("bob", "start", False),
        ("joe", "reset", True),
        ("bob", "reset", False),
        ("bob", "servertime", True),
        ("joe", "disable", False),
        ("bob", "disable", True),
        (None, "disable", False),
        ("joe", "get", False),
        ("joe", "term", False),
        ("!bob", "start", False),
        ("all", "list", True),
    ],
)
def test_a_command_is_for_those_whom_the_file_lists(
    user: str | None, command: str, allowed: bool
) -> None:
    assert authority().may(user, command) is allowed
    assert authority().grants(user, command) is allowed


def test_some_commands_need_no_entry_and_checkauth_does_not_say_so() -> None:
    empty = authority("")

    for command in ("login", "quit", "version", "checkauth", "protid", "getview"):
        assert empty.may(None, command)
        assert not empty.grants("joe", command)
    assert not empty.may("joe", "list")


def test_lines_for_one_command_add_up() -> None:
    both = authority("stop: joe\nstop: bob\n")

    assert both.may("joe", "stop")
    assert both.may("bob", "stop")


@pytest.mark.parametrize(
    "text", ["command section\nstop all\n", "junk\n", "Command Section"]
)
def test_a_line_that_cannot_be_read_is_an_error(text: str) -> None:
    _, (problem,) = parse_authcf(text)

    assert problem.message.startswith("could not parse line (expected COMMAND:")
    assert not problem.warning


def test_trailing_comments_are_none_and_allow_nobody() -> None:
    read, (problem,) = parse_authcf("stop: all # x\n", file="a.cf")

    assert not read.may("joe", "stop")
    assert str(problem) == (
        "a.cf:1: warning: expected a comma between users, and not blanks as in "
        "[all # x]"
    )


@pytest.mark.parametrize(
    ("sender", "user", "password", "taken"),
    [
        (["127.0.0.1"], "", "", True),
        (["10.0.0.1"], "joe", "hsah", True),
        (["10.0.0.1"], "joe", "hash", False),
        (["10.0.0.1"], "joe", "", False),
        (["10.0.0.1"], "", "", False),
        (["10.0.0.1"], "*", "hsah", False),
        (["10.0.0.9"], "bob", "rehto", True),
        (["10.0.0.9", "10.0.0.1"], "joe", "hsah", True),
        (["10.0.0.9"], "joe", "hsah", False),
        ([], "", "", False),
    ],
)
def test_a_trap_is_taken_from_those_whom_the_file_lists(
    sender: list[str], user: str, password: str, taken: bool
) -> None:
    assert authority().accepts_trap(sender, user, password, same) is taken


@pytest.mark.parametrize("line", ["127.0.0.1", "127.0.0.1 joe"])
def test_a_trap_line_without_a_hash_allows_nothing(line: str) -> None:
    read, (problem,) = parse_authcf(f"trap section\n{line}\n")

    assert read.traps == ()
    assert (problem.place.line, problem.warning) == (2, True)


def test_hashes_are_not_shown() -> None:
    assert "other" not in repr(authority())
    assert "secret" not in repr(Users({"joe": "secret"}))


def test_users_have_hashes() -> None:
    users, problems = parse_users(
        "# users\n\njoe:abNANd1rDfiNc\nbob: $1$ab$b2X\n  eve : x:y\n"
    )

    assert dict(users.hashes) == {
        "joe": "abNANd1rDfiNc",
        "bob": "$1$ab$b2X",
        "eve": "x:y",
    }
    assert problems == ()


def test_a_line_that_names_no_user_is_warned_about_and_not_shown() -> None:
    users, problems = parse_users("joe secret\n:x\njoe:\nann:b c\n")

    assert users.hashes == {}
    assert [problem.place.line for problem in problems] == [1, 2, 3, 4]
    assert not any("secret" in problem.message for problem in problems)


@pytest.mark.parametrize(
    ("user", "password", "known"),
    [("joe", "cba", True), ("joe", "abc", False), ("joe", "", False), ("bob", "", False)],
)  # fmt: skip
def test_somebody_is_known_by_user_and_password(
    user: str, password: str, known: bool
) -> None:
    assert Users({"joe": "abc"}).knows(user, password, same) is known


def crypt(password: str, known: str) -> bool:
    """Ask crypt(3)."""
    library = CDLL("libcrypt.so.1")
    library.crypt.restype = c_char_p
    found: bytes | None = library.crypt(password.encode(), known.encode())
    return found == known.encode()


def test_hashes_are_those_of_crypt() -> None:
    users, _ = parse_users(
        "joe:abNANd1rDfiNc\nbob: $1$ab$b2XAKzcGJvTR.javvk3280\nann: secret\n"
    )

    assert users.knows("joe", "secret", crypt)
    assert not users.knows("joe", "wrong", crypt)
    assert not users.knows("bob", "wrong", crypt)
    assert not users.knows("ann", "secret", crypt)  # mon's, too, takes no plain text


@given(st.text() | st.text(alphabet="ab:, !*#\n"))
def test_any_text_is_read(text: str) -> None:
    for section in ("", "command section\n", "trap section\n"):
        read, _ = parse_authcf(section + text)
        assert not read.may(None, "term") or "all" in text
    assert parse_users(text)[0].hashes is not None
