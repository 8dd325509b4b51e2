"""Logs of the guest's programs become values."""

import json
from pathlib import Path

import pytest

from monlvs.lab.records import read_mails, read_requests, read_table, read_table_watch


def write(path: Path, *entries: dict[str, object], end: str = "") -> Path:
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries) + end)
    return path


def test_a_dump_of_the_kernel_becomes_readable() -> None:
    dump = [
        "TCP C0A8016E:0050 wlc persistent 300 FFFFFFFF",
        "-> C0A80103:0050 Route 2",
        "-> C0A80102:1F90 Masq 0",
        "FWM 00000065 rr",
        "-> C0A80102:0000 Route 1",
        "UDP [fd00:0001:0000:0000:0000:0000:0000:0110]:0035 sh",
        "-> [fd00:0002:0000:0000:0000:0000:0000:0002]:0035 Tunnel 1",
    ]
    assert read_table(dump) == (
        "fwm 101 -> 192.168.1.2:0 Route 1",
        "fwm 101 rr",
        "tcp 192.168.1.110:80 -> 192.168.1.2:8080 Masq 0",
        "tcp 192.168.1.110:80 -> 192.168.1.3:80 Route 2",
        "tcp 192.168.1.110:80 wlc persistent 300 FFFFFFFF",
        "udp [fd00:1::110]:53 -> [fd00:2::2]:53 Tunnel 1",
        "udp [fd00:1::110]:53 sh",
    )


def test_requests_come_in_the_order_in_which_they_began(tmp_path: Path) -> None:
    log = write(
        tmp_path / "log",
        {"began": 2.0, "ended": 2.1, "port": 1025, "body": "rs2\n"},
        {"began": 1.0, "ended": 3.0, "port": 1024, "error": "TimeoutError"},
        end='{"began": 4.0, "end',
    )
    slow, good = read_requests(log)
    assert (slow.port, good.port) == (1024, 1025)
    assert (slow.began, slow.ok, slow.server, slow.error) == (
        1.0,
        False,
        None,
        "TimeoutError",
    )
    assert (good.began, good.ok, good.server, good.error) == (2.0, True, "rs2", None)


def test_a_change_of_the_table_lies_between_two_looks(tmp_path: Path) -> None:
    service = "TCP C0A8016E:0050 rr"
    log = write(
        tmp_path / "log",
        {"at": 1.0, "gap": 0.0, "lines": [service]},
        {"at": 1.25, "gap": 0.03},
        {"at": 1.5, "gap": 0.02, "lines": [service, "-> C0A80102:0050 Route 1"]},
        {"at": 1.75, "gap": 0.025},
    )
    watch = read_table_watch(log)
    assert watch.first == ("tcp 192.168.1.110:80 rr",)
    (change,) = watch.changes
    assert (change.after, change.at) == (1.48, 1.5)
    assert change.added == {"tcp 192.168.1.110:80 -> 192.168.1.2:80 Route 1"}
    assert change.removed == frozenset()
    assert (watch.until, watch.longest_gap) == (1.75, 0.03)


def test_a_watcher_that_has_not_looked_yet_is_no_empty_table(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no table was seen yet"):
        read_table_watch(tmp_path / "none")


def test_mails_are_read_and_none_is_none(tmp_path: Path) -> None:
    assert read_mails(tmp_path / "none") == []
    log = write(
        tmp_path / "log",
        {"at": 1.5, "sender": "a", "recipients": ["b", "c"], "text": "Subject: x\n"},
    )
    (mail,) = read_mails(log)
    assert (mail.at, mail.sender, mail.recipients) == (1.5, "a", ("b", "c"))
