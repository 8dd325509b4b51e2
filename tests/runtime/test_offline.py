"""Plans and passes without a daemon."""

import json
from pathlib import Path

import pytest

from monlvs.config import load
from monlvs.core import snapshot
from monlvs.core.engine import Engine
from monlvs.director import forcing
from monlvs.director.memory import MemoryTable
from monlvs.model.config import Config
from monlvs.model.forced import Forced
from monlvs.model.pool import Act
from monlvs.runtime import clock
from monlvs.runtime.offline import Offline
from tests.daemons import configuration


@pytest.fixture
def config(tmp_path: Path) -> Config:
    loaded, problems = load(configuration(tmp_path, 80))
    assert loaded is not None, problems
    return loaded


async def test_a_pass_does_what_the_plan_said_and_the_next_does_nothing(
    config: Config, tmp_path: Path
) -> None:
    table = MemoryTable()
    planned = await Offline(config, table).plan()
    assert not (tmp_path / "state").exists()

    made = await Offline(config, table).apply()

    assert [c.as_ipvsadm() for c in made.outcome.changes] == [
        c.as_ipvsadm() for c in planned
    ]
    assert (made.outcome.refusals, made.unsaved) == ((), None)
    assert (await Offline(config, table).apply()).outcome.changes == ()


async def test_a_daemon_understands_what_a_pass_has_saved(
    config: Config, tmp_path: Path
) -> None:
    await Offline(config, MemoryTable()).apply()
    saved = json.loads((tmp_path / "state" / "state.json").read_text())

    assert snapshot.load(Engine(config), saved, now=clock.now()) == ()
    assert saved["ledger"] != []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 99}', '{"ledger": 7}'])
async def test_a_pass_keeps_aside_what_it_does_not_understand(
    text: str, config: Config, tmp_path: Path
) -> None:
    path = tmp_path / "state" / "state.json"
    path.parent.mkdir()
    path.write_text(text)
    offline = Offline(config, MemoryTable())
    assert offline.troubles

    assert (await offline.apply()).unsaved is None

    assert path.with_name("state.json.unreadable").read_text() == text
    assert json.loads(path.read_text())["ledger"] != []


async def test_a_ledger_that_cannot_be_saved_is_told(
    config: Config, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("in the way")

    made = await Offline(config, MemoryTable()).apply()

    assert made.outcome.changes
    assert made.unsaved is not None
    assert "state" in made.unsaved


async def test_what_operators_decided_holds_without_a_daemon_too(
    config: Config,
) -> None:
    (guard,) = config.guards
    assert guard.entry is not None
    target = guard.key, guard.entry.server
    decided = Forced(act=Act.MAINTENANCE, who="ann", why="new disk", at=clock.now().utc)
    path = Path(config.settings.state_dir) / "state.json"
    path.parent.mkdir()
    engine = Engine(config)
    saved = {**snapshot.dump(engine), "forced": forcing.to_plain({target: decided})}
    path.write_text(json.dumps(saved))

    changes = await Offline(config, MemoryTable()).plan()

    assert [type(change).__name__ for change in changes] == ["AddService"]
