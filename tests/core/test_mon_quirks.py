"""Where mon errs, monlvs does what mon(8) says: the scenarios in which mon was caught."""

from pathlib import Path
from typing import Any

import pytest

from tests.mon.recording import Recording
from tests.mon.replay import Replay
from tests.mon.stage import QUIRKS

Told = dict[str, list[tuple[int, str]]]
"""By service: the run after which an alert went out, and which kind it was of."""

ALERTS: dict[str, Told] = {
    # An expression counts as a whole, negations and all.
    "alertdepend-expr": {
        "web.a": [(1, "failure")],
        "web.or": [(1, "failure"), (2, "failure")],
        "web.not": [(1, "failure"), (2, "failure")],
    },
    # No changed output and no recovery ends the hour of a strict alertevery.
    "alertevery-strict-upalert": {"web.http": [(1, "failure"), (3, "up")]},
    # The gateway was down within the last hour: http depends on it, smtp does not.
    "dep-memory": {
        "gw.ping": [(1, "failure"), (2, "up")],
        "web.smtp": [(1, "failure"), (2, "failure")],
    },
    # A monitor that was killed has found out nothing: the outage goes on.
    "monitor-killed": {"web.http": [(1, "failure"), (4, "up")]},
    # A recovery's exit code is 0, whatever the failure's was: exit=2 asks for another.
    "upalert-exit": {"web.http": [(0, "startup"), (1, "failure")]},
    # The first outage was shorter than upalertafter.
    "upalertafter": {
        "web.http": [(2, "failure"), (4, "failure"), (5, "failure"), (6, "up")]
    },
    "upalertafter-longer": {"web.http": [(2, "failure"), (4, "failure"), (7, "up")]},
}


async def recorded(name: str, directory: Path) -> Recording:
    """Play a scenario."""
    replay = Replay(name, directory, corpus=QUIRKS)
    return Recording(replay, await replay.play())


def replies(recording: Recording, command: str) -> list[Any]:
    """Return the last answer to a command, without its last line."""
    (*_, last) = (r["reply"] for r in recording.replies() if r["cmd"] == command)
    *body, end = last
    assert end.startswith("220 ")
    return body


@pytest.mark.parametrize("name", ALERTS)
async def test_people_are_told_what_the_manual_says(name: str, tmp_path: Path) -> None:
    alerts = (await recorded(name, tmp_path)).alerts()

    told = {
        service: [(alert["run"], alert["env"]["MON_ALERTTYPE"]) for alert in sent]
        for service, sent in alerts.items()
    }
    assert told == ALERTS[name]


async def test_a_failed_ack_is_answered_once_and_makes_no_service(
    tmp_path: Path,
) -> None:
    recording = await recorded("ack-errors", tmp_path)

    answers = {r["cmd"]: r["reply"] for r in recording.replies()}
    assert answers["ack web nosuch x"] == ["520 unknown service"]
    assert answers["ack nosuch http x"] == ["520 unknown group"]
    assert answers["ack"] == ["520 unknown group"]
    (only,) = replies(recording, "list opstatus")
    assert (only["group"], only["service"]) == ("web", "http")


async def test_a_history_has_as_many_entries_as_histlength_says(tmp_path: Path) -> None:
    recording = await recorded("histlength-off-by-one", tmp_path)

    latest = [line.split("\\20")[3] for line in replies(recording, "list alerthist")]
    assert latest == ["<run:5>", "<run:6>"]


async def test_only_hosts_that_are_named_in_full_are_left_out(tmp_path: Path) -> None:
    runs = (await recorded("hm-substring", tmp_path)).monitors()

    assert runs is not None
    assert [run["argv"][2:] for run in runs["web.c"]] == [
        ["127.0.0.1", "127.0.0.3"]
    ] * 2


async def test_a_watch_right_after_a_hostgroup_is_a_watch(tmp_path: Path) -> None:
    recording = await recorded("hostgroup-no-blank-line", tmp_path)

    assert replies(recording, "list watch") == ["web p"]
    assert replies(recording, "list group web") == ["hostgroup web 127.0.0.1"]
    assert recording.monitors()


async def test_l_all_reads_one_file_where_the_other_is_missing(tmp_path: Path) -> None:
    recording = await recorded("load-all-without-disabled", tmp_path)

    (loaded, *_) = (
        r["reply"] for r in recording.replies() if r["cmd"] == "list opstatus"
    )
    assert (loaded[0]["opstatus"], loaded[0]["last_summary"]) == ("0", "h1")


async def test_a_test_alert_runs_with_all_its_words(tmp_path: Path) -> None:
    alerts = (await recorded("test-alert-exit", tmp_path)).alerts()["web.http"]

    (test,) = (a for a in alerts if a["env"]["MON_ALERTTYPE"] == "test")
    assert test["argv"][8:] == ["exit=5", "x"]


def test_every_scenario_is_looked_at() -> None:
    text = Path(__file__).read_text("utf-8")
    assert [path.name for path in QUIRKS.iterdir() if path.name not in text] == []
