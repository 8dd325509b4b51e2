"""What checks report of how much a server takes, through the engine."""

from datetime import UTC

from monlvs.core.effects import Advise
from monlvs.core.engine import Engine
from monlvs.core.events import CheckFinished, Disable
from monlvs.model.result import Advice, AdviceKind, Outcome, Reason, Verdict
from tests.core.playbook import KEY, at, config, guard, up


def advised(amount: int, host: str = "a") -> CheckFinished:
    advice = Advice(AdviceKind.PERCENT, amount)
    outcome = Outcome(verdict=Verdict.UP, reason=Reason.OK, advice=advice)
    return up(outcomes=((host, outcome),))


def test_every_advice_of_a_check_is_passed_on() -> None:
    """Also those of steady successes, which change nothing else."""
    whose, others = guard("a"), guard("b")
    engine = Engine(config(guards=(whose, others)), zone=UTC)
    seen = []
    for seconds, amount in enumerate((50, 50, 75)):
        effects = engine.handle(advised(amount), now=at(seconds))
        seen += [each for each in effects if isinstance(each, Advise)]

    assert [(each.guard, each.advice.amount) for each in seen] == [
        (whose, 50),
        (whose, 50),
        (whose, 75),
    ]


def test_nobody_hears_advice_while_the_service_is_disabled() -> None:
    engine = Engine(config(guards=(guard("a"),)), zone=UTC)
    engine.handle(Disable(service=KEY, who="joe", why="x"), now=at(0))

    effects = engine.handle(advised(5), now=at(1))
    assert not any(isinstance(each, Advise) for each in effects)
