"""Sessions: one contender, one guest, all faults; as many guests at once as cores."""

import asyncio
import compileall
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import monlvs
from bench.compared.contenders import Contender
from bench.compared.faults import Fault
from bench.compared.readings import Reading
from bench.compared.results import Result, write
from bench.compared.stage import VISIT, Stage
from monlvs.lab import GuestOptions, Kind, Lab, LabError

Say = Callable[[str], None]

GUEST_LIMIT = 7200.0
"""Seconds after which a guest is killed, whatever it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One contender through all faults, in one of the rounds."""

    contender: Contender
    round: int
    phase: float
    """Where in the time between two checks the faults strike, from 0 to 1."""

    @property
    def name(self) -> str:
        """Who, and in which round."""
        return f"{self.contender.name} {self.round + 1}"


def plan(contenders: Sequence[Contender], rounds: int) -> list[Session]:
    """Return all sessions: contenders take turns, another one first in each round.

    The phases of the rounds are spread evenly, and the same for everybody.
    """
    return [
        Session(contender=contender, round=number, phase=(number + 0.5) / rounds)
        for number in range(rounds)
        for contender in _rotated(contenders, number)
    ]


def _rotated(contenders: Sequence[Contender], number: int) -> list[Contender]:
    first = number % len(contenders)
    return [*contenders[first:], *contenders[:first]]


async def run(
    sessions: Sequence[Session],
    faults: Sequence[Fault],
    *,
    guests: int,
    file: Path,
    say: Say,
) -> bool:
    """Hold all sessions and keep their results in a file; return whether all were held.

    A session that goes wrong is held again, once. Raises LabError where there is no lab.
    """
    waiting, again = list(reversed(sessions)), list(sessions)
    good = True
    # As an installation leaves it; the guest sees these files and writes none.
    compileall.compile_dir(Path(monlvs.__file__).parent, quiet=1)

    async def work() -> None:
        nonlocal good
        options = GuestOptions(time_limit=GUEST_LIMIT)
        async with Lab.open(Kind.NAT, options=options) as lab:
            while waiting:
                session = waiting.pop()
                try:
                    readings = await hold(lab, session, faults)
                except LabError as error:
                    say(f"FAILED  {session.name}: {error}")
                    if session in again:
                        again.remove(session)
                        waiting.append(session)
                    else:
                        good = False
                    continue
                for row, reading in readings:
                    result = Result(
                        row=row,
                        contender=session.contender.name,
                        round=session.round,
                        reading=reading,
                    )
                    write(file, result)
                    say(_line(result))

    async with asyncio.TaskGroup() as group:
        for _ in range(min(guests, len(sessions))):
            group.create_task(work())
    return good


async def hold(
    lab: Lab, session: Session, faults: Sequence[Fault], *, visit: float = VISIT
) -> list[tuple[str, Reading]]:
    """Hold one session in a lab, which is tidied first. Raises LabError.

    `visit` is the time between requests, in seconds.
    """
    await asyncio.to_thread(lab.tidy)
    folder = Path(tempfile.mkdtemp(prefix="compared-", dir=lab.folder))
    folder.chmod(0o777)
    stage = Stage(
        lab=lab,
        contender=session.contender,
        folder=folder,
        phase=session.phase,
        visit=visit,
    )
    await stage.prepare()
    try:
        for fault in faults:
            await stage.settle()
            await fault.play(stage)
        await stage.settle_requests()
        return stage.readings()
    finally:
        await asyncio.to_thread(lab.end_programs)


def cores() -> int:
    """Return how many guests can have a core each."""
    return len(os.sched_getaffinity(0))


def _line(result: Result) -> str:
    reading = result.reading

    def seconds(value: float | None, nothing: str) -> str:
        return f"{nothing:>7}" if value is None else f"{value:5.2f} s"

    return (
        f"{result.round + 1:2} {result.row:16} {result.contender:11}"
        f" noticed {seconds(reading.noticed, '-')}"
        f" repaired {seconds(reading.repaired, 'never')}"
        f" failed {reading.failed} of {reading.requests}"
    )
