"""What is to be done about a machine, from what it has: nothing twice, and all undone."""

from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network

import pytest

from monlvs.director.machine.record import forget, remember
from monlvs.director.machine.settings import (
    DeviceAddress,
    GuePort,
    LinkUp,
    Masquerade,
    Module,
    Route,
    Sysctl,
    TunnelDevice,
)
from monlvs.director.machine.state import State, Verb, clearing, holds, plan
from monlvs.director.machine.surroundings import Device, Surroundings
from monlvs.model.lvs import TunnelType

FORWARD = Sysctl(name="net.ipv4.ip_forward", value="1", because="VS-NAT")
MODULE = Module(name="ip_vs_rr")
UP = LinkUp(device="eth0")
OWN = DeviceAddress(interface=ip_interface("10.1.1.1/24"), device="eth1")
VIP = DeviceAddress(
    interface=ip_interface("192.168.1.110/32"), device="eth0", virtual=True
)
ROUTE = Route(to=ip_network("10.2.0.0/16"), via=ip_address("10.1.1.254"))
RULE = Masquerade(source=ip_network("10.1.1.0/24"), device="eth0")
WANTED = (MODULE, UP, OWN, ROUTE, FORWARD, RULE, VIP)

BARE = State(
    around=Surroundings(
        devices=(Device(name="eth0", up=False), Device(name="eth1")),
        routes=(replace(ROUTE, via=None, device="eth1"),),
    ),
    sysctls={FORWARD.name: "0"},
)
MADE = State(
    around=Surroundings(
        devices=(
            Device(name="eth0", addresses=(VIP.interface,)),
            Device(name="eth1", addresses=(OWN.interface,)),
        ),
        routes=(replace(ROUTE, device="eth1"),),
    ),
    sysctls={FORWARD.name: "1"},
    modules=frozenset({"ip_vs_rr"}),
    rules=frozenset({RULE}),
)


def settings(steps):
    return [step.setting for step in steps]


def made(wanted=WANTED, state=BARE):
    """What is remembered once all of it was done."""
    done = ()
    for step in plan(wanted, (), state).steps:
        done = remember(done, step.done)
    return done


def test_what_is_missing_is_made_with_what_was_there_before() -> None:
    found = plan(WANTED, (), BARE)
    assert settings(found.before) == list(WANTED[:-1])
    assert settings(found.after) == [VIP]
    assert found.gives_vips
    before = {step.setting: step.done.before for step in found.steps}
    assert before[FORWARD] == "0"
    assert before[ROUTE] == "10.2.0.0/16 dev eth1"
    assert before[VIP] is None
    assert found.before[4].why == "VS-NAT"


def test_what_is_there_is_left_whoever_made_it() -> None:
    assert plan(WANTED, (), MADE) == plan((), (), MADE)
    assert plan(WANTED, made(), MADE).steps == ()


def test_a_clear_takes_the_vip_first_and_then_the_rest_last_first() -> None:
    found = clearing(made(), MADE)
    assert settings(found.before) == [VIP]
    # A module may be used by others by now; the device has no address left.
    assert settings(found.after) == [RULE, FORWARD, ROUTE, OWN, UP]
    assert {step.verb for step in found.steps} == {Verb.UNDO}
    assert not found.gives_vips


def test_what_somebody_else_has_changed_since_is_not_undone() -> None:
    others = replace(MADE, sysctls={FORWARD.name: "2"}, rules=frozenset())
    assert not {FORWARD, RULE} & set(settings(clearing(made(), others).steps))
    assert clearing(made(), BARE).steps == ()


def test_a_device_stays_up_for_an_address_of_somebody_else() -> None:
    eth0, eth1 = MADE.around.devices
    theirs = (*eth0.addresses, ip_interface("192.168.1.1/24"))
    around = replace(MADE.around, devices=(replace(eth0, addresses=theirs), eth1))
    assert UP not in settings(clearing(made(), replace(MADE, around=around)).steps)


def test_what_is_wanted_no_more_is_undone_and_clients_leave_first() -> None:
    found = plan(WANTED[:-2], made(), MADE)
    assert settings(found.before) == [VIP]
    assert settings(found.after) == [RULE]
    assert {step.why for step in found.steps} == {"no longer configured"}


def test_a_value_that_is_wanted_otherwise_is_changed_and_its_first_one_remembered() -> (
    None
):
    other = replace(FORWARD, value="2")
    (step,) = plan((other,), made((FORWARD,)), MADE).steps
    assert (step.verb, step.setting, step.done.before) == (Verb.MAKE, other, "1")
    (done,) = remember(made((FORWARD,)), step.done)
    assert (done.setting, done.before) == (other, "0")
    assert forget((done,), FORWARD) == ()


def test_a_vip_without_a_device_is_an_obstacle_and_stops_nothing() -> None:
    lost = replace(VIP, device=None)
    found = plan((FORWARD, lost), (), BARE)
    assert settings(found.steps) == [FORWARD]
    (told,) = found.obstacles
    assert told.startswith("192.168.1.110 is in the network of no device: expected ")


def test_a_module_that_the_kernel_does_not_have_is_an_obstacle_with_its_reason() -> (
    None
):
    module = Module(name="ip_vs_ftp", because="TCP 192.0.2.1:21 is FTP")
    poor = replace(BARE, lacking=frozenset({module.name}))
    found = plan((module, FORWARD), (), poor)
    assert settings(found.steps) == [FORWARD]
    (told,) = found.obstacles
    assert told.startswith("this kernel has no module ip_vs_ftp, and TCP 192.0.2.1:21 ")
    assert told.endswith("or a kernel with CONFIG_IP_VS_FTP")


@pytest.mark.parametrize("setting", WANTED)
def test_what_holds_is_told_from_what_does_not(setting) -> None:
    assert holds(setting, MADE)
    assert not holds(setting, BARE)
    assert not holds(setting, State())


def test_values_are_compared_by_their_words() -> None:
    pair = Sysctl(name="net.ipv4.vs.sync_threshold", value="3 50")
    assert holds(pair, State(sysctls={pair.name: "3\t50"}))


def test_a_tunnel_is_known_by_its_device_and_a_port_is_never_seen() -> None:
    tunnel = TunnelDevice(device="eth1", type=TunnelType.GRE)
    assert holds(tunnel, BARE)
    assert not holds(GuePort(port=6080), MADE)
