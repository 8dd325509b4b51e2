"""A daemon without files, clock and network: an engine, and who speaks to it."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from monlvs.config import moncf
from monlvs.core.control import Kept
from monlvs.core.engine import Engine
from monlvs.core.events import CheckFinished, Event, Reset
from monlvs.core.histories import Histories
from monlvs.model.config import Config
from monlvs.model.mon import MonSettings
from monlvs.model.result import Reason, Result, Verdict
from monlvs.model.values import Now, Problem
from monlvs.model.watch import ServiceKey
from monlvs.mon.authcf import Authority
from monlvs.server.desk import Desk
from monlvs.server.guard import Guard
from monlvs.server.reply import encoded
from monlvs.server.session import Session

CF = b"""
hostgroup web h1 h2 *h5

hostgroup db h3

view front web

alias www
    web http

watch web
    service http
        description the web's "pages"
        interval 1m
        monitor fping.monitor
        depend db:sql
        period LBL: wd {Sun-Sat}
            alert test.alert
            alertevery 1h
    service ftp
        interval 1m
        monitor tcp.monitor -p 21

watch db
    service sql
        traptimeout 1h
        period
            alert test.alert
"""
START = Now(datetime(2026, 1, 5, 12, 0, tzinfo=UTC), 1000.0)
WEB = ServiceKey("web", "http")


def configured() -> Config:
    """Return what CF says."""
    config, problems = moncf.load_mon(Path("mon.cf"), CF, {})
    assert config is not None, problems
    return config


CONFIG = configured()


class House:
    """What runs, as servers see it (`core.control.Control`); nothing is checked here."""

    def __init__(self, authority: Authority) -> None:
        self.engine = Engine(CONFIG, zone=UTC)
        self.histories = Histories()
        self.acts: list[str] = []
        """What was asked of it, besides being looked at."""
        guard = Guard(lambda: MonSettings(authfile="/dev/null"))
        guard._authority = authority
        self.desk = Desk(self, guard)
        down = Result(verdict=Verdict.DOWN, reason=Reason.EXITED, exit=1, output="h1\n")
        self.engine.handle(CheckFinished(WEB, down), now=START)

    def ask(self, session: Session, line: str) -> list[bytes] | None:
        """Return the reply to a line; None for a login, which takes its time."""
        answer = self.desk.answer(session, line)
        if asyncio.iscoroutine(answer):
            if answer.cr_code.co_name == "_login":
                answer.close()
                return None
            answer = asyncio.run(answer)
        return list(encoded(answer))

    def now(self) -> Now:
        return START

    def submit(self, event: Event) -> None:
        self.engine.handle(event, now=START)
        self.acts.append(type(event).__name__)

    def check_soon(self, key: ServiceKey) -> None:
        assert key in self.engine.watched
        self.acts.append("check_soon")

    def due_in(self, key: ServiceKey) -> float | None:
        return 30.0

    def running_for(self, key: ServiceKey) -> float | None:
        return None

    def pids(self) -> Mapping[ServiceKey, tuple[int, ...]]:
        return {WEB: (4711,)}

    def downtimes(self) -> tuple[str, ...] | None:
        return None

    async def reset(self, *, keepstate: bool, stopped: bool) -> tuple[Problem, ...]:
        self.submit(Reset(CONFIG, keepstate=keepstate, stopped=stopped))
        return ()

    async def examine(self) -> tuple[Problem, ...]:
        return ()

    def save(self, kept: frozenset[Kept]) -> None:
        self.acts.append("save")

    def load(self, kept: frozenset[Kept]) -> None:
        self.acts.append("load")

    def end(self) -> None:
        self.acts.append("end")
