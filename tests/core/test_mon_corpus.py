"""What real mon did, scenario by scenario, the engine does."""

import json
from pathlib import Path

import pytest

from tests.mon.recording import Recording
from tests.mon.replay import Replay
from tests.mon.stage import CORPUS

SCENARIOS = sorted(path.name for path in CORPUS.iterdir())


@pytest.mark.parametrize("name", SCENARIOS)
async def test_a_scenario_goes_as_it_went_with_mon(name: str, tmp_path: Path) -> None:
    expected = json.loads((CORPUS / name / "expected.json").read_text("utf-8"))
    replay = Replay(name, tmp_path)
    recording = Recording(replay, await replay.play())

    assert recording.alerts() == expected["alerts"]
    assert recording.monitors() == expected.get("monitors")
    assert recording.replies() == expected["replies"]
