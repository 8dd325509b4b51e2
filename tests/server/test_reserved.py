"""Ports that are open before the daemon is there to serve them."""

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from monlvs.server.reserved import EVERYWHERE, Reserved
from tests.commandline import ROOT, argv, running
from tests.server.mondaemon import MON_CF, furnish

TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM
HOST = "127.0.0.1"


def free_port() -> int:
    """Return a port that is free for TCP and UDP."""
    while True:
        with socket.socket() as tcp, socket.socket(type=UDP) as udp:
            tcp.bind((HOST, 0))
            port = int(tcp.getsockname()[1])
            try:
                udp.bind((HOST, port))
            except OSError:
                continue
            return port


def a_file(folder: Path, text: str, name: str = "mon.cf") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def is_free(kind: socket.SocketKind, port: int) -> bool:
    with socket.socket(type=kind) as probe:
        return (
            probe.connect_ex((HOST, port)) == errno.ECONNREFUSED
            if (kind is TCP)
            else _binds(probe, port)
        )


def _binds(probe: socket.socket, port: int) -> bool:
    try:
        probe.bind((HOST, port))
    except OSError:
        return False
    return True


def test_what_a_mon_cf_states_is_open_at_once_and_kept_for_who_asks(
    tmp_path: Path,
) -> None:
    port = free_port()
    text = f"serverbind = {HOST}\r\nserverport={port}\n  trapbind = {HOST}\ntrapport = 1\ntrapport = {port}\n"
    with Reserved() as reserved:
        reserved.reserve(a_file(tmp_path, text), {})
        clients = reserved.take(TCP, HOST, port)
        traps = reserved.take(UDP, HOST, port)
        assert clients is not None
        assert traps is not None
        with clients, traps, socket.create_connection((HOST, port), 5):
            assert reserved.heard_since is not None
            assert reserved.take(TCP, HOST, port) is None


def test_the_command_line_beats_the_file(tmp_path: Path) -> None:
    stated, asked = free_port(), free_port()
    path = a_file(tmp_path, f"serverport = {stated}\ntrapport = {stated}\n")
    with Reserved() as reserved:
        reserved.reserve(path, {"serverport": asked, "trapport": asked})
        assert reserved.take(TCP, EVERYWHERE, stated) is None
        taken = reserved.take(TCP, EVERYWHERE, asked)
        assert taken is not None
        taken.close()


def test_what_nobody_asks_for_is_closed_again(tmp_path: Path) -> None:
    port = free_port()
    text = f"serverport = {port}\ntrapport = {port}\n"
    with Reserved() as reserved:
        reserved.reserve(a_file(tmp_path, text), {})
        assert not is_free(TCP, port)
        assert not is_free(UDP, port)

    assert is_free(TCP, port)
    assert is_free(UDP, port)


@pytest.mark.parametrize(
    ("name", "more"),
    [("mon.toml", ""), ("mon.m4", ""), ("mon.cf", "serverbind = a-name.invalid\n")],
)
def test_what_is_not_sure_is_left_for_later(
    tmp_path: Path, name: str, more: str
) -> None:
    port = free_port()
    text = f"serverport = {port}\ntrapport = {port}\n{more}"
    with Reserved() as reserved:
        reserved.reserve(a_file(tmp_path, text, name), {})

        assert is_free(TCP, port)


def test_a_port_that_is_taken_is_nothing_to_say_yet(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        text = f"serverbind = {HOST}\nserverport = {port}\ntrapport = 99999\n"
        with Reserved() as reserved:
            reserved.reserve(a_file(tmp_path, text), {})

            assert reserved.take(TCP, HOST, port) is None
            assert reserved.heard_since is None


def test_a_pipe_is_not_read_twice(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.cf")
    with Reserved() as reserved:
        stated = {"serverport": free_port(), "trapport": free_port()}
        reserved.reserve(tmp_path / "pipe.cf", stated)  # nobody writes: it would hang


def test_nothing_is_loaded_for_it_that_takes_time() -> None:
    program = "import sys, monlvs.server.reserved; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=True, text=True, capture_output=True, cwd=ROOT,
    )  # fmt: skip
    ours = {name for name in done.stdout.split() if name.startswith("monlvs.")}

    assert ours == {
        "monlvs.server", "monlvs.server.reserved", "monlvs.wire", "monlvs.wire.services",
    }  # fmt: skip
    assert {"asyncio", "dataclasses"}.isdisjoint(done.stdout.split())


def test_a_trap_that_comes_while_the_daemon_starts_is_taken(tmp_path: Path) -> None:
    cf = MON_CF.replace("traptimeout 1h", "description told by traps")
    port = furnish(tmp_path, cf=cf)
    trap = b"pro='0.3807'\ntyp='trap'\ngrp='other'\nsvc='trap'\nsta='1'\nsum='early'\n"
    with (
        running(argv("daemon", "-c", str(tmp_path / "mon.cf"))) as daemon,
        socket.socket(type=UDP) as sender,
    ):
        daemon.until(lambda: not is_free(UDP, port))
        sender.sendto(trap, (HOST, port))
        daemon.until((tmp_path / "told").exists)
        assert daemon.end() == 0
    assert "trap" in (tmp_path / "told").read_text()
