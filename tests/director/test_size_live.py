"""Ten thousand real servers in the kernel's table: a pass over them costs little.

How much, beside ipvsadm, is a matter of `python -m bench storm replan`; here is what must
not be lost, with room for a machine that has other things to do.
"""

import pickle
from ipaddress import IPv4Address
from statistics import median

import pytest

from monlvs.model.config import Config
from monlvs.model.lvs import EntrySpec, Forwarding, Listener, Protocol, ServiceSpec
from monlvs.model.lvs import RealServer as Server
from tests.director.test_kernel import IN_GUEST
from tests.director.worlds import declared

pytestmark = pytest.mark.lab

FIRST = int(IPv4Address("172.16.0.1"))
TURNS = 20
"""A pass reads and understands ten thousand entries in steps of a few hundred."""


def crowd(services, servers):
    entries = tuple(
        EntrySpec(
            server=Server(IPv4Address(FIRST + n), 80),
            forwarding=Forwarding.MASQ,
            weight=1,
        )
        for n in range(servers)
    )
    keys = (
        Listener(Protocol.TCP, IPv4Address(f"10.0.{n >> 8}.{n & 255}"), 80)
        for n in range(services)
    )
    return Config(
        virtual_services=tuple(
            declared(*entries, service=ServiceSpec(key=key, scheduler="rr"))
            for key in keys
        )
    )


@pytest.mark.parametrize(("services", "servers"), [(1, 10_000), (1_000, 10)])
async def test_a_pass_over_ten_thousand_servers_is_no_dearer_than_ipvsadms_list(
    nat_lab, services, servers
):
    steps, found = (
        nat_lab.folder / f"{word}-of-{services}" for word in ("asked", "told")
    )
    steps.write_bytes(pickle.dumps([("passed_over", crowd(services, servers))]))
    # A network of its own: servers that were deleted go on costing others.
    name = f"crowd{services}"
    made = f"ip netns add {name}; ip -n {name} link set lo up"
    await nat_lab.run(None, made, check=True)
    command = ["ip", "netns", "exec", name, nat_lab.python, str(IN_GUEST)]
    await nat_lab.run(None, [*command, str(steps), str(found)], check=True, timeout=240)
    await nat_lab.run(None, f"ip netns del {name}", check=True)
    ((count, ours, theirs, turns, told),) = pickle.loads(found.read_bytes())

    assert count == services * servers
    assert told == []
    assert median(ours) <= 3 * median(theirs)
    assert turns >= TURNS
