"""The director on a real kernel: adopts, follows health, repairs, leaves others alone."""

import pytest

from monlvs.model.config import Config
from monlvs.model.lvs import Fwmark
from tests.director.test_kernel import do
from tests.director.worlds import DOWN, UP, VIP, declared, guard, rs, spec

pytestmark = pytest.mark.lab

FOREIGN = "ipvsadm -A -f 9 -s rr; ipvsadm -a -f 9 -r 10.1.1.9:0 -g; "


async def test_ours_is_repaired_and_what_others_set_is_not_touched(nat_lab):
    one, two = guard(1), guard(2)
    config = Config(virtual_services=(declared(spec(1), spec(2)),), guards=(one, two))
    passes = [
        (FOREIGN + "ipvsadm -A -t 192.168.1.110:80 -s rr; "
         "ipvsadm -a -t 192.168.1.110:80 -r 10.1.1.1:80 -m -w 7", {}),
        ("true", {one: UP, two: UP}),
        ("true", {one: DOWN}),
        ("ipvsadm -d -t 192.168.1.110:80 -r 10.1.1.2:80", {}),
        ("ipvsadm -C; " + FOREIGN, {}),
        ("true", {one: UP}),
    ]  # fmt: skip
    (stages,) = await do(nat_lab, ("directed", config, passes))

    add, web = "-a -t 192.168.1.110:80 -r 10.1.1.", "192.168.1.110:80"
    assert [rules for rules, _ in stages] == [
        [],
        [(f"{add}2:80 -m -w 1", "guard: LVS2/ping 10.1.1.2 is up")],
        [(f"-d -t {web} -r 10.1.1.1:80", "guard: LVS1/ping 10.1.1.1 is down")],
        [(f"{add}2:80 -m -w 1", "drift: LVS2/ping 10.1.1.2 is up")],
        [
            (f"-A -t {web} -s rr", "drift: declared"),
            (f"{add}2:80 -m -w 1", "drift: LVS2/ping 10.1.1.2 is up"),
        ],
        [(f"{add}1:80 -m -w 7", "guard: LVS1/ping 10.1.1.1 is up")],
    ]
    assert set(stages[-1][1]) == {VIP, Fwmark(9)}
    assert set(stages[-1][1][VIP][1]) == {rs(1), rs(2)}
