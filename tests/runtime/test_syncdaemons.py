"""The kernel's sync daemons are kept as they are asked for, on a real kernel."""

from dataclasses import replace
from typing import Any

import pytest

from monlvs.lab import DIRECTOR, Lab
from monlvs.model.pair import Role, Sync, SyncRoles
from tests.director.test_kernel import do

pytestmark = pytest.mark.lab

SYNC = Sync(device="eth1", sync_id=51)
BY_ROLE = replace(SYNC, roles=SyncRoles.BY_ROLE)
DOWN = "the device eth1 is down"


def roles(told: Any) -> list[list[str]]:
    return [[each.role.name for each in running] for running, _ in told]


async def test_they_run_as_asked_or_it_is_said_why_not(nat_lab: Lab) -> None:
    try:
        await nat_lab.run(DIRECTOR, "ip link set eth1 down", check=True)
        (refused,) = await do(nat_lab, ("kept", SYNC, None))
        assert (roles(refused), refused[0][1]) == ([["BACKUP"]], (DOWN,))
        await nat_lab.run(DIRECTOR, "ip link set eth1 up", check=True)
        both, switched = await do(
            nat_lab,
            ("kept", SYNC, None, Role.MASTER),
            ("kept", BY_ROLE, Role.BACKUP, Role.MASTER, Role.FAULT),
        )
    finally:
        stop = "ipvsadm --stop-daemon master; ipvsadm --stop-daemon backup"
        await nat_lab.run(DIRECTOR, f"ip link set eth1 up; {stop}; true")
    assert roles(both) == [["MASTER", "BACKUP"]] * 2
    assert roles(switched) == [["BACKUP"], ["MASTER"], ["BACKUP"]]
    assert [why for _, why in (*both, *switched)] == [()] * 5
