"""The harness at work: one short fault, one round, all three, on the real kernel."""

import dataclasses

import pytest

from bench.compared.contenders import CONTENDERS
from bench.compared.faults import LONG, Fault, Row
from bench.compared.session import hold, plan
from bench.compared.stage import HTTPD, Stage
from monlvs.lab import Lab

pytestmark = pytest.mark.lab


async def refuse(stage: Stage) -> None:
    await stage.at_phase()
    before = await stage.lab.now()
    await stage.lab.stop_service(stage.victim, HTTPD)
    await stage.watch_until_right("refuses", before, stage.others, seconds=LONG)


async def test_all_three_take_a_server_out_whose_httpd_is_stopped(nat_lab: Lab) -> None:
    row = Row(key="refuses", title="httpd is stopped", about="")
    fault = Fault(play=refuse, rows=(row,))
    for session in plan(CONTENDERS, 1):
        soon = dataclasses.replace(session, phase=0.9)
        ((key, reading),) = await hold(nat_lab, soon, [fault], visit=0.1)

        assert key == "refuses"
        assert reading.noticed is not None
        assert reading.repaired == reading.noticed, session.name
        assert 0 < reading.repaired < reading.longest
        assert 0 <= reading.failed < reading.requests
