"""Occasions that alerts are tried with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monlvs.model.plugin import AlertKind, Occasion
from monlvs.model.status import OpStatus

HOWTO = Occasion(
    kind=AlertKind.UP,
    group="LVS3",
    service="fping",
    hosts=("10.1.1.2",),
    time=datetime(1999, 6, 13, 15, 8, 30, tzinfo=UTC),
    opstatus=OpStatus.OK,
)
"""The occasion of the LVS-HOWTO's section 11.5, as the host answers."""

FAILURE = Occasion(
    kind=AlertKind.FAILURE,
    group="web",
    service="http",
    hosts=("10.1.1.2", "10.1.1.3"),
    failed=("10.1.1.2",),
    time=datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC),
    text="10.1.1.2\n10.1.1.2: connection refused\n",
    exit=1,
    description="The shop",
    next_alert=timedelta(minutes=30),
    first_failure=datetime(2024, 5, 1, 11, 59, 0, tzinfo=UTC),
    last_failure=datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC),
)

UP = replace(
    FAILURE,
    kind=AlertKind.UP,
    opstatus=OpStatus.OK,
    time=FAILURE.time + timedelta(hours=1, seconds=3),
    exit=0,
    failed=(),
    outage=timedelta(hours=1, minutes=1, seconds=3),
)
