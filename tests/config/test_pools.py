"""What a virtual service asks of its pool."""

from datetime import timedelta
from ipaddress import ip_address

import pytest

from monlvs.model.lvs import Forwarding, RealServer
from monlvs.model.pool import (
    PLAIN,
    Count,
    Damping,
    KeepAtLeast,
    PoolPolicy,
    Share,
    WeightFrom,
)
from tests.config.spelled import DEFAULTS, config, lvs, warnings

TWO = '["10.1.1.2", "10.1.1.3"]'
VIRTUAL = f'[[virtual_service]]\naddress = "192.168.1.1"\nport = 80\nservers = {TWO}\n'


def test_nothing_is_asked_unless_said() -> None:
    (declared,) = config(lvs()).virtual_services

    assert declared.policy == PLAIN
    assert declared.fallback is None


def test_everything_can_be_asked() -> None:
    said = {
        "keep_at_least": '"50%"',
        "drain": '"10m"',
        "slow_start": '"1m"',
        "damping": '{ flaps = 3, within = "10m", hold = "5m" }',
        "weight_from": '"check"',
    }
    (declared,) = config(lvs(servers=TWO, **said), odd=True).virtual_services

    assert declared.policy == PoolPolicy(
        keep_at_least=Share(50),
        drain=timedelta(minutes=10),
        slow_start=timedelta(minutes=1),
        damping=Damping(
            flaps=3, within=timedelta(minutes=10), hold=timedelta(minutes=5)
        ),
        weight_from=WeightFrom.CHECK,
    )


def test_both_forms_say_the_same() -> None:
    asked = 'keep_at_least = 1\nslow_start = "30s"\n'
    (short,) = config(
        lvs(servers=TWO, keep_at_least="1", slow_start='"30s"')
    ).virtual_services
    (long,) = config(DEFAULTS + VIRTUAL + asked).virtual_services

    assert (
        short.policy
        == long.policy
        == PoolPolicy(keep_at_least=Count(1), slow_start=timedelta(seconds=30))
    )


@pytest.mark.parametrize(
    ("said", "expected"),
    [("1", Count(1)), ('"50%"', Share(50)), ('"1%"', Share(1))],
)
def test_a_number_or_a_share_is_kept(said: str, expected: KeepAtLeast) -> None:
    (declared,) = config(lvs(servers=TWO, keep_at_least=said)).virtual_services

    assert declared.policy.keep_at_least == expected


def test_a_fallback_is_reached_as_the_others_unless_it_says_otherwise() -> None:
    (one,) = config(lvs(kind='"dr"', fallback='"10.1.1.9"')).virtual_services
    (other,) = config(
        lvs(kind='"dr"', fallback='{ address = "127.0.0.1", forwarding = "local" }')
    ).virtual_services

    assert one.fallback is not None
    assert other.fallback is not None
    assert one.fallback.server == RealServer(ip_address("10.1.1.9"), 80)
    assert one.fallback.forwarding is Forwarding.ROUTE
    assert other.fallback.forwarding is Forwarding.LOCAL


@pytest.mark.parametrize("said", ['"100%"', "2"])
def test_to_keep_all_is_odd(said: str) -> None:
    (told,) = warnings(lvs(servers=TWO, keep_at_least=said))

    assert told.endswith("no server is ever taken out: all of them are kept")


def test_a_fallback_beside_keep_at_least_is_odd() -> None:
    (told,) = warnings(lvs(servers=TWO, keep_at_least="1", fallback='"10.1.1.9"'))

    assert "only while operators have taken out every server" in told


def test_a_scheduler_without_weights_hears_little_of_what_checks_report() -> None:
    told = warnings(lvs(scheduler='"rr"', weight_from='"check"'))

    assert any("only drain and maint count" in each for each in told)


def test_somebody_has_to_report_the_weights_that_are_heeded() -> None:
    (told,) = warnings(lvs(weight_from='"check"'))
    assert "no check of this virtual service reports a weight" in told

    agent = '["http", { name = "agent", port = 9999 }]'
    assert warnings(lvs(weight_from='"check"', check=agent)) == []
    program = '{ name = "external", command = "/bin/true", dynamic = true }'
    assert warnings(lvs(weight_from='"check"', check=program)) == []


def test_a_short_form_gives_the_virtual_service_its_name() -> None:
    (declared,) = config(lvs()).virtual_services

    assert declared.name == "http"
