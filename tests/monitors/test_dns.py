"""The monitor dns at real name servers, told as dns.monitor tells it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from ipaddress import ip_address
from typing import Any

import pytest

from monlvs.model.result import Reason, Result, Verdict
from monlvs.monitors.dns import Dns
from monlvs.wire.monitor import Surveyor, Target
from tests.monitors.loopback import SHORT
from tests.nameserver import ZONE, NameServer, nameserver

MASTER, *SERVERS = ("127.0.0.1", "127.0.0.20", "127.0.0.3")
LIMIT = 10.0

Servers = dict[str, NameServer]


@pytest.fixture
async def servers() -> AsyncIterator[Servers]:
    """Name servers at one port of several addresses, the master first."""
    async with AsyncExitStack() as stack:
        found: Servers = {}
        for host in (MASTER, *SERVERS):
            port = found[MASTER].port if found else 0
            server = nameserver(NameServer(), host=host, port=port)
            found[host] = await stack.enter_async_context(server)
        yield found


def numbered(serial: int) -> NameServer:
    """A zone with another serial number."""
    return NameServer(ZONE.replace(" 7 ", f" {serial} "))


async def survey(
    servers: Servers,
    *,
    hosts: list[str] = SERVERS,
    timeout: float = LIMIT,
    **options: Any,
) -> Result:
    """Make one check of `hosts`."""
    monitor = Dns(port=servers[MASTER].port, **options)
    targets = [Target(host, ip_address(host)) for host in hosts]
    return await monitor.survey(targets, timeout=timeout)


def verdicts(result: Result) -> list[Verdict]:
    return [outcome.verdict for _, outcome in result.outcomes]


def test_it_is_a_monitor_of_the_comparing_kind() -> None:
    assert isinstance(Dns(zone=("example.org",)), Surveyor)


async def test_servers_with_the_masters_serial_number_are_up(servers: Servers) -> None:
    result = await survey(servers, zone=("example.org",), masters=(MASTER,))
    assert (result.verdict, result.exit, result.output) == (Verdict.UP, 0, "")
    assert verdicts(result) == [Verdict.UP, Verdict.UP]
    assert all(server.asked == [("udp", False)] for server in servers.values())


async def test_a_stale_zone_is_down_and_the_threshold_bounds_it(
    servers: Servers,
) -> None:
    servers["127.0.0.3"].zone = numbered(5).zone
    given = {"zone": ("example.org",), "masters": (MASTER,)}
    result = await survey(servers, **given)
    assert (result.verdict, result.exit) == (Verdict.DOWN, 1)
    assert verdicts(result) == [Verdict.UP, Verdict.DOWN]
    assert result.output == (
        "127.0.0.3(example.org)\n"
        "127.0.0.3: unexpected reply (example.org: serial number 5, not 7)\n"
    )
    assert (await survey(servers, serial_threshold=2, **given)).verdict is Verdict.UP


async def test_every_zone_tells_its_servers(servers: Servers) -> None:
    zones = ("example.org", "elsewhere.org")
    servers["127.0.0.20"].authoritative = False
    result = await survey(servers, zone=zones)
    assert result.summary == (
        "127.0.0.20(example.org) 127.0.0.20 127.0.0.3(elsewhere.org)"
    )
    assert result.exit == 2
    assert (
        "127.0.0.20: unexpected reply (example.org: not an authority" in result.detail
    )
    assert "127.0.0.3: unexpected reply (elsewhere.org: no SOA record, REFUSED)" in (
        result.detail
    )


async def test_a_silent_server_is_down(servers: Servers) -> None:
    servers["127.0.0.20"].silent = 9
    result = await survey(servers, zone=("example.org",), timeout=2 * SHORT)
    assert verdicts(result) == [Verdict.DOWN, Verdict.UP]
    assert (result.reason, result.summary) == (
        Reason.TIMED_OUT,
        "127.0.0.20(example.org)",
    )


async def test_without_a_master_nobody_can_be_judged_who_answers(
    servers: Servers,
) -> None:
    servers[MASTER].authoritative = False
    servers["127.0.0.3"].zone = NameServer(origin="example.net").zone
    result = await survey(servers, zone=("example.org",), masters=(MASTER,))
    assert verdicts(result) == [Verdict.INCONCLUSIVE, Verdict.DOWN]
    assert result.summary == "127.0.0.3(example.org)"
    assert "127.0.0.20: not checked: nothing to compare with" in result.detail


async def test_without_a_master_all_are_down_where_dns_monitor_would_say_so(
    servers: Servers,
) -> None:
    servers[MASTER].authoritative = False
    result = await survey(
        servers, zone=("example.org",), masters=(MASTER,), masters_needed=True
    )
    assert (result.verdict, result.exit, result.outcomes) == (Verdict.DOWN, 251, ())
    assert result.output == (
        "(example.org)\nmaster 127.0.0.1: example.org: not an authority for it\n"
    )


async def test_masters_that_disagree_name_the_one_behind(servers: Servers) -> None:
    servers["127.0.0.3"].zone = numbered(6).zone
    given = {
        "hosts": ["127.0.0.20"],
        "zone": ("example.org",),
        "masters": (MASTER, "127.0.0.3"),
        "masters_needed": True,
    }
    result = await survey(servers, **given)
    assert (result.exit, result.summary) == (252, "127.0.0.3(example.org)")
    # One that does not answer is no reason to do without the other.
    servers["127.0.0.3"].zone = NameServer(origin="example.net").zone
    assert (await survey(servers, **given)).verdict is Verdict.UP


async def test_records_have_to_be_found(servers: Servers) -> None:
    query = ("www.example.org", "example.org:MX", "example.org:TXT", "no.example.org")
    result = await survey(servers, query=query[:2])
    assert result.verdict is Verdict.UP
    assert servers["127.0.0.3"].asked == [("udp", True)] * 2
    assert servers[MASTER].asked == []

    result = await survey(servers, query=query)
    assert result.summary == (
        "example.org@127.0.0.20 example.org@127.0.0.3  "
        "no.example.org@127.0.0.20 no.example.org@127.0.0.3"
    )
    assert (result.exit, verdicts(result)) == (2, [Verdict.DOWN, Verdict.DOWN])
    assert "127.0.0.3: unexpected reply (example.org TXT: no records, NOERROR)" in (
        result.detail
    )


async def test_an_answer_may_have_to_say_something(servers: Servers) -> None:
    servers["127.0.0.3"].zone = NameServer(ZONE.replace("10.1.1.3", "10.9.9.9")).zone
    result = await survey(
        servers, query=("www.example.org",), answer=r"^10\.1\.1\.3$", tcp=True
    )
    assert verdicts(result) == [Verdict.UP, Verdict.DOWN]
    assert "(www.example.org A: 10.1.1.2, 10.9.9.9)" in result.detail
    assert servers["127.0.0.20"].asked == [("tcp", True)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "zone, query: expected at least one of them"),
        ({"zone": ("a..b",)}, "zone: expected a domain name"),
        ({"query": ("x:QUUX",)}, "query: expected a domain name"),
        ({"query": ("x",), "masters": ("127.0.0.1",)}, "masters: expected zone with it"),
        ({"zone": ("x",), "answer": "y"}, "answer: expected query with it"),
        ({"zone": ("x",), "masters": ("ns1",)}, "masters: expected an IPv4 or IPv6"),
        ({"query": ("x",), "answer": "("}, "answer: expected a regular expression"),
        ({"query": ("x",), "retries": -1}, "retries: expected a number from 0 on"),
        ({"query": ("x",), "port": 0}, "port: expected a port"),
    ],
)  # fmt: skip
def test_wrong_options_are_refused_in_a_sentence(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Dns(**options)
