"""What is decided about a host, from what a look at it found."""

from ipaddress import ip_address, ip_interface, ip_network

from monlvs.config.reading import parse
from monlvs.director.machine.commands import Rules
from monlvs.director.machine.record import Done
from monlvs.director.machine.roles import roles_of
from monlvs.director.machine.server_side import server_settings
from monlvs.director.machine.settings import Route, SegmentLimit, Sysctl
from monlvs.director.machine.state import State, Step, Verb, before, holds, plan
from monlvs.director.machine.surroundings import Device, Surroundings
from monlvs.director.remote.looking import Look
from monlvs.director.remote.preparing import (
    _as_far_as_can_be,
    _as_found,
    _cut_off,
    words,
)
from monlvs.director.remote.segments import Limits

DEFAULT = ip_network("0.0.0.0/0")
ETH0 = Device(name="eth0", addresses=(ip_interface("10.1.1.2/24"),))
NEW = Route(to=DEFAULT, via=ip_address("10.1.1.1"))


def old(metric=0, via="10.1.1.254"):
    told = f"default proto static metric {metric} via {via} dev eth0"
    return Route(
        to=DEFAULT, via=ip_address(via), device="eth0", metric=metric, told=told
    )


def state(*routes, **sysctls):
    around = Surroundings(devices=(ETH0,), routes=routes)
    return State(around=around, sysctls=sysctls)


def made(setting):
    return Step(verb=Verb.MAKE, done=Done(setting=setting), why="")


def found(came_from, *routes):
    address = None if came_from is None else ip_address(came_from)
    return Look(hostname="rs1", state=state(*routes), came_from=address)


def test_a_gateway_that_would_cut_off_the_login_is_refused():
    (told,) = _cut_off(found("192.168.7.7", old()), [made(NEW)])

    assert told.startswith("this login comes from 192.168.7.7 by way of 10.1.1.254")


def test_a_login_from_the_same_network_or_by_a_route_of_its_own_is_not_cut_off():
    own = Route(to=ip_network("192.168.7.0/24"), via=ip_address("10.1.1.9"))

    assert _cut_off(found("10.1.1.1", old()), [made(NEW)]) == ()
    assert _cut_off(found("192.168.7.7", old(), own), [made(NEW)]) == ()
    assert _cut_off(found(None, old()), [made(NEW)]) == ()
    assert _cut_off(found("192.168.7.7", old()), []) == ()


def test_the_gateway_that_is_replaced_comes_back_word_by_word():
    there = state(old())
    (step,) = plan([NEW], (), there).steps
    assert words(step, Limits()) == "ip route replace 0.0.0.0/0 via 10.1.1.1"

    back = Step(verb=Verb.UNDO, done=step.done, why="")

    assert words(back, Limits()) == f"ip route replace {old().told}"


def test_a_gateway_of_another_metric_stays_beside_and_ours_is_only_taken_away():
    there = state(old(metric=100))
    assert not holds(NEW, there)
    assert before(NEW, there) is None

    undone = Step(verb=Verb.UNDO, done=Done(setting=NEW), why="")

    assert words(undone, Limits()) == "ip route del 0.0.0.0/0 via 10.1.1.1"


def test_the_right_gateway_behind_a_better_one_is_not_in_use():
    assert not holds(NEW, state(old(), old(metric=50, via="10.1.1.1")))
    assert holds(NEW, state(old(via="10.1.1.1"), old(metric=50)))


def test_a_host_that_cannot_limit_segments_is_told_and_prepared_all_the_same():
    text = (
        '[[virtual_service]]\naddress = "192.168.1.110"\nport = 80\n'
        'servers = [{ address = "10.1.1.2", forwarding = "tun" }]\n'
    )
    config, _ = parse(text, "site.toml")
    wanted = server_settings(roles_of(config), state())
    limit = SegmentLimit(address=ip_address("192.168.1.110"), size=1440)

    without = _as_far_as_can_be(wanted, Limits())
    assert set(wanted.settings) - set(without.settings) == {limit}
    assert without.remarks == (
        "neither nft nor iptables can limit TCP segments there (of 1500 bytes 20 are "
        "the tunnel's: larger segments do not fit): expected one of them, or a wire that "
        "carries larger packets",
    )
    assert _as_far_as_can_be(wanted, Limits(rules=Rules.IPTABLES)) == wanted
    assert _as_far_as_can_be(wanted, Limits(found={limit: Rules.NFT})) == wanted


def test_what_was_set_before_is_wanted_the_next_time_too():
    """A device whose own value was loosened needs nothing any more, by its value; what
    is wanted must not change with what was done, or it would be undone."""
    text = (
        '[[virtual_service]]\naddress = "192.168.1.110"\nport = 80\n'
        'servers = [{ address = "10.1.1.2", forwarding = "dr" }]\n'
    )
    config, _ = parse(text, "site.toml")
    roles = roles_of(config)
    name = "net.ipv4.conf.eth0.arp_ignore"
    bare = state(**{name: "3", "net.ipv4.conf.all.arp_ignore": "0"})
    first = plan(server_settings(roles, bare).settings, (), bare)
    done = tuple(step.done for step in first.steps)
    assert Sysctl(name=name, value="1") in [each.setting for each in done]

    there = State(
        around=Surroundings(
            devices=(
                ETH0,
                Device(
                    name="lo",
                    loopback=True,
                    arp=False,
                    addresses=(ip_interface("192.168.1.110/32"),),
                ),
            )
        ),
        sysctls={e.setting.name: e.setting.value for e in done if isinstance(e.setting, Sysctl)},
    )  # fmt: skip
    wanted = server_settings(roles, _as_found(there, done))

    assert plan(wanted.settings, done, there).steps == ()
