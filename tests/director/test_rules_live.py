"""Rules beside ipvsadm's own, in the lab: the same bytes for the same table."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from monlvs.director import rules
from monlvs.director.changes import AddServer, AddService
from monlvs.director.plan import plan
from monlvs.lab import DIRECTOR
from monlvs.model.lvs import Fwmark, ServiceFlags, VirtualService
from tests.director.rules.test_writing import pools
from tests.director.strategies import pool, table
from tests.director.test_kernel import WHOLE, do, ipvsadm, real, tcp

pytestmark = pytest.mark.lab


def odd():
    """What ipvsadm prints in its own way."""
    shape = ServiceFlags.SCHED3 | ServiceFlags.SCHED1
    yield from WHOLE.values()
    yield pool(VirtualService(key=tcp("10.0.0.9", 80), scheduler="sh", flags=shape))
    yield pool(
        VirtualService(
            key=tcp("10.0.0.9", 81), scheduler="mh", flags=ServiceFlags.SCHED3
        )
    )
    yield pool(VirtualService(key=Fwmark(2**32 - 1)))
    yield pool(VirtualService(key=Fwmark(2**31)))
    yield pool(VirtualService(key=tcp("200.0.0.9", 80)))
    yield pool(
        VirtualService(key=tcp("130.0.0.9", 80)),
        *(real(f"{n}.1.1.1", 80, weight=2**31 - 1) for n in range(1, 220, 9)),
    )


ODD = table(*odd())


async def test_the_kernels_table_is_written_as_ipvsadm_writes_it(nat_lab):
    refusals, written = await do(nat_lab, ("apply", plan({}, ODD)), ("written",))
    assert refusals == []
    assert written == await ipvsadm(nat_lab, "-Sn")


async def test_what_ipvsadm_saves_is_read_as_the_kernel_has_it(nat_lab):
    await do(nat_lab, ("apply", plan({}, WHOLE)))
    saved = await ipvsadm(nat_lab, "-Sn")
    read = rules.read(saved, "saved")
    assert read.problems == ()
    assert rules.write(read.table) == saved

    await ipvsadm(nat_lab, "-C")
    await do(nat_lab, ("apply", plan({}, read.table)))
    assert await ipvsadm(nat_lab, "-Sn") == saved


async def test_names_of_ipvsadms_own_are_looked_up(nat_lab):
    rule = "-A -t 127.0.0.1:80 -s rr"
    await ipvsadm(nat_lab, f"{rule}; ipvsadm -a -t 127.0.0.1:80 -r 127.0.0.1:8080 -m")
    named, plain = await ipvsadm(nat_lab, "-S"), await ipvsadm(nat_lab, "-Sn")
    (table_read,) = await do(nat_lab, ("named", named))
    assert "localhost:http" in named
    assert table_read == plain


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),  # an example takes seconds
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(found=st.lists(pools(), min_size=1, max_size=6).map(lambda f: table(*f)))
async def test_drawn_tables_come_out_of_both_alike(nat_lab, found):
    await ipvsadm(nat_lab, "-C")
    refusals, written = await do(nat_lab, ("apply", plan({}, found)), ("written",))
    refused = {change for change, _ in refusals}
    assert not any(isinstance(change, AddService) for change in refused)
    assert all(isinstance(change, AddServer) for change in refused)
    saved = await ipvsadm(nat_lab, "-Sn")
    assert written == saved
    await ipvsadm(nat_lab, "-C")
    signed = any(isinstance(key, Fwmark) and key.mark >= 2**31 for key in found)
    if not signed:  # else ipvsadm cannot read its own word for it
        await nat_lab.run(DIRECTOR, "ipvsadm -R", stdin=saved, check=True)
        # Where its comparison goes in circles, its order is that of the kernel's list.
        again = await ipvsadm(nat_lab, "-Sn")
        assert sorted(again.splitlines()) == sorted(saved.splitlines())
