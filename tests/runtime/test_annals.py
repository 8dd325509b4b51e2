"""What is kept of the past, in the files that mon has for it."""

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monlvs.core.effects import AlertNoted, DowntimeEnded, FailureNoted
from monlvs.model.mon import MonSettings
from monlvs.model.plugin import AlertKind
from monlvs.model.values import Now
from monlvs.model.watch import ServiceKey
from monlvs.runtime.annals import Annals
from monlvs.runtime.syslog import Severity, Syslog

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
KEY = ServiceKey("web", "http")
ALERT = AlertNoted(
    kind=AlertKind.TRAP,
    service=KEY,
    time=NOON,
    program="/d/mail.alert",
    arguments='"a b" c',
    summary="h1 down",
)
ENDED = DowntimeEnded(
    service=KEY,
    time=NOON,
    first_failure=NOON - timedelta(seconds=90),
    downtime=timedelta(seconds=90),
    interval=timedelta(seconds=30),
    summary="h1 down",
)


def clock() -> Now:
    return Now(NOON, 1000.0)


def annals(settings: MonSettings | None, log: str = "/nonexistent") -> Annals:
    made = Annals(settings, clock, socket=log)
    made.begin()
    return made


def test_an_alert_goes_into_the_historic_file_and_comes_back(tmp_path: Path) -> None:
    settings = MonSettings(historicfile=str(tmp_path / "history"))
    annals(settings).note(ALERT)
    line = '/d/mail.alert ("a b" c) h1 down\n'
    text = (tmp_path / "history").read_text()
    assert text == f"trapalert web http {int(NOON.timestamp())} {line}"
    assert list(annals(settings).histories.alerts) == [ALERT]


def test_what_is_too_old_does_not_come_back(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_text("junk\nalert web http 1700000000 /d/x () old\n")
    settings = MonSettings(historicfile=str(path), historictime=timedelta(days=1))
    assert not annals(settings).histories.alerts


def test_the_histories_keep_the_latest(tmp_path: Path) -> None:
    kept = annals(MonSettings(histlength=2))
    for number in range(4):
        kept.note(FailureNoted(service=KEY, time=NOON, summary=str(number)))
    assert [f.summary for f in kept.histories.failures] == ["2", "3"]
    kept.histories.resize(1)
    assert [f.summary for f in kept.histories.failures] == ["3"]


def test_the_downtime_log_begins_with_a_header(tmp_path: Path) -> None:
    path = tmp_path / "downtime.log"
    kept = annals(MonSettings(dtlogging=True, dtlogfile=str(path)))
    kept.note(ENDED)
    noon = int(NOON.timestamp())
    assert kept.downtimes() == (f"{noon} web http {noon - 90} 90 30 h1 down",)
    assert path.read_text().startswith(f"#\n# downtime log start {noon}\n")


def test_without_dtlogging_there_is_no_downtime_log(tmp_path: Path) -> None:
    path = tmp_path / "downtime.log"
    kept = annals(MonSettings(dtlogfile=str(path)))
    kept.note(ENDED)
    assert kept.downtimes() is None
    assert not path.exists()


def test_a_file_that_cannot_be_written_is_complained_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    kept = annals(MonSettings(historicfile="/nonexistent/history"))
    for _ in range(3):
        kept.note(ALERT)
    assert len(kept.histories.alerts) == 3
    assert len(caplog.records) == 1


def test_syslog_is_told_as_mon_tells_it(tmp_path: Path) -> None:
    path = str(tmp_path / "log")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(path)
        kept = annals(MonSettings(syslog_facility="local3"), path)
        kept.note(FailureNoted(service=KEY, time=NOON, summary="h1\ndown"))
        kept.note(ALERT)
        lines = [log.recv(4096).decode() for _ in range(2)]
    assert lines[0].startswith(f"<{19 * 8 + Severity.CRIT}>")
    noon = int(NOON.timestamp())
    assert lines[0].endswith(f": failure for web http {noon} h1?down")
    assert "mon[" in lines[0]
    assert lines[1].startswith(f"<{19 * 8 + Severity.ALERT}>")
    assert "calling trapalert mail.alert for web/http" in lines[1]


def test_without_mons_settings_nothing_is_written_anywhere(tmp_path: Path) -> None:
    kept = annals(None)
    kept.note(ALERT)
    kept.note(ENDED)
    assert list(kept.histories.alerts) == [ALERT]


def test_a_log_that_is_not_there_or_does_not_read_stops_nobody(tmp_path: Path) -> None:
    path = str(tmp_path / "log")
    Syslog("daemon", path=path).write(Severity.INFO, "x", now=clock())
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(path)
        for _ in range(5000):
            Syslog("nonsense", path=path).write(Severity.INFO, "x" * 5000, now=clock())
        assert log.recv(4096).startswith(b"<30>")
