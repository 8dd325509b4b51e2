"""Do name servers have their zones, as fresh as the masters have them, and do they
find what they are asked for?"""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, NamedTuple

from monlvs.model.plugin import OPTION_RULES
from monlvs.model.result import Outcome, Reason, Result, Verdict
from monlvs.model.values import Address, Host
from monlvs.mon.fold import fold
from monlvs.wire.finding import Finding, outcome_of, printable
from monlvs.wire.monitor import Target
from monlvs.wire.nameserver import Answer, Question, Terms, ask, check_question
from monlvs.wire.options import fixed_address, pattern, port_number

_FINE = Finding(Reason.OK, "")
_NO_MASTER, _NO_SERIAL = 251, 252
"""What dns.monitor exits with when the masters answer wrongly, or disagree."""
_WORST_FIRST = (Verdict.DOWN, Verdict.INCONCLUSIVE, Verdict.UP)


class _Standard(NamedTuple):
    """The serial number that a zone has to have, or why there is none."""

    serial: int | None
    line: str = ""
    exit: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dns:
    """Ask each name server for the SOA records of its zones, which it has to be an
    authority for, and for records that it has to find.

    With masters, the zones' serial numbers are those of the masters. The first line that
    a failure tells is dns.monitor's: the servers with the zone behind them, or the record
    and the server that does not find it.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = OPTION_RULES

    zone: tuple[str, ...] = ()
    """Zones that each server is an authority for."""

    masters: tuple[str, ...] = ()
    """Addresses of servers whose serial numbers are the right ones, the greatest if they
    differ; not compared unless set."""

    serial_threshold: int = 0
    """By how much a serial number may differ."""

    masters_needed: bool = False
    """Whether all servers count as down, as dns.monitor has it, while no master can be
    asked; else that is inconclusive for those that answer."""

    query: tuple[str, ...] = ()
    """Records that each server has to find, NAME or NAME:TYPE; A unless stated."""

    answer: str | None = None
    """Regular expression that one record of each answer to `query` has to contain, as a
    zone file spells it."""

    port: int = 53
    """Port to ask at."""

    tcp: bool = False
    """Ask over TCP; else over UDP, and over TCP where an answer is too long for that."""

    retries: int = 1
    """Further questions to a server that has not answered; they share the time limit."""

    _masters: tuple[Address, ...] = field(init=False, repr=False, compare=False)
    _queries: tuple[tuple[str, Question], ...] = field(
        init=False, repr=False, compare=False
    )
    _answer: re.Pattern[bytes] | None = field(init=False, repr=False, compare=False)
    _terms: Terms = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        port_number("port", self.port)
        if not self.zone and not self.query:
            raise ValueError("zone, query: expected at least one of them")
        for name, given in (("masters", self.masters), ("answer", self.answer)):
            needed = "query" if name == "answer" else "zone"
            if given and not getattr(self, needed):
                raise ValueError(f"{name}: expected {needed} with it")
        for name, number in (("retries", 0), ("serial_threshold", 0)):
            if getattr(self, name) < number:
                raise ValueError(f"{name}: expected a number from 0 on")
        found = tuple(fixed_address("masters", text) for text in self.masters)
        terms = Terms(port=self.port, tcp=self.tcp, tries=self.retries + 1)
        answer = None if self.answer is None else pattern("answer", self.answer)
        object.__setattr__(self, "_masters", tuple(filter(None, found)))
        object.__setattr__(self, "_queries", tuple(map(_query, self.query)))
        object.__setattr__(self, "_answer", answer)
        object.__setattr__(self, "_terms", terms)
        for zone in self.zone:
            check_question("zone", _soa(zone))

    async def survey(self, targets: Sequence[Target], *, timeout: float) -> Result:  # noqa: ASYNC109  shared out among the questions
        """Check `targets` within `timeout` seconds; half of it is the masters', if any."""
        share = timeout / 2 if self._masters else timeout
        zones = [self._survey_zone(zone, targets, share) for zone in self.zone]
        queries = [self._survey_query(*each, targets, share) for each in self._queries]
        surveys = await asyncio.gather(*zones, *queries)
        return _told(targets, surveys)

    async def _survey_zone(
        self, zone: str, targets: Sequence[Target], share: float
    ) -> "_Survey":
        standard = await self._standard(zone, share)
        if standard.exit and self.masters_needed:
            return _Survey((), standard.line, standard.exit, standard.why)
        asked = (self._ask(_soa(zone), t.address, share) for t in targets)
        findings = tuple(
            self._judge_zone(zone, answer, standard)
            for answer in await asyncio.gather(*asked)
        )
        failed = _failed(targets, findings)
        return _Survey(findings, f"{' '.join(failed)}({zone})", len(failed))

    async def _survey_query(
        self, text: str, question: Question, targets: Sequence[Target], share: float
    ) -> "_Survey":
        asked = (self._ask(question, target.address, share) for target in targets)
        findings = tuple(
            self._judge_query(question, answer)
            for answer in await asyncio.gather(*asked)
        )
        failed = _failed(targets, findings)
        line = " ".join(f"{question.name}@{host}" for host in failed)
        # dns.monitor has two blanks between its records.
        return _Survey(
            findings, f"{line} " if text != self.query[-1] else line, len(failed)
        )

    async def _ask(
        self, question: Question, server: Address, share: float
    ) -> Answer | Finding:
        return await ask(question, server, self._terms, timeout=share)

    async def _standard(self, zone: str, share: float) -> _Standard:
        """Ask the masters which serial number is the right one."""
        if not self._masters:
            return _Standard(None)
        asked = (self._ask(_soa(zone), master, share) for master in self._masters)
        serials: dict[str, int] = {}
        troubles = []
        for master, answer in zip(
            self.masters, await asyncio.gather(*asked), strict=True
        ):
            serial = _serial(zone, answer)
            if isinstance(serial, Finding):
                troubles.append(f"master {master}: {serial.detail or serial.reason}")
            else:
                serials[master] = serial
        if not serials:
            return _Standard(None, f"({zone})", _NO_MASTER, "; ".join(troubles))
        greatest, least = max(serials.values()), min(serials, key=lambda m: serials[m])
        if greatest - serials[least] > self.serial_threshold:
            why = f"master {least}: serial number {serials[least]}, not {greatest}"
            return _Standard(None, f"{least}({zone})", _NO_SERIAL, why)
        return _Standard(greatest)

    def _judge_zone(
        self, zone: str, answer: Answer | Finding, standard: _Standard
    ) -> Finding:
        serial = _serial(zone, answer)
        if isinstance(serial, Finding):
            return serial
        if standard.exit:
            return Finding(Reason.NO_MEASURE, standard.why)
        right = standard.serial
        if right is None or abs(serial - right) <= self.serial_threshold:
            return _FINE
        words = f"{zone}: serial number {serial}, not {right}"
        return Finding(Reason.UNEXPECTED, words)

    def _judge_query(self, question: Question, answer: Answer | Finding) -> Finding:
        if isinstance(answer, Finding):
            return answer
        what = f"{question.name} {question.type}"
        if not answer.records:
            return Finding(Reason.UNEXPECTED, f"{what}: no records, {answer.code}")
        wanted = self._answer
        if wanted is None or any(wanted.search(d.encode()) for _, d in answer.records):
            return _FINE
        said = printable(", ".join(data for _, data in answer.records).encode())
        return Finding(Reason.UNEXPECTED, f"{what}: {said}")


class _Survey(NamedTuple):
    """What was found of one zone or record; no findings: of nobody in particular."""

    findings: tuple[Finding, ...]
    line: str
    failures: int
    why: str = ""


def _query(text: str) -> tuple[str, Question]:
    name, _, kind = text.partition(":")
    question = Question(name=name, type=kind or "A")
    check_question("query", question)
    return text, question


def _soa(zone: str) -> Question:
    return Question(name=zone, type="SOA", recursive=False)


def _serial(zone: str, answer: Answer | Finding) -> int | Finding:
    """Return the serial number that an answer tells, or what is wrong with it."""
    if isinstance(answer, Finding):
        return answer
    if not answer.records:
        return Finding(Reason.UNEXPECTED, f"{zone}: no SOA record, {answer.code}")
    if not answer.authoritative:
        return Finding(Reason.UNEXPECTED, f"{zone}: not an authority for it")
    ((kind, data), *more) = answer.records
    if kind != "SOA" or more:
        return Finding(Reason.UNEXPECTED, f"{zone}: more than an SOA record")
    return int(data.split()[2])


def _failed(targets: Sequence[Target], findings: Iterable[Finding]) -> list[Host]:
    return [
        target.host
        for target, finding in zip(targets, findings, strict=True)
        if outcome_of(finding, 0.0).verdict is Verdict.DOWN
    ]


def _told(targets: Sequence[Target], surveys: Sequence[_Survey]) -> Result:
    """Make one result, told as dns.monitor tells it."""
    each = [survey.findings for survey in surveys if survey.findings]
    outcomes = [
        (target.host, _worst(survey[number] for survey in each))
        for number, target in enumerate(targets)
        if each
    ]
    result = fold(outcomes)
    failing = [survey for survey in surveys if survey.failures]
    if not failing:
        return result
    line = " ".join(survey.line for survey in failing).strip()
    lost = [survey.why for survey in failing if not survey.findings]
    detail = [f"{why}\n" for why in lost] + result.output.splitlines(keepends=True)[1:]
    return replace(
        result,
        verdict=Verdict.DOWN,
        reason=Reason.UNEXPECTED if lost else result.reason,
        exit=max(survey.failures for survey in failing),
        output="".join([f"{line}\n", *detail]),
        outcomes=() if lost else result.outcomes,
    )


def _worst(findings: Iterable[Finding]) -> Outcome:
    """Return the outcome of the first failure, else of what is not sure, else success."""
    found = [outcome_of(finding, 0.0) for finding in findings]
    return min(found, key=lambda outcome: _WORST_FIRST.index(outcome.verdict))
