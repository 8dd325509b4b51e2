"""What an external monitor is told of its service."""

from datetime import timedelta

from monlvs.core.engine import Engine
from monlvs.core.events import CheckFinished, Reset
from monlvs.model.depend import Depend, Dependencies
from monlvs.model.result import Reason, Result, Verdict
from monlvs.model.values import Now
from monlvs.runtime.environment import environment
from tests.runtime.alerts import KEY, NOON
from tests.runtime.watching import Puppet, config, service


def told(*results: Result) -> dict[str, str]:
    what = service(Puppet(), description="the shop", variables=(("PORT", "80"),))
    engine = Engine(config(what))
    for number, result in enumerate(results):
        seconds = 60 * number
        now = Now(NOON + timedelta(seconds=seconds), float(seconds))
        engine.handle(CheckFinished(KEY, result), now=now)
    return dict(environment(engine, KEY))


UP = Result(verdict=Verdict.UP, reason=Reason.OK, output="fine\n")
DOWN = Result(verdict=Verdict.DOWN, reason=Reason.EXITED, exit=1, output="rs1\n")
NOON_SECONDS = int(NOON.timestamp())


def test_before_the_first_check_there_is_nothing_to_tell_of_one() -> None:
    variables = told()

    assert variables["PORT"] == "80"
    assert variables["MON_DESCRIPTION"] == "the shop"
    assert "MON_LAST_OUTPUT" not in variables


def test_a_failing_service_is_told_since_when() -> None:
    variables = told(UP, DOWN, DOWN)

    assert variables["MON_LAST_OUTPUT"] == "rs1\n"
    assert variables["MON_FIRST_FAILURE"] == str(NOON_SECONDS + 60)
    assert variables["MON_LAST_FAILURE"] == str(NOON_SECONDS + 120)
    assert variables["MON_LAST_SUCCESS"] == str(NOON_SECONDS)


def test_a_service_that_is_well_is_told_of_its_success() -> None:
    variables = told(DOWN, UP)

    assert variables["MON_LAST_SUCCESS"] == str(NOON_SECONDS + 60)
    assert variables["MON_LAST_OUTPUT"] == "fine\n"


def test_after_a_reset_that_keeps_states_the_summary_alone_is_told() -> None:
    engine = Engine(config(service(Puppet())))
    engine.handle(CheckFinished(KEY, DOWN), now=Now(NOON, 0.0))
    engine.handle(Reset(engine.config, opstatus=True), now=Now(NOON, 1.0))
    variables = dict(environment(engine, KEY))

    assert variables["MON_LAST_SUMMARY"] == "rs1"
    assert variables["MON_FIRST_FAILURE"] == str(NOON_SECONDS)
    assert "MON_LAST_OUTPUT" not in variables


def test_a_service_that_depends_is_told_what_it_came_to() -> None:
    never = Dependencies(depend=Depend(text="no:body", expression=None))
    engine = Engine(config(service(Puppet(), dependencies=never)))

    assert "MON_DEPEND_STATUS" not in dict(environment(engine, KEY))

    engine.handle(CheckFinished(KEY, DOWN), now=Now(NOON, 0.0))

    assert dict(environment(engine, KEY))["MON_DEPEND_STATUS"] == "0"
