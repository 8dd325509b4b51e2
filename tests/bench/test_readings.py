"""What the suite reads from the kernel and from the programs it measures."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import process
from bench.ours import echoes_in, faults
from bench.peers.fping import replies
from bench.trial import address
from bench.web import counts_of


def test_the_times_of_a_process_are_found_behind_any_name() -> None:
    stat = "7 (a) b ) S 1 7 7 0 -1 4194560 9 0 0 0 150 50 30 20 20 0 1 0 100 1000 10"

    own, children = process.stat_times(stat)

    assert (own, children) == (200 * process.TICK, 50 * process.TICK)


def test_work_of_ours_shows_in_our_processor_time() -> None:
    before = process.cpu_us(os.getpid())

    sum(range(2_000_000))

    assert process.cpu_us(os.getpid()) > before


def test_a_process_that_is_gone_costs_nothing() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()

    assert (process.cpu_us(gone.pid), process.rss_kb(gone.pid)) == (0.0, 0)
    assert process.children(gone.pid) == []


def test_a_program_is_started_on_one_core_and_ended_with_its_block(
    tmp_path: Path,
) -> None:
    core = min(os.sched_getaffinity(0))
    with process.Program(
        ["sleep", "60"], core=core, log=tmp_path / "sleep.log"
    ) as program:
        program.check_alive()
        assert program.family()[0] == program.pid

    assert not Path(f"/proc/{program.pid}").exists()


def test_a_program_that_ended_by_itself_is_told_with_its_last_words(
    tmp_path: Path,
) -> None:
    core = min(os.sched_getaffinity(0))
    command = ["sh", "-c", "echo no configuration; exit 3"]
    with process.Program(command, core=core, log=tmp_path / "sh.log") as program:
        program._child.wait()

        with pytest.raises(process.FailedError, match=r"with 3:\nno configuration"):
            program.check_alive()


def test_commands_that_are_not_installed_are_named() -> None:
    assert process.missing(["sh", "no-such-checker"]) == ["no-such-checker"]


def test_the_counters_of_nginx_are_read() -> None:
    text = (
        "Active connections: 1 \n"
        "server accepts handled requests\n 12 11 10 \n"
        "Reading: 0 Writing: 1 Waiting: 0 \n"
    )

    assert counts_of(text) == (12, 11, 10)


def test_a_page_that_is_not_the_status_of_nginx_is_refused() -> None:
    with pytest.raises(ValueError, match="nginx's status"):
        counts_of("<html>")


def test_the_replies_that_fping_tells_of_are_counted() -> None:
    text = (
        "127.1.0.1 : xmt/rcv/%loss = 1/1/0%, min/avg/max = 0.01/0.01/0.01\n"
        "127.1.0.2 : xmt/rcv/%loss = 1/0/100%\n"
        "127.1.0.3 : xmt/rcv/%loss = 1/1/0%, min/avg/max = 0.01/0.01/0.01\n"
    )

    assert replies(text) == 2


def test_the_echo_replies_of_the_kernel_are_found_by_their_title() -> None:
    text = (
        "Ip: Forwarding\nIp: 1\n"
        "Icmp: InMsgs InErrors OutMsgs OutEchoReps\nIcmp: 9 0 9 4\n"
        "IcmpMsg: InType8\nIcmpMsg: 9\n"
    )

    assert echoes_in(text) == 4


def test_hosts_found_down_and_unsure_checks_are_faults() -> None:
    journal = [
        '{"event": "HostChanged", "before": "unknown", "after": "up"}',
        '{"event": "HostChanged", "before": "up", "after": "down"}',
        '{"event": "CheckUnsure", "in_a_row": 1}',
        '{"event": "StatusChanged", "after": "fail"}',
    ]

    assert faults(journal) == 2


def test_targets_are_many_loopback_addresses() -> None:
    assert address(0) == "127.1.0.1"
    assert address(249) == "127.1.0.250"
    assert address(250) == "127.1.1.1"
