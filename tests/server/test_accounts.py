"""The ways of proving who one is."""

from pathlib import Path

import pytest

from monlvs.model.mon import MonSettings
from monlvs.server.accounts import Login, is_accepted
from tests.server.test_hashes import HASHES


def login(user: str = "joe", password: str = "secret", at: str = "192.0.2.7") -> Login:
    return Login(user=user, password=password, address=at)


def by(*ways: str, **fields: str) -> MonSettings:
    return MonSettings(authtype=ways, **fields)  # type: ignore[arg-type]


@pytest.fixture
def userfile(tmp_path: Path) -> str:
    path = tmp_path / "monusers.cf"
    path.write_text(f"# users\njoe : {HASHES['SHA-512']}\nann:{HASHES['DES']}\n")
    return str(path)


def test_a_user_of_the_file_proves_it_by_the_password(userfile: str) -> None:
    settings = by("userfile", userfile=userfile)
    assert is_accepted(login(), settings)
    assert is_accepted(login("ann"), settings)
    assert not is_accepted(login(password="wrong"), settings)
    assert not is_accepted(login(password=""), settings)
    assert not is_accepted(login("bob"), settings)
    assert not is_accepted(login(""), settings)


def test_a_user_taken_out_of_the_file_is_out_at_once(userfile: str) -> None:
    settings = by("userfile", userfile=userfile)
    Path(userfile).write_text("")
    assert not is_accepted(login(), settings)


def test_a_file_that_cannot_be_read_lets_nobody_in(tmp_path: Path) -> None:
    settings = by("userfile", userfile=str(tmp_path / "missing"))
    assert not is_accepted(login(), settings)


@pytest.mark.parametrize("at", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_trusted_where_that_is_configured(at: str) -> None:
    assert is_accepted(login(password="", at=at), by("trustlocal"))


@pytest.mark.parametrize("at", ["192.0.2.7", "128.0.0.1", "fe80::1%eth0", "nonsense"])
def test_others_are_not_trusted(at: str) -> None:
    assert not is_accepted(login(at=at), by("trustlocal"))


def test_a_shadowed_password_proves_nothing() -> None:
    assert not is_accepted(login("root", "x"), by("getpwnam"))
    assert not is_accepted(login("no-such-user"), by("getpwnam"))
    assert not is_accepted(login("a\0b"), by("getpwnam"))


def test_pam_refuses_who_is_not_known() -> None:
    assert not is_accepted(login("no-such-user"), by("pam"))


def test_one_way_of_several_is_enough(userfile: str) -> None:
    settings = by("getpwnam", "nonsense", "userfile", userfile=userfile)
    assert is_accepted(login(), settings)


def test_a_way_that_mon_does_not_know_lets_nobody_in() -> None:
    assert not is_accepted(login(at="127.0.0.1"), by("nonsense"))
