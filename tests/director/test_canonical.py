"""What the kernel keeps alike compares equal."""

from dataclasses import replace
from datetime import timedelta

from monlvs.director.canonical import canonical_entry, canonical_service, same_entry
from monlvs.model.lvs import (
    Forwarding,
    ServiceFlags,
    Tunnel,
    TunnelFlags,
    TunnelType,
)
from tests.director.worlds import WEB, stands

MINUTE = timedelta(minutes=1)


def test_the_kernels_own_marks_are_left_out():
    marked = ServiceFlags.HASHED | ServiceFlags.PERSISTENT | ServiceFlags.SCHED1
    service = canonical_service(replace(WEB, flags=marked, persistence=MINUTE))
    assert service.flags is ServiceFlags.SCHED1


def test_a_netmask_counts_only_where_it_masks():
    assert canonical_service(replace(WEB, netmask=24)) == WEB
    sticky = replace(WEB, persistence=MINUTE)
    assert canonical_service(replace(sticky, netmask=32)) == sticky
    masked = replace(sticky, netmask=24)
    assert canonical_service(masked) is masked


def test_a_tunnel_counts_only_where_it_is_more_than_ipip():
    ipip = Tunnel(port=9, flags=TunnelFlags.CSUM)
    gre = Tunnel(type=TunnelType.GRE)
    tunnelled = stands(1, forwarding=Forwarding.TUNNEL)
    assert canonical_entry(replace(tunnelled, tunnel=ipip)) == tunnelled
    assert canonical_entry(stands(1, tunnel=gre)) == stands(1)
    wrapped = replace(tunnelled, tunnel=gre)
    assert canonical_entry(wrapped) is wrapped


def test_local_satisfies_every_method_but_not_every_weight():
    local = stands(1, forwarding=Forwarding.LOCAL)
    assert same_entry(local, stands(1))
    assert same_entry(local, stands(1, forwarding=Forwarding.MASQ))
    assert not same_entry(local, stands(1, weight=2))
    assert not same_entry(stands(1), local)
