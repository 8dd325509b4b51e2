"""Variables of services by the names that mon gives them."""

from datetime import UTC, timedelta

import pytest

from monlvs.core.effects import Reschedule
from monlvs.core.engine import Engine, RefusedError, UnknownTargetError
from monlvs.core.events import Acknowledge, Reconfigured, SetVariable
from monlvs.model.watch import ServiceKey
from tests.core.playbook import KEY, START, at, config, down, period, play, up

NOBODY = ServiceKey("no", "body")


def put(name: str, value: str) -> SetVariable:
    return SetVariable(service=KEY, name=name, value=value, who="joe")


def test_what_is_configured_is_told_in_seconds_and_words() -> None:
    engine = Engine(
        config(
            period(),
            description="the shop",
            monitor_text="http.monitor -p 80",
            exclude_hosts=frozenset(("b", "a")),
            failure_interval=timedelta(seconds=1.5),
        )
    )
    told = {
        name: engine.get_variable(KEY, name)
        for name in (
            "interval",
            "failure_interval",
            "randskew",
            "traptimeout",
            "trapduration",
            "description",
            "monitor",
            "exclude_hosts",
            "dep_behavior",
            "nonsense",
        )
    }

    assert told == {
        "interval": "10",
        "failure_interval": "1.5",
        "randskew": "",
        "traptimeout": "",
        "trapduration": "",
        "description": "the shop",
        "monitor": "http.monitor -p 80",
        "exclude_hosts": "a b",
        "dep_behavior": "a",
        "nonsense": "",
    }


def test_the_state_is_told_by_mon_s_own_names() -> None:
    engine = Engine(config(period()), zone=UTC)
    names = [
        "_op_status",
        "_last_op_status",
        "_exitval",
        "_consec_failures",
        "_last_summary",
        "_last_detail",
        "_first_failure",
        "_last_failure",
        "_last_success",
        "_last_check",
        "_last_trap",
        "_ack",
        "_ack_comment",
    ]

    def told() -> list[str]:
        return [engine.get_variable(KEY, name) for name in names]

    assert told() == ["7", "7", "", "0", "", "", *["0"] * 6, ""]

    engine.handle(up(), now=at(0))
    engine.handle(down("a\nmore\n", exit=3), now=at(10))
    engine.handle(Acknowledge(service=KEY, who="joe", why="knows"), now=at(20))
    noon = int(START.timestamp())
    failed, ack = str(noon + 10), str(noon + 20)

    assert told() == [
        *("0", "1", "3", "1", "a", "more\n"),
        *(failed, failed, str(noon), failed, "0", ack, "knows"),
    ]


def test_the_interval_of_a_failing_service_is_told_as_it_is_now() -> None:
    engine = play(
        config(period(), failure_interval=timedelta(seconds=1)),
        [(0, down(), ["down"])],
    )

    assert engine.get_variable(KEY, "interval") == "1"


def test_a_new_interval_counts_at_once_and_until_the_next_reload() -> None:
    what = config(period())
    engine = play(what, [(0, put("interval", "7.5"), ["every 8 s"])], show=Reschedule)

    assert engine.interval(KEY) == timedelta(seconds=7.5)
    assert engine.get_variable(KEY, "interval") == "7.5"

    engine.handle(Reconfigured(what), now=at(1))

    assert engine.interval(KEY) == timedelta(seconds=10)


def test_a_variable_that_means_nothing_is_told_as_it_was_set() -> None:
    engine = play(config(), [(0, put("colour", "red"), [])])

    assert engine.get_variable(KEY, "colour") == "red"


@pytest.mark.parametrize("value", ["", "soon", "0", "-1", "nan", "1e300"])
def test_a_bad_duration_is_refused_and_changes_nothing(value: str) -> None:
    engine = Engine(config())

    with pytest.raises(RefusedError, match="interval: expected a number of seconds"):
        engine.handle(put("interval", value), now=at(0))

    assert engine.get_variable(KEY, "interval") == "10"


def test_services_that_are_not_there_have_no_variables() -> None:
    engine = Engine(config())

    with pytest.raises(UnknownTargetError, match="no service no/body"):
        engine.get_variable(NOBODY, "interval")
    with pytest.raises(UnknownTargetError, match="no service no/body"):
        engine.handle(
            SetVariable(service=NOBODY, name="interval", value="1"), now=at(0)
        )
