"""What operators decide of real servers is remembered as long as it makes sense."""

from dataclasses import replace
from datetime import UTC
from ipaddress import ip_address

import pytest

from monlvs.core.engine import Engine, RefusedError, UnknownTargetError
from monlvs.core.events import Force, Reconfigured, Release, Reset
from monlvs.model.lvs import Fwmark, RealServer
from monlvs.model.pool import Act
from tests.core.playbook import at, config, guard, period

GUARD = guard("a")
PLAN = config(period(), guards=(GUARD,))
TARGET = GUARD.key, RealServer(ip_address("192.0.2.1"), 80)
DRAIN = Force(target=TARGET, decision=Act.DRAIN, who="ann", why="new kernel")


@pytest.fixture
def engine() -> Engine:
    return Engine(PLAN, zone=UTC)


def test_who_decided_what_and_why_is_remembered(engine: Engine) -> None:
    engine.handle(replace(DRAIN, until=at(60).utc), now=at(1))
    forced = engine.forced[TARGET]

    assert (forced.act, forced.who, forced.why) == (Act.DRAIN, "ann", "new kernel")
    assert (forced.at, forced.until) == (at(1).utc, at(60).utc)


def test_the_last_word_counts_until_it_is_released(engine: Engine) -> None:
    engine.handle(DRAIN, now=at(1))
    engine.handle(replace(DRAIN, decision=Act.FORCE_UP), now=at(2))
    assert engine.forced[TARGET].act is Act.FORCE_UP

    engine.handle(Release(target=TARGET, who="joe"), now=at(3))
    assert engine.forced == {}
    with pytest.raises(RefusedError, match="nobody has decided on it"):
        engine.handle(Release(target=TARGET, who="joe"), now=at(4))


def test_a_virtual_service_that_nobody_has_is_refused(engine: Engine) -> None:
    with pytest.raises(UnknownTargetError, match="no virtual service FWM 7"):
        engine.handle(replace(DRAIN, target=(Fwmark(7), TARGET[1])), now=at(1))
    assert engine.forced == {}


def test_a_reload_and_a_reset_keep_it_as_long_as_it_is_configured(
    engine: Engine,
) -> None:
    engine.handle(DRAIN, now=at(1))
    engine.handle(Reconfigured(PLAN), now=at(2))
    engine.handle(Reset(PLAN), now=at(3))
    assert TARGET in engine.forced

    engine.handle(Reconfigured(config(period())), now=at(4))
    assert engine.forced == {}
