"""Tables as rules. That ipvsadm prints the same is test_rules_live's business."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monlvs.director import rules
from monlvs.director.canonical import canonical_entry, canonical_service
from monlvs.model.lvs import (
    Family,
    Forwarding,
    Fwmark,
    Listener,
    Protocol,
    ServiceFlags,
    TunnelFlags,
    TunnelType,
    VirtualService,
)
from tests.director.strategies import entries, pool, services, table
from tests.director.worlds import stands


def settable(service):
    """What ipvsadm takes: one packet for UDP only, port 0 with persistence only."""
    key, flags = service.key, service.flags
    if isinstance(key, Listener):
        if key.protocol is not Protocol.UDP:
            flags &= ~ServiceFlags.ONE_PACKET
        if key.port == 0 and service.persistence is None:
            key = replace(key, port=1)
    return canonical_service(replace(service, key=key, flags=flags))


def carried(service, entry):
    """What is left of an entry once it went through the text."""
    method = entry.forwarding
    family = Family.IPV4 if entry.server.address.version == 4 else Family.IPV6
    if method is Forwarding.LOCAL:
        method = Forwarding.ROUTE
    if family is not service.key.family:
        method = Forwarding.TUNNEL
    tunnel = entry.tunnel if method is Forwarding.TUNNEL else None
    if tunnel:
        few = 2 if tunnel.type is TunnelType.GRE else 3
        port = 0 if tunnel.type is TunnelType.GRE else tunnel.port or 1
        tunnel = replace(tunnel, port=port, flags=TunnelFlags(tunnel.flags % few))
    server = entry.server
    if isinstance(service.key, Listener) and method is not Forwarding.MASQ:
        server = replace(server, port=service.key.port)
    entry = replace(entry, server=server)
    return canonical_entry(
        replace(entry, forwarding=method, tunnel=tunnel, upper=0, lower=0)
    )


@st.composite
def pools(draw):
    service = settable(draw(services()))
    if service.scheduler in ("sh", "mh"):
        service = replace(service, flags=service.flags & ~ServiceFlags.SCHED3)
    found = [carried(service, each) for each in draw(st.lists(entries(), max_size=4))]
    unicast = [
        each
        for each in found
        if not (
            each.server.address.is_multicast
            or each.server.address.is_unspecified
            or str(each.server.address) == "255.255.255.255"
        )
    ]
    return pool(service, *unicast)


patient = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
tables = st.lists(pools(), max_size=4).map(lambda found: table(*found))


@patient
@given(tables)
def test_what_is_written_reads_back_and_is_written_alike(wanted):
    text = rules.write(wanted)
    read = rules.read(text, "x")
    assert read.problems == ()
    assert read.table == wanted
    # Not in the same order where three addresses are each before the next (`order`).
    again = rules.write(read.table)
    assert sorted(again.splitlines()) == sorted(text.splitlines())


@patient
@given(tables)
def test_nothing_is_dropped_but_what_is_named(wanted):
    marks = [key for key in wanted if isinstance(key, Fwmark) and key.mark >= 2**31]
    assert len(rules.dropped(wanted)) == len(marks)


def test_what_the_format_cannot_say_is_named():
    odd = VirtualService(
        key=Fwmark(2**32 - 1), scheduler="sh", flags=ServiceFlags.SCHED3
    )
    sip = VirtualService(key=Fwmark(1))
    local = stands(1, forwarding=Forwarding.LOCAL)
    full = stands(2, upper=5, lower=3)
    found = table(pool(odd), pool(sip, local, full))
    assert rules.write(found) == (
        "-A -f -1 -s sh -b \n"
        "-A -f 1 -s wlc\n"
        f"-a -f 1 -r {local.server} -g -w 1\n"
        f"-a -f 1 -r {full.server} -g -w 1\n"
    )
    assert [loss.partition(": ")[2] for loss in rules.dropped(found)] == [
        "the mark is written as a negative number, which ipvsadm -R refuses",
        "the flag flag-3 of sh is not written",
        "LocalNode is written as -g, which the kernel takes alike",
        "the thresholds (upper 5, lower 3) are not written",
    ]
