"""One line per record, a file per day, whatever the disk does."""

import json
import resource
import signal
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from monlvs.core.effects import OperatorActed, StatusChanged
from monlvs.core.events import Disable
from monlvs.director.changes import Cause, DeleteServer, Why
from monlvs.director.events import TableChanged
from monlvs.model.lvs import Fwmark, RealServer
from monlvs.model.status import Health, OpStatus
from monlvs.model.values import Now
from monlvs.runtime.journal import RECENT, Journal
from monlvs.runtime.unsaved import Unsaved
from tests.runtime.alerts import KEY

NOON = Now(datetime(2026, 1, 5, 12, 0, tzinfo=UTC), 5.0)
RECORD = StatusChanged(
    service=KEY, before=OpStatus.OK, after=OpStatus.FAIL, summary="a “b”"
)
ENTRY = {
    "time": "2026-01-05T12:00:00.000+00:00",
    "event": "StatusChanged",
    "service": "web/http",
    "before": "ok",
    "after": "fail",
    "summary": "a “b”",
}


def later(**by: float) -> Now:
    return Now(NOON.utc + timedelta(**by), 5.0)


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_record_is_one_line_of_json(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.write(RECORD, now=NOON)
    journal.close()

    assert journal.recent == [ENTRY]
    assert lines(tmp_path / "journal" / "journal-2026-01-05.jsonl") == [ENTRY]


def test_an_act_is_told_by_its_name(tmp_path: Path) -> None:
    act = Disable(service=KEY, who="joe", why="repair", until=NOON.utc)

    journal = Journal(None)
    journal.write(OperatorActed(act=act), now=NOON)

    assert journal.recent[0] == {
        "time": "2026-01-05T12:00:00.000+00:00",
        "event": "OperatorActed",
        "act": "Disable",
        "service": "web/http",
        "who": "joe",
        "why": "repair",
        "until": "2026-01-05T12:00:00+00:00",
    }


def test_changes_of_the_table_are_told_as_ipvsadm_would_be_and_why() -> None:
    cause = Cause(why=Why.GUARD, service=KEY, host="10.1.1.2", health=Health.DOWN)
    change = DeleteServer(
        key=Fwmark(7), server=RealServer(ip_address("::1"), 0), cause=cause
    )

    journal = Journal(None)
    journal.write(TableChanged(changes=(change,)), now=NOON)

    assert journal.recent[0]["changes"] == [
        {
            "ipvsadm": "-d -f 7 -r [::1]:0",
            "cause": {
                "why": "guard",
                "text": "",
                "service": "web/http",
                "host": "10.1.1.2",
                "health": "down",
            },
        }
    ]


@pytest.mark.parametrize("count", [1, 256, 257, 512, 1_000])
def test_a_storm_is_one_line_like_any_other(tmp_path: Path, count: int) -> None:
    causes = [Cause(why=Why.GUARD, text=f"“{n}”", service=KEY) for n in range(3)]
    changes = tuple(
        DeleteServer(
            key=Fwmark(7), server=RealServer(ip_address(n), 0), cause=causes[n % 3]
        )
        for n in range(count)
    )
    journal = Journal(tmp_path)
    with journal.together():
        for record in (RECORD, TableChanged(changes=changes), RECORD):
            journal.write(record, now=NOON, words='“changes”: "changes": []')
    journal.close()

    path = tmp_path / "journal-2026-01-05.jsonl"
    assert lines(path) == journal.recent
    assert [len(line.get("changes", "")) for line in lines(path)] == [0, count, 0]
    spelled = "".join(
        json.dumps(entry, ensure_ascii=False) + "\n" for entry in journal.recent
    )
    assert path.read_text("utf-8") == spelled


def test_a_line_is_there_as_soon_as_it_is_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write(RECORD, now=NOON)

    assert lines(tmp_path / "journal-2026-01-05.jsonl") == [ENTRY]
    journal.close()


def test_each_day_of_utc_has_its_file(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for hours in (0, 11.9, 12, 0):  # the clock may be set back
        journal.write(RECORD, now=later(hours=hours))
    journal.close()

    assert len(lines(tmp_path / "journal-2026-01-05.jsonl")) == 3
    assert len(lines(tmp_path / "journal-2026-01-06.jsonl")) == 1


def test_a_journal_goes_on_where_it_was_closed(tmp_path: Path) -> None:
    for _ in range(2):
        journal = Journal(tmp_path)
        journal.write(RECORD, now=NOON)
        journal.close()

    assert lines(tmp_path / "journal-2026-01-05.jsonl") == [ENTRY, ENTRY]


def test_a_line_that_was_cut_spoils_no_other_one(tmp_path: Path) -> None:
    path = tmp_path / "journal-2026-01-05.jsonl"
    path.write_text('{"time": "2026-01-05T11:')
    journal = Journal(tmp_path)
    journal.write(RECORD, now=NOON)
    journal.close()

    cut, whole = path.read_text("utf-8").splitlines()
    assert cut == '{"time": "2026-01-05T11:'
    assert json.loads(whole) == ENTRY


def test_the_latest_entries_are_remembered_even_without_a_directory() -> None:
    journal = Journal(None)
    for seconds in range(RECENT + 5):
        journal.write(RECORD, now=later(seconds=seconds))

    assert len(journal.recent) == RECENT
    assert journal.recent[0]["time"] == "2026-01-05T12:00:05.000+00:00"
    assert journal.prune(timedelta(0), now=NOON) == 0


def test_files_of_days_longer_ago_are_deleted_and_nothing_else(tmp_path: Path) -> None:
    names = [f"journal-2026-01-0{day}.jsonl" for day in range(1, 6)]
    for name in (*names, "journal-2025-12-31.jsonl", "notes.txt", "state.json"):
        (tmp_path / name).touch()

    assert Journal(tmp_path).prune(timedelta(days=2), now=NOON) == 3
    assert {path.name for path in tmp_path.iterdir()} == {
        *names[2:],
        "notes.txt",
        "state.json",
    }


def test_a_disk_in_trouble_is_told_once_and_written_again_when_it_is_well(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    directory = tmp_path / "journal"
    directory.write_text("in the way")
    journal = Journal(directory)
    for _ in range(3):
        journal.write(RECORD, now=NOON)
    unsaved = journal.unsaved(now=later(seconds=5))
    directory.unlink()
    journal.write(RECORD, now=NOON)
    journal.close()

    assert caplog.messages == [
        f"journal: cannot write to {directory}: File exists",
        f"journal: written to {directory} again",
    ]
    assert journal.recent == [ENTRY] * 4
    assert unsaved == Unsaved(
        what="journal", path=directory, why="File exists", since=NOON.utc
    )
    assert journal.unsaved(now=NOON) is None
    gap, entry = lines(directory / "journal-2026-01-05.jsonl")
    assert (gap["event"], gap["count"], gap["why"]) == ("EntriesLost", 3, "File exists")
    assert entry == ENTRY


def test_a_disk_that_is_well_again_is_noticed_when_somebody_asks(
    tmp_path: Path,
) -> None:
    directory = tmp_path / "journal"
    directory.write_text("in the way")
    journal = Journal(directory)
    journal.write(RECORD, now=NOON)
    directory.unlink()

    assert journal.unsaved(now=later(days=1)) is None
    journal.close()
    (gap,) = lines(directory / "journal-2026-01-06.jsonl")
    assert gap["words"] == "entries lost before this one: 1 (File exists)"


def test_a_full_disk_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "journal-2026-01-05.jsonl").symlink_to("/dev/full")
    journal = Journal(tmp_path)
    journal.write(RECORD, now=NOON)
    journal.write(RECORD, now=NOON)
    journal.write(RECORD, now=later(days=1))
    journal.close()

    assert caplog.messages == [
        f"journal: cannot write to {tmp_path}: No space left on device",
        f"journal: written to {tmp_path} again",
    ]
    assert lines(tmp_path / "journal-2026-01-06.jsonl") != []


def test_what_belongs_together_is_there_when_its_block_ends(tmp_path: Path) -> None:
    journal, path = Journal(tmp_path), tmp_path / "journal-2026-01-05.jsonl"
    with journal.together():
        with journal.together():
            journal.write(RECORD, now=NOON)
        journal.write(RECORD, now=NOON)
        assert not path.exists()
        assert len(journal.recent) == 2
    assert lines(path) == [ENTRY, ENTRY]

    with pytest.raises(RuntimeError), journal.together():  # noqa: PT012
        journal.write(RECORD, now=NOON)
        raise RuntimeError
    assert lines(path) == [ENTRY, ENTRY, ENTRY]
    journal.close()


def test_a_midnight_between_two_that_belong_together_divides_them(
    tmp_path: Path,
) -> None:
    journal = Journal(tmp_path)
    with journal.together():
        for hours in (0, 12):
            journal.write(RECORD, now=later(hours=hours))
    journal.close()

    assert len(lines(tmp_path / "journal-2026-01-05.jsonl")) == 1
    assert len(lines(tmp_path / "journal-2026-01-06.jsonl")) == 1


def test_of_entries_that_belong_together_each_is_counted_that_is_lost(
    tmp_path: Path,
) -> None:
    (tmp_path / "journal-2026-01-05.jsonl").symlink_to("/dev/full")
    journal = Journal(tmp_path)
    with journal.together():
        for _ in range(3):
            journal.write(RECORD, now=NOON)
    with journal.together():
        for _ in range(2):
            journal.write(RECORD, now=NOON)
    journal.write(RECORD, now=later(days=1))
    journal.close()

    gap, _ = lines(tmp_path / "journal-2026-01-06.jsonl")
    assert (gap["event"], gap["count"]) == ("EntriesLost", 5)


def test_a_disk_that_fills_up_in_their_midst_keeps_those_that_were_whole(
    tmp_path: Path,
) -> None:
    journal = Journal(tmp_path)
    journal.write(RECORD, now=NOON)
    path = tmp_path / "journal-2026-01-05.jsonl"
    size = path.stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size * 2 + 5, limits[1]))
        with journal.together():
            for _ in range(3):
                journal.write(RECORD, now=NOON)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    journal.write(RECORD, now=NOON)
    journal.close()

    first, second, cut, gap, last = path.read_text("utf-8").splitlines()
    assert [json.loads(line) for line in (first, second, last)] == [ENTRY] * 3
    assert len(cut) == 5
    assert json.loads(gap)["count"] == 2
