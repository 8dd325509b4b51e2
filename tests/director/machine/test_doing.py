"""Real addresses, routes, variables and rules, in a network namespace of this kernel."""

import asyncio
import subprocess
from ipaddress import ip_address, ip_interface, ip_network
from typing import Any

from monlvs.director.machine import doing, looking, translation
from monlvs.director.machine.commands import Rules
from monlvs.director.machine.record import Done, forget, remember
from monlvs.director.machine.settings import (
    DeviceAddress,
    LinkUp,
    Masquerade,
    Route,
    Sysctl,
)
from monlvs.director.machine.state import clearing, plan
from tests.wire.apart import apart, ip

WANTED = (
    LinkUp(device="near"),
    DeviceAddress(interface=ip_interface("10.9.0.1/24"), device="near"),
    Route(to=ip_network("10.8.0.0/16"), via=ip_address("10.9.0.7")),
    Route(to=ip_network("10.7.0.0/16"), via=ip_address("10.9.0.8")),
    Route(to=ip_network("2001:db8:7::/48"), via=ip_address("fd00:9::8"), device="far"),
    Sysctl(name="net.ipv4.ip_forward", value="1"),
    Sysctl(name="net.ipv6.conf.all.forwarding", value="1"),
    DeviceAddress(interface=ip_interface("192.0.2.1/32"), device="near", virtual=True),
    DeviceAddress(
        interface=ip_interface("2001:db8::1/128"), device="near", virtual=True
    ),
)
RULES = (
    Masquerade(source=ip_network("10.9.0.0/24"), device="near"),
    Masquerade(source=ip_network("10.8.0.0/16")),
    Masquerade(source=ip_network("fd00:2::/64")),
)


def told(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def devices() -> None:
    told("ip", "link", "add", "near", "type", "veth", "peer", "name", "far")
    ip("link set far up")
    ip("addr add 10.9.1.1/24 dev far")
    ip("addr add fd00:9::1/64 dev far nodad")
    ip("route add 10.7.0.0/16 via 10.9.1.9 src 10.9.1.1 mtu 1400")
    ip("route add 10.8.0.0/16 via 10.9.1.9 metric 100")
    ip("route add 2001:db8:7::/48 via fd00:9::9 dev far proto 42")


def snapshot() -> list[str]:
    found = (
        told("ip", "-o", "address") + told("ip", "route") + told("ip", "-6", "route")
    )
    variables = "grep -rs '' /proc/sys/net/ipv4 /proc/sys/net/ipv6 | sort"
    found += subprocess.run(
        variables, shell=True, capture_output=True, text=True, check=True
    ).stdout
    # An address of far's own comes and goes with near.
    return [line for line in found.splitlines() if "fe80::" not in line]


def look(rules: Rules | None = None, settings: Any = WANTED) -> Any:
    return looking.read_state(settings, looking.look_around(), rules)


async def _installs_and_clears() -> Any:
    return await asyncio.to_thread(_install_and_clear)


def _install_and_clear() -> Any:
    devices()
    before = snapshot()
    done: tuple[Done, ...] = ()
    for step in plan(WANTED, done, look()).steps:
        noted = doing.noted(step.done)
        done = remember(done, noted)
        doing.make(noted, None)
    shown = told("ip", "-o", "address", "show", "near")
    routes = told("ip", "route")
    left = len(plan(WANTED, done, look()).steps)
    for step in plan(WANTED, (), look()).steps:
        doing.make(step.done, None)
    for again in done:
        doing.make(again, None)  # whoever was faster: what is wanted stands
    for step in clearing(done, look()).steps:
        doing.undo(step.done, None)
        doing.undo(step.done, None)
        done = forget(done, step.setting)
    return [shown, routes, left, len(done), list(set(before) ^ set(snapshot()))]


async def test_a_machine_is_changed_and_put_back_as_it_was() -> None:
    shown, routes, left, remembered, differing = await apart(_installs_and_clears)
    assert "inet 192.0.2.1/32 scope global near" in shown
    # No source of the machine's own packets, and at once: others have been asked.
    assert "2001:db8::1/128 scope global nodad deprecated" in shown
    assert "10.8.0.0/16 via 10.9.0.7 dev near" in routes
    assert "10.7.0.0/16 via 10.9.0.8 dev near" in routes
    assert (left, remembered, differing) == (0, 0, [])


async def _refuses() -> Any:
    return await asyncio.to_thread(_refuse)


def _refuse() -> Any:
    words = []
    for setting in (
        LinkUp(device="none"),
        DeviceAddress(interface=ip_interface("10.9.0.1/24"), device="none"),
        Route(to=ip_network("10.8.0.0/16"), via=ip_address("10.9.0.7")),
        Sysctl(name="net.ipv4.none", value="1"),
        RULES[0],
    ):
        try:
            doing.make(Done(setting=setting), None)
        except doing.RefusedError as error:
            words.append(str(error))
    return words


async def test_what_cannot_be_is_refused_with_the_reason() -> None:
    assert await apart(_refuses) == [
        "there is no device none",
        "there is no device none",
        "Network is unreachable",
        "No such file or directory",
        "neither nft nor iptables can translate addresses here: expected one of them, "
        "and a kernel with nf_nat",
    ]


def _translates(rules: Rules) -> Any:
    found: list[Any] = [translation.present(RULES, rules) == frozenset()]
    for rule in RULES:
        translation.add(rule, rules)
    found.append(translation.present(RULES, rules) == frozenset(RULES))
    if rules is Rules.NFT:
        found.append(told("nft", "list", "ruleset"))
    else:
        found.append(
            told(f"{rules}-save") + told(f"{rules}-save".replace("ip", "ip6", 1))
        )
    translation.remove(RULES[0], rules)
    found.append(translation.present(RULES, rules) == frozenset(RULES[1:]))
    for rule in RULES[1:]:
        translation.remove(rule, rules)
    found.append(translation.present(RULES, rules) == frozenset())
    return found


async def _by_nft() -> Any:
    first = translation.program()
    return [first, *_translates(Rules.NFT), told("nft", "list", "ruleset")]


async def test_nft_keeps_the_rules_in_tables_of_their_own() -> None:
    program, none, all_, ruleset, fewer, gone, left = await apart(_by_nft)
    assert program == Rules.NFT
    assert (none, all_, fewer, gone, left) == (True, True, True, True, "")
    assert "table ip monlvs {" in ruleset
    assert "table ip6 monlvs {" in ruleset
    assert 'ip saddr 10.9.0.0/24 oifname "near" masquerade' in ruleset
    assert "ip6 saddr fd00:2::/64 masquerade" in ruleset


async def _by_iptables() -> Any:
    return _translates(Rules.IPTABLES)


async def test_iptables_is_asked_for_the_rule_itself() -> None:
    none, all_, ruleset, fewer, gone = await apart(_by_iptables)
    assert (none, all_, fewer, gone) == (True, True, True, True)
    assert "-A POSTROUTING -s 10.9.0.0/24 -o near -j MASQUERADE" in ruleset
