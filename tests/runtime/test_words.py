"""Every record in words, as an operator reads it in the log."""

import logging
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import get_args

import pytest

from monlvs.core.effects import (
    AlertDecided,
    CheckUnsure,
    GuardMoved,
    HostChanged,
    OperatorActed,
    PeerChanged,
    Record,
    StatusChanged,
    Suppression,
    WasReset,
)
from monlvs.core.events import (
    Acknowledge,
    ClearTimers,
    Disable,
    DisableHost,
    DisableHosts,
    DisableWatch,
    Enable,
    EnableHost,
    EnableWatch,
    Force,
    OperatorAct,
    Release,
    SetVariable,
    StartScheduler,
    StopScheduler,
    TakeRole,
    TestAlert,
    Unacknowledge,
)
from monlvs.director.events import TableUnreadable
from monlvs.model.lvs import Listener, Protocol, RealServer
from monlvs.model.pair import Role
from monlvs.model.plugin import AlertKind
from monlvs.model.pool import Act
from monlvs.model.result import Reason
from monlvs.model.status import Health, OpStatus
from monlvs.runtime.outbox import AlertDelivery, Fate
from monlvs.runtime.words import LONGEST, sentence
from tests.runtime.alerts import KEY, NOON
from tests.runtime.examples import examples

VIP = Listener(Protocol.TCP, ip_address("192.0.2.1"), 80)
RS = RealServer(ip_address("10.1.1.2"), 80)
EVENING = datetime(2026, 1, 5, 18, 30, tzinfo=UTC)


def delivery(fate: Fate, attempt: int, error: str = "") -> AlertDelivery:
    return AlertDelivery(
        service=KEY,
        period="p",
        alert="mail",
        kind=AlertKind.FAILURE,
        destination="mail root via sendmail",
        fate=fate,
        attempt=attempt,
        error=error,
        raised_at=NOON,
    )


def status(before: OpStatus, after: OpStatus, summary: str = "") -> StatusChanged:
    return StatusChanged(service=KEY, before=before, after=after, summary=summary)


def host(before: Health, after: Health, detail: str = "") -> HostChanged:
    return HostChanged(
        service=KEY,
        host="rs1",
        before=before,
        after=after,
        reason=Reason.REFUSED if after is Health.DOWN else Reason.OK,
        detail=detail,
    )


def guard(before: Health, after: Health) -> GuardMoved:
    return GuardMoved(
        service=KEY,
        host="rs1",
        entry="TCP 192.0.2.80:80 → 10.1.1.2:80",
        before=before,
        after=after,
    )


def decision(why: Suppression | None, period: str = "night") -> AlertDecided:
    return AlertDecided(
        service=KEY, period=period, kind=AlertKind.FAILURE, suppressed=why
    )


def unsure(detail: str) -> CheckUnsure:
    return CheckUnsure(
        service=KEY, in_a_row=2, reason=Reason.NO_DESCRIPTORS, detail=detail
    )


SPOKEN = [
    (
        status(OpStatus.UNTESTED, OpStatus.OK),
        logging.INFO,
        "web/http: untested → ok",
    ),
    (
        status(OpStatus.OK, OpStatus.FAIL, "rs1 rs2"),
        logging.CRITICAL,
        "web/http: ok → fail: rs1 rs2",
    ),
    (
        status(OpStatus.OK, OpStatus.WARN, "slow"),
        logging.WARNING,
        "web/http: ok → warn: slow",
    ),
    (
        host(Health.UP, Health.DOWN, "port 80"),
        logging.WARNING,
        "web/http: host rs1: up → down: refused (port 80)",
    ),
    (
        host(Health.UP, Health.DOWN),
        logging.WARNING,
        "web/http: host rs1: up → down: refused",
    ),
    (
        host(Health.DOWN, Health.UP, "status 200"),
        logging.INFO,
        "web/http: host rs1: down → up",
    ),
    (
        guard(Health.UP, Health.DOWN),
        logging.WARNING,
        "web/http: guard of TCP 192.0.2.80:80 → 10.1.1.2:80: up → down",
    ),
    (
        guard(Health.DOWN, Health.UP),
        logging.INFO,
        "web/http: guard of TCP 192.0.2.80:80 → 10.1.1.2:80: down → up",
    ),
    (
        decision(None),
        logging.DEBUG,
        "web/http: failure alert of period 'night' is sent",
    ),
    (
        decision(Suppression.ACKNOWLEDGED),
        logging.INFO,
        "web/http: no failure alert of period 'night': outage is acknowledged",
    ),
    (
        decision(Suppression.ALERTEVERY, ""),
        logging.INFO,
        "web/http: no failure alert: within alertevery",
    ),
    (
        unsure("too many open files"),
        logging.WARNING,
        "web/http: check inconclusive, 2 in a row: no file descriptors left "
        "(too many open files); nothing is moved",
    ),
    (
        unsure(""),
        logging.WARNING,
        "web/http: check inconclusive, 2 in a row: no file descriptors left; "
        "nothing is moved",
    ),
    (
        delivery(Fate.SENT, 1),
        logging.INFO,
        "web/http: failure alert, mail root via sendmail: sent",
    ),
    (
        delivery(Fate.SENT, 3),
        logging.INFO,
        "web/http: failure alert, mail root via sendmail: sent at attempt 3",
    ),
    (
        delivery(Fate.RETRYING, 2, "connection refused"),
        logging.WARNING,
        "web/http: failure alert, mail root via sendmail: "
        "attempt 2 failed, will be tried again: connection refused",
    ),
    (
        delivery(Fate.GIVEN_UP, 7, "connection refused"),
        logging.ERROR,
        "web/http: failure alert, mail root via sendmail: "
        "given up after 7 attempts: connection refused",
    ),
    (
        delivery(Fate.GIVEN_UP, 0, "queue is full"),
        logging.ERROR,
        "web/http: failure alert, mail root via sendmail: given up: queue is full",
    ),
    (
        WasReset(keepstate=False, stopped=False),
        logging.WARNING,
        "everything starts anew; nothing is disabled",
    ),
    (
        WasReset(keepstate=True, stopped=True),
        logging.WARNING,
        "everything starts anew; what is disabled stays so; the scheduler is stopped",
    ),
    (
        PeerChanged(
            peer="dirB (192.0.2.2:2584)", heard=True, role=Role.BACKUP, reason=""
        ),
        logging.WARNING,
        "the other director, dirB (192.0.2.2:2584), is heard: backup",
    ),
    (
        PeerChanged(peer="192.0.2.2:2584", heard=True, role=None, reason=""),
        logging.WARNING,
        "the other director, 192.0.2.2:2584, is heard: of no known role",
    ),
    (
        PeerChanged(peer="192.0.2.2:2584", heard=False, role=None, reason="timed out"),
        logging.WARNING,
        "the other director, 192.0.2.2:2584, is not heard: timed out",
    ),
]

ACTS = [
    (
        Acknowledge(service=KEY, who="joe", why="disk is on its way"),
        "web/http: acknowledged by joe: disk is on its way",
    ),
    (
        Acknowledge(service=KEY, who="joe", why="dinner", until=EVENING),
        "web/http: acknowledged by joe until 2026-01-05 18:30 UTC: dinner",
    ),
    (Unacknowledge(service=KEY), "web/http: acknowledgement ended"),
    (
        Force(target=(VIP, RS), decision=Act.DRAIN, who="ann", why="kernel"),
        "TCP 192.0.2.1:80 → 10.1.1.2:80: drain by ann: kernel",
    ),
    (
        Release(target=(VIP, RS), who="ann"),
        "TCP 192.0.2.1:80 → 10.1.1.2:80: released by ann",
    ),
    (
        Disable(service=KEY, who="joe", why="repair", until=EVENING),
        "web/http: disabled by joe until 2026-01-05 18:30 UTC: repair",
    ),
    (Enable(service=KEY, who="joe"), "web/http: enabled by joe"),
    (
        DisableHost(host="rs1", who="joe", why="repair"),
        "host rs1: disabled by joe: repair",
    ),
    (EnableHost(host="rs1", who="joe"), "host rs1: enabled by joe"),
    (
        DisableHosts(hosts=("rs1", "rs2"), who="joe", why="repair"),
        "hosts rs1 rs2: disabled by joe: repair",
    ),
    (
        DisableWatch(group="web", who="joe", why="repair"),
        "watch web: disabled by joe: repair",
    ),
    (EnableWatch(group="web", who=""), "watch web: enabled by somebody"),
    (
        TestAlert(service=KEY, kind=AlertKind.UP, exit=0, period="day", who="joe"),
        "web/http: up alerts of period 'day' tested by joe",
    ),
    (ClearTimers(service=KEY, who="joe"), "web/http: timers cleared by joe"),
    (
        SetVariable(service=KEY, name="interval", value="5", who="joe"),
        "web/http: interval set to '5' by joe",
    ),
    (
        StopScheduler(who="joe"),
        "scheduler stopped by joe: no checks, no alerts, table as it is",
    ),
    (StartScheduler(who="joe"), "scheduler started by joe"),
    (
        TakeRole(role=Role.MASTER, who="keepalived V"),
        "this director is master now, says keepalived V",
    ),
]


@pytest.mark.parametrize(("record", "level", "words"), SPOKEN)
def test_a_record_says_what_happened_and_how_grave_it_is(
    record: object, level: int, words: str
) -> None:
    assert sentence(record) == (level, words)


@pytest.mark.parametrize(("act", "words"), ACTS)
def test_an_act_says_who_did_what_and_why(act: OperatorAct, words: str) -> None:
    assert sentence(OperatorActed(act=act)) == (logging.WARNING, words)


def test_the_tables_leave_no_kind_of_record_and_no_act_out() -> None:
    records = {type(record) for record, _, _ in SPOKEN} | {OperatorActed}

    assert records == {*get_args(Record), AlertDelivery}
    assert {type(act) for act, _ in ACTS} == set(get_args(OperatorAct))


@pytest.mark.parametrize(
    "kind", [*get_args(Record), AlertDelivery], ids=lambda kind: kind.__name__
)
def test_no_record_is_told_as_python_would_print_it(kind: type[object]) -> None:
    for record in examples(kind):
        _, words = sentence(record)

        assert kind.__name__ not in words
        assert "None" not in words


def test_what_a_monitor_printed_cannot_forge_lines_or_colour_the_terminal() -> None:
    record = status(OpStatus.OK, OpStatus.FAIL, "rs1\r\x1b[31mweb: all well\x00")

    assert (
        sentence(record)[1] == "web/http: ok → fail: rs1\\r\\x1b[31mweb: all well\\x00"
    )


def test_a_long_summary_is_cut() -> None:
    _, words = sentence(status(OpStatus.OK, OpStatus.FAIL, "rs1 " * 5000))

    assert len(words) == LONGEST
    assert words.endswith("…")


def test_what_the_director_did_is_told_in_its_words() -> None:
    assert sentence(TableUnreadable(reason="not permitted")) == (
        logging.ERROR,
        "table: unreadable, unchanged: not permitted",
    )
