"""`monlvs director plan` and `apply` while a daemon keeps the table: it is the one writer."""

import json
from pathlib import Path

import pytest

from tests.commandline import Finished, Running, monlvs
from tests.daemons import configuration, daemon, site

MORE = """
[[virtual_service]]
address = "192.0.2.2"
port = 81
servers = ["192.0.2.7", "192.0.2.8"]
"""
MADE = [
    "-A -t 192.0.2.2:81 -s wlc",
    "-a -t 192.0.2.2:81 -r 192.0.2.7:81 -m -w 1",
    "-a -t 192.0.2.2:81 -r 192.0.2.8:81 -m -w 1",
]


def director(act: str, path: Path, *words: str) -> Finished:
    return monlvs("director", act, "-c", str(path), *words)


def rules(ended: Finished) -> list[str]:
    return [each["ipvsadm"] for each in json.loads(ended.out)["changes"]]


def servers(path: Path) -> set[str]:
    """The real servers that the daemon has in its table."""
    ended = monlvs("status", "--json", "--state-dir", f"{path.parent}/state")
    told = json.loads(ended.out)["real_servers"]
    return {each["real_server"] for each in told if each["in_table"]}


def settled(monitor: Running) -> None:
    monitor.until("untested → ok")


def test_a_changed_file_is_planned_agreed_upon_and_applied_by_the_daemon(
    tmp_path: Path,
) -> None:
    agreed, told = tmp_path / "agreed", tmp_path / "told"
    with site() as web:
        path = configuration(tmp_path, web.port)
        with daemon(path) as monitor:
            settled(monitor)
            assert director("plan", path).status == 0, "what runs is what stands"

            configuration(tmp_path, web.port, more=MORE)
            planned = director("plan", path, "--json")
            assert (planned.status, rules(planned)) == (2, MADE)
            assert "192.0.2.7:81" not in servers(path), "a plan changes nothing"
            agreed.write_text(planned.out)
            told.write_text(director("plan", path).out)

            configuration(
                tmp_path, web.port, more=MORE.replace("192.0.2.8", "192.0.2.9")
            )
            for file in (agreed, told):
                stale = director("apply", path, "--plan", str(file))
                assert (stale.status, stale.out) == (1, "")
                assert stale.err.endswith("plan again\n")
            assert "192.0.2.7:81" not in servers(path), "neither does a stale one"

            configuration(tmp_path, web.port, more=MORE)
            applied = director("apply", path, "--plan", str(told), "--json")
            assert (applied.status, rules(applied)) == (0, MADE)
            assert {"192.0.2.7:81", "192.0.2.8:81"} <= servers(path)
            assert director("plan", path).status == 0
            monitor.until("applies")


def test_a_plan_for_a_server_that_is_down_leaves_it_out(tmp_path: Path) -> None:
    with site() as web:
        web.status = 500
        path = configuration(tmp_path, web.port)
        with daemon(path) as monitor:
            monitor.until("untested → fail")
            configuration(tmp_path, web.port, more=MORE)

            assert rules(director("plan", path, "--json")) == MADE


@pytest.mark.parametrize("act", ["plan", "apply"])
def test_what_the_daemon_does_not_run_it_does_not_apply(
    act: str, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with site() as web:
        path = configuration(tmp_path, web.port)
        foreign = configuration(other, web.port, state_dir=f"{tmp_path}/state")
        with daemon(path) as monitor:
            settled(monitor)
            ended = director(act, foreign)

    assert ended.status == 1
    assert f"runs {path}, not {foreign}" in ended.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-A -t 1.1.1.1:80\n", ":1: expected a line that `plan` has printed"),
        ("[1]", ":1: expected a line"),
        (None, "No such file"),
    ],
)
def test_a_file_that_is_no_plan_is_not_applied(
    text: str | None, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "plan"
    if text is not None:
        file.write_text(text)

    ended = director("apply", configuration(tmp_path, 80), "--plan", str(file))

    assert ended.status == 2
    assert message in ended.err
