"""A role that is told while no daemon listens is found later, once."""

import json
from pathlib import Path

import pytest

from monlvs.model.pair import Role
from monlvs.runtime.rolenote import NOTE, Telling, find, leave

MASTER = Telling(role=Role.MASTER, who="keepalived", at=100.0)
BACKUP = Telling(role=Role.BACKUP, who="keepalived", at=99.5)


def test_a_note_is_found_once(tmp_path: Path) -> None:
    leave(tmp_path, MASTER)
    assert find(tmp_path) == MASTER
    assert find(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_anybody_may_read_it_and_only_who_has_the_directory_takes_it(
    tmp_path: Path,
) -> None:
    leave(tmp_path, MASTER)
    assert (tmp_path / NOTE).stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("order", [(MASTER, BACKUP), (BACKUP, MASTER)])
def test_of_two_the_one_that_was_begun_later_stays(
    tmp_path: Path, order: tuple[Telling, ...]
) -> None:
    for each in order:
        leave(tmp_path, each)
    assert find(tmp_path) == MASTER


def test_a_note_of_the_boot_before_says_nothing(tmp_path: Path) -> None:
    leave(tmp_path, MASTER)
    told = json.loads((tmp_path / NOTE).read_text())
    (tmp_path / NOTE).write_text(json.dumps(told | {"boot": "another"}))
    assert find(tmp_path) is None
    assert not (tmp_path / NOTE).exists()


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '{"role": "king"}', "\xff"])
def test_what_is_no_note_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / NOTE).write_text(text, "latin-1")
    assert find(tmp_path) is None


def test_a_directory_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        leave(tmp_path / "nowhere", MASTER)
