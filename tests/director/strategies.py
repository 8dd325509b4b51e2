"""Hypothesis strategies for the values of a table."""

from datetime import timedelta
from ipaddress import ip_address
from types import MappingProxyType

from hypothesis import strategies as st

from monlvs.model.lvs import (
    Entry,
    Family,
    Forwarding,
    Fwmark,
    Listener,
    Pool,
    Protocol,
    RealServer,
    ServiceFlags,
    Tunnel,
    TunnelFlags,
    TunnelType,
    VirtualService,
)

SCHEDULERS = ("rr", "wrr", "lc", "wlc", "fo", "ovf", "lblc", "lblcr", "dh", "sh")
SCHEDULERS += ("mh", "sed", "nq")  # ipvsadm(8), --scheduler
PORTS = st.integers(0, 65535)
U31 = st.integers(0, 2**31 - 1)

listeners = st.builds(
    Listener,
    st.sampled_from(Protocol),
    st.ip_addresses(),
    PORTS,
)
fwmarks = st.builds(Fwmark, st.integers(1, 2**32 - 1), st.sampled_from(Family))
keys = listeners | fwmarks

SETTABLE = (
    ServiceFlags.ONE_PACKET,
    ServiceFlags.SCHED1,
    ServiceFlags.SCHED2,
    ServiceFlags.SCHED3,
)


@st.composite
def services(draw, key=keys):
    chosen = draw(key)
    persistence = draw(
        st.none() | st.integers(1, 86400).map(lambda s: timedelta(seconds=s))
    )
    longest = 32 if chosen.family is Family.IPV4 else 128
    netmask = draw(st.none() | st.integers(1, longest - 1)) if persistence else None
    flags = ServiceFlags.NONE
    for flag in draw(st.sets(st.sampled_from(SETTABLE))):
        flags |= flag
    return VirtualService(
        key=chosen,
        scheduler=draw(st.sampled_from(SCHEDULERS)),
        flags=flags,
        persistence=persistence,
        netmask=netmask,
        persistence_engine=draw(st.none() | st.just("sip")),
    )


tunnels = st.builds(
    Tunnel,
    type=st.sampled_from(TunnelType),
    port=PORTS,
    flags=st.sampled_from(TunnelFlags),
).map(lambda tunnel: None if tunnel.type is TunnelType.IPIP else tunnel)


real_servers = st.builds(RealServer, st.ip_addresses(), PORTS)


@st.composite
def entries(draw, server=real_servers):
    forwarding = draw(st.sampled_from(Forwarding))
    return Entry(
        server=draw(server),
        forwarding=forwarding,
        weight=draw(U31),
        upper=draw(U31),
        lower=draw(U31),
        tunnel=draw(tunnels) if forwarding is Forwarding.TUNNEL else None,
    )


def pool(service, *entries):
    return Pool(
        service=service,
        entries=MappingProxyType({entry.server: entry for entry in entries}),
    )


def table(*pools):
    return MappingProxyType({each.service.key: each for each in pools})


# Few keys and few servers, so that two drawn tables have much in common.
few_keys = st.integers(1, 3).map(Fwmark)
few_servers = st.integers(1, 4).map(lambda n: RealServer(ip_address(f"10.1.1.{n}"), 80))
few_entries = st.builds(
    Entry,
    server=few_servers,
    forwarding=st.sampled_from((Forwarding.MASQ, Forwarding.ROUTE)),
    weight=st.integers(0, 2),
)
few_services = st.builds(
    VirtualService, key=few_keys, scheduler=st.sampled_from(("rr", "wlc"))
)
tables = st.lists(
    st.builds(
        lambda service, found: pool(service, *found),
        few_services,
        st.lists(few_entries, max_size=4),
    ),
    max_size=3,
).map(lambda pools: table(*pools))
