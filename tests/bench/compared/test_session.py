"""The harness at work: one short fault, one round, all three, on the real kernel."""

import pytest

from bench.compared.contenders import CONTENDERS, INTERVAL
from bench.compared.faults import Fault, Row
from bench.compared.session import hold, plan
from bench.compared.stage import HTTPD, Stage
from monlvs.lab import Lab

pytestmark = pytest.mark.lab

SHORT = 2 * INTERVAL
"""Seconds in which even a busy machine checks once."""


async def refuse(stage: Stage) -> None:
    await stage.at_phase()
    before = await stage.lab.now()
    await stage.lab.stop_service(stage.victim, HTTPD)
    await stage.watch("refuses", before, stage.others, seconds=SHORT)


async def test_all_three_take_a_server_out_whose_httpd_is_stopped(nat_lab: Lab) -> None:
    row = Row(key="refuses", title="httpd is stopped", about="")
    fault = Fault(play=refuse, rows=(row,))
    for session in plan(CONTENDERS, 1):
        ((key, reading),) = await hold(nat_lab, session, [fault], visit=0.2)

        assert key == "refuses"
        assert reading.repaired == reading.noticed is not None, session.contender.name
        assert 0 < reading.repaired < SHORT
        assert 0 < reading.failed < reading.requests
        assert reading.longest == pytest.approx(SHORT)
