"""People are told once that servers are kept in though their checks fail."""

from datetime import UTC

from monlvs.core.effects import SendAlert
from monlvs.core.engine import Engine
from monlvs.core.events import Disable, PoolKept, StopScheduler
from monlvs.model.lvs import Fwmark
from monlvs.model.plugin import AlertKind
from tests.core.playbook import KEY, at, config, guard, line, period

GUARD = guard("a")
BEGINS = PoolKept(key=GUARD.key, holds=True, text="keep_at_least 1: 192.0.2.1:80")
ENDS = PoolKept(key=GUARD.key, holds=False)


def engine(*labels: str) -> Engine:
    """One service that guards, with a period for each label that tells x and y."""
    lines = (line("x"), line("y"))
    periods = [period(label, alerts=lines) for label in labels]
    return Engine(config(*periods, guards=(GUARD, guard("b"))), zone=UTC)


def sent(engine: Engine, event: PoolKept, seconds: float) -> list[SendAlert]:
    effects = engine.handle(event, now=at(seconds))
    return [effect for effect in effects if isinstance(effect, SendAlert)]


def test_each_is_told_once_whatever_number_of_periods_names_it() -> None:
    told = sent(engine("p", "q"), BEGINS, 1)

    assert [each.alert.destination for each in told] == ["x", "y"]
    assert {each.occasion.kind for each in told} == {AlertKind.FAILURE}
    assert (
        told[0].occasion.summary == f"{GUARD.key}: too few real servers would be left"
    )
    assert "keep_at_least 1: 192.0.2.1:80" in told[0].occasion.detail


def test_the_end_is_told_too() -> None:
    told = sent(engine("p"), ENDS, 1)

    assert [each.occasion.kind for each in told] == [AlertKind.UP] * 2
    assert told[0].occasion.summary.endswith("enough real servers work again")


def test_nobody_is_told_of_another_pool_or_while_all_is_silent() -> None:
    other = PoolKept(key=Fwmark(5), holds=True)
    assert sent(engine("p"), other, 1) == []

    stopped, disabled = engine("p"), engine("p")
    stopped.handle(StopScheduler(who="joe"), now=at(0))
    assert sent(stopped, BEGINS, 1) == []
    disabled.handle(Disable(service=KEY, who="joe", why="x"), now=at(0))
    assert sent(disabled, BEGINS, 1) == []
