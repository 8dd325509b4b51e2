"""The daemon as a process: servers that go and come, restarts, signals, systemd."""

import json
import os
import signal
import time
from pathlib import Path

from tests.commandline import argv, monlvs, running
from tests.daemons import alerts, configuration, daemon, notices, site, state
from tests.server.mondaemon import furnish

UP, DOWN = "untested → ok", "ok → fail"


def test_a_server_goes_and_comes_back(tmp_path: Path) -> None:
    with site() as web, daemon(configuration(tmp_path, web.port)) as monitor:
        monitor.until("table: -a -t 192.0.2.1")
        web.status = 503
        monitor.until("table: -d -t 192.0.2.1")
        monitor.until(lambda: len(alerts(tmp_path)) == 2)
        web.status = 200
        monitor.until("table: -a -t 192.0.2.1", count=2)
        monitor.until(lambda: len(alerts(tmp_path)) == 3)

        assert monitor.end() == 0
    assert [" -u " in line for line in alerts(tmp_path)] == [True, False, True]
    assert all(
        " -s http -g web-127.0.0.1 -h 127.0.0.1 -t " in a for a in alerts(tmp_path)
    )
    journal = (
        next((tmp_path / "state").glob("journal-*.jsonl")).read_text().splitlines()
    )
    events = [json.loads(line)["event"] for line in journal]
    assert events.count("StatusChanged") == 3
    assert events.count("AlertDelivery") == 3
    assert "ending; the table stays as it is" in monitor.text


def test_an_outage_goes_on_across_a_restart(tmp_path: Path) -> None:
    with site() as web:
        path = configuration(tmp_path, web.port)
        with daemon(path) as monitor:
            monitor.until(UP)
            web.status = 500
            monitor.until(lambda: len(alerts(tmp_path)) == 2)
            assert monitor.end() == 0
        first = state(tmp_path)["services"][0]
        asked = web.asked
        with daemon(path) as monitor:
            monitor.until(lambda: web.asked > asked + 2)
            assert len(alerts(tmp_path)) == 2  # alertevery goes on, too
            assert "-a -t" not in monitor.text
            web.status = 200
            monitor.until("fail → ok")
            monitor.until(lambda: len(alerts(tmp_path)) == 3)
            web.status = 500
            monitor.until(DOWN)
            assert monitor.end() == 0
        second = state(tmp_path)["services"][0]
        web.status = 200
        with daemon(path) as monitor:
            monitor.until("fail → ok")
            assert monitor.end() == 0
    assert first["opstatus"] == second["opstatus"]
    assert second["group_streak"]["since"] > first["group_streak"]["since"]


def test_no_upalert_comes_again_after_a_kill(tmp_path: Path) -> None:
    with site() as web:
        path = configuration(tmp_path, web.port)
        with daemon(path) as monitor:
            monitor.until(lambda: len(alerts(tmp_path)) == 1)
            monitor.until(lambda: _is_well_and_all_is_told(tmp_path))
            assert monitor.end(signal.SIGKILL) == -9
        asked = web.asked
        with daemon(path) as monitor:
            monitor.until(lambda: web.asked > asked + 3)
            assert monitor.end() == 0
    assert len(alerts(tmp_path)) == 1


def _is_well_and_all_is_told(folder: Path) -> bool:
    """Whether the saved state says that the service is well and no alert waits."""
    if not (folder / "state" / "state.json").exists():
        return False
    saved = state(folder)
    host = saved["services"][0]["hosts"].get("127.0.0.1", {})
    return host.get("health") == "up" and not saved["alerts"]


def test_what_was_acknowledged_stays_so_across_a_restart(tmp_path: Path) -> None:
    with site() as web:
        path = configuration(tmp_path, web.port)
        web.status = 500
        with daemon(path) as monitor:
            monitor.until("untested → fail")
            assert monitor.end() == 0
        saved = state(tmp_path)
        note = {"who": "ops", "why": "known", "at": 1e9, "until": None}
        saved["services"][0]["ack"] = note
        (tmp_path / "state" / "state.json").write_text(json.dumps(saved))
        asked = web.asked
        with daemon(path) as monitor:
            monitor.until(lambda: web.asked > asked + 2)
            assert monitor.end() == 0
    assert state(tmp_path)["services"][0]["ack"] == note


def test_it_ends_within_a_second_and_twice_told_is_the_same(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    with site() as web:
        path = configuration(tmp_path, web.port, pid_file=str(pid_file))
        with daemon(path) as monitor:
            monitor.until(UP)
            assert pid_file.read_text() == f"{monitor.process.pid}\n"
            began = time.monotonic()
            for _ in range(20):
                monitor.send(signal.SIGTERM)
            monitor.send(signal.SIGINT)
            assert monitor.wait() == 0
            assert time.monotonic() - began < 3.0  # one, and a busy machine
    assert not pid_file.exists()


def test_a_term_while_it_starts_ends_it_in_order(tmp_path: Path) -> None:
    for word in ("NOTHING IS BALANCED", "adopted"):
        with site() as web, daemon(configuration(tmp_path, web.port)) as monitor:
            monitor.until(word)
            assert monitor.end() == 0


def test_a_hup_ends_nothing_however_early_it_comes(tmp_path: Path) -> None:
    with site() as web, daemon(configuration(tmp_path, web.port)) as monitor:
        monitor.until(lambda: _blocks_hup(monitor.process.pid))
        monitor.send(signal.SIGHUP)
        monitor.until("mon_lvs.toml loaded")
        monitor.until(UP)
        assert monitor.end() == 0


def _blocks_hup(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    mask = next(line for line in status.splitlines() if line.startswith("SigBlk"))
    return bool(int(mask.split()[1], 16) & 1)


def test_after_a_storm_of_hups_the_last_file_holds(tmp_path: Path) -> None:
    with site() as web:
        path = configuration(tmp_path, web.port)
        with daemon(path) as monitor:
            monitor.until(UP)
            text = path.read_text()
            for number in range(100):
                check = f'{{ name = "http", path = "/{number}" }}'
                path.write_text(text.replace('"http"', check))
                monitor.send(signal.SIGHUP)
            monitor.until(lambda: web.path == "/99")
            web.status = 500
            monitor.until(DOWN)
            assert monitor.end() == 0
    assert len(alerts(tmp_path)) == 2


def test_a_reload_that_cannot_be_changes_nothing(tmp_path: Path) -> None:
    with site() as web:
        path = configuration(tmp_path, web.port)
        good = path.read_text()
        with daemon(path) as monitor:
            monitor.until(UP)
            for number, spoil in enumerate(
                (
                    path.unlink,
                    path.mkdir,
                    lambda: (path.rmdir(), path.write_text("")),
                    lambda: path.write_bytes(os.urandom(1000)),
                    lambda: path.write_text(good.replace("interval", "intervall")),
                ),
                start=1,
            ):
                spoil()
                monitor.send(signal.SIGHUP)
                monitor.until("the old configuration goes on", count=number)
            assert "did you mean 'interval'" in monitor.text
            web.status = 500
            monitor.until(DOWN)
            path.write_text(good.replace("200ms", "250ms"))
            monitor.send(signal.SIGHUP)
            monitor.until("mon_lvs.toml loaded")
            assert monitor.end() == 0


def test_what_a_reload_cannot_change_is_said(tmp_path: Path) -> None:
    with site() as web:
        path = configuration(tmp_path, web.port)
        with daemon(path) as monitor:
            monitor.until(UP)
            text = path.read_text().replace(f"{tmp_path}/state", f"{tmp_path}/other")
            path.write_text(text)
            monitor.send(signal.SIGHUP)
            monitor.until("settings.state_dir: the change takes a restart")
            assert monitor.end() == 0


def test_systemd_is_told_of_all(tmp_path: Path) -> None:
    with site() as web, notices(tmp_path) as (address, socket):
        path = configuration(tmp_path, web.port)
        watched = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "200000"}
        with daemon(path, "--journal", env=watched) as monitor:
            seen: list[str] = []

            def hear(wanted: str) -> None:
                while wanted not in seen[-1:]:
                    seen.append(socket.recv(4096).decode().split("\n")[0])

            hear("READY=1")
            hear("WATCHDOG=1")
            hear("WATCHDOG=1")
            seen.append("")
            hear("WATCHDOG=1")
            monitor.send(signal.SIGHUP)
            hear("RELOADING=1")
            hear("READY=1")
            monitor.send(signal.SIGTERM)
            hear("STOPPING=1")
            assert monitor.wait() == 0
        assert "<6>web-127.0.0.1/http: untested → ok" in monitor.text


def test_a_second_daemon_on_the_same_state_is_refused(tmp_path: Path) -> None:
    with site() as web:
        path = configuration(tmp_path, web.port)
        with daemon(path) as monitor:
            monitor.until(UP)
            second = monlvs("daemon", "-c", str(path))
            applied = monlvs("director", "plan", "--table", "memory", "-c", str(path))

            assert second.status == 1
            assert f"another daemon (pid {monitor.process.pid}) runs on" in second.err
            assert applied.status == 2
            assert monitor.end() == 0


def test_only_what_is_needed_is_imported(tmp_path: Path) -> None:
    path = tmp_path / "mon_lvs.toml"
    path.write_text(f"""
[settings]
state_dir = "{tmp_path}/state"
table = "memory"

[hostgroups]
here = ["127.0.0.1"]

[watch.here.service.ping]
monitor = "fping"
interval = "1s"
""")
    command = argv("daemon", "-c", str(path))
    command[1:1] = ["-X", "importtime"]
    with running(command) as monitor:
        monitor.until("here/ping: untested →")
        assert monitor.end() == 0
    names = {line.rpartition("|")[2].strip() for line in monitor.text.splitlines()}

    assert names.isdisjoint(
        ("aiohttp", "asyncssh", "aiosmtplib", "rich", "click.testing")
    )


def test_a_mon_cf_imports_nothing_that_toml_needs(tmp_path: Path) -> None:
    port = furnish(tmp_path)
    command = argv("daemon", "-c", str(tmp_path / "mon.cf"))
    command[1:1] = ["-X", "importtime"]
    with running(command) as monitor:
        monitor.until(f"clients on TCP port {port}")
        monitor.until("table: adopted")
        assert monitor.end() == 0
    names = {line.rpartition("|")[2].strip() for line in monitor.text.splitlines()}

    assert "monlvs.daemon" in names
    assert names.isdisjoint(
        ("pydantic", "aiohttp", "asyncssh", "aiosmtplib", "rich", "pyroute2", "pamela")
    )
    assert names.isdisjoint(("tomllib", "monlvs.config.toml"))
    assert len(names) < 600
