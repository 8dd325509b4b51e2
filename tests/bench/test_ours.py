"""What the benchmark makes of a daemon's own files."""

import os
from pathlib import Path

from bench.ours import is_saved


def touch(file: Path, moment: float) -> None:
    file.write_text("")
    os.utime(file, (moment, moment))


def test_a_daemon_that_has_written_nothing_yet_is_not_ready(tmp_path: Path) -> None:
    assert not is_saved(tmp_path)


def test_a_state_older_than_the_last_word_of_the_journal_is_not_all(
    tmp_path: Path,
) -> None:
    touch(tmp_path / "journal-20261130.jsonl", 20.0)
    touch(tmp_path / "state.json", 10.0)
    assert not is_saved(tmp_path)

    touch(tmp_path / "state.json", 30.0)
    assert is_saved(tmp_path)
