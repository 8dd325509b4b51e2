"""Which sync daemons are to run, and what makes them so."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from monlvs.director.syncing import Start, Stop, steps, wanted
from monlvs.model.pair import Role, Sync, SyncRoles
from monlvs.model.sync import SyncDaemon, SyncRole

SYNC = Sync(device="eth0", sync_id=51)
BY_ROLE = replace(SYNC, roles=SyncRoles.BY_ROLE)
MASTER, BACKUP = (
    SyncDaemon(role=role, interface="eth0", sync_id=51) for role in SyncRole
)
CHOSEN = {
    "max_length": 1472,
    "group": ip_address("224.0.0.81"),
    "port": 8848,
    "ttl": 1,
}
"""What the kernel tells of one that was started with nothing stated."""


@pytest.mark.parametrize("role", [None, *Role])
def test_both_run_whatever_the_role(role: Role | None) -> None:
    assert wanted(SYNC, role) == (MASTER, BACKUP)


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.MASTER, MASTER),
        (Role.BACKUP, BACKUP),
        (Role.FAULT, BACKUP),
        (None, BACKUP),
    ],
)
def test_the_role_decides_where_it_is_to(role: Role | None, expected: object) -> None:
    assert wanted(BY_ROLE, role) == (expected,)


def test_what_runs_as_asked_is_left_alone() -> None:
    running = [replace(each, **CHOSEN) for each in (MASTER, BACKUP)]  # type: ignore[arg-type]
    assert steps(running, (MASTER, BACKUP)) == ()


def test_a_change_of_role_stops_before_it_starts() -> None:
    assert steps([BACKUP], (MASTER,)) == (Stop(SyncRole.BACKUP), Start(MASTER))


@pytest.mark.parametrize(
    "other",
    [
        replace(MASTER, interface="eth1"),
        replace(MASTER, sync_id=7),
        replace(MASTER, port=8849),
        replace(MASTER, group=ip_address("239.0.0.81")),
    ],
)
def test_one_that_runs_otherwise_is_started_anew(other: SyncDaemon) -> None:
    asked = replace(MASTER, port=8848, group=ip_address("224.0.0.81"))
    assert steps([other], (asked,)) == (Stop(SyncRole.MASTER), Start(asked))
