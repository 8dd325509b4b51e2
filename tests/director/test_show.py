"""A reading in print. That ipvsadm prints the same is test_kernel's business."""

from datetime import timedelta

from monlvs.director.show import show, to_plain
from monlvs.director.table import Reading
from monlvs.model.lvs import (
    Counters,
    Family,
    Forwarding,
    Fwmark,
    ServiceFlags,
    VirtualService,
)
from tests.director.strategies import pool, table
from tests.director.worlds import VIP, WEB, rs, stands

STICKY = VirtualService(
    key=Fwmark(3, Family.IPV6),
    scheduler="sh",
    flags=ServiceFlags.SCHED1 | ServiceFlags.ONE_PACKET,
    persistence=timedelta(minutes=1),
    netmask=64,
)
READING = Reading(
    table=table(
        pool(STICKY),
        pool(WEB, stands(2, weight=3), stands(1, forwarding=Forwarding.MASQ)),
    ),
    counters={(VIP, rs(1)): Counters(active=12, inactive=3, persistent=1)},
)
HEAD = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
"""


def test_an_empty_table_is_its_head():
    assert show(Reading()) == HEAD


def test_a_table_is_sorted_and_counted():
    assert show(READING) == HEAD + (
        "TCP  192.168.1.110:80 rr\n"
        "  -> 10.1.1.1:80                  Masq    1      12         3         \n"
        "  -> 10.1.1.2:80                  Route   3      0          0         \n"
        "FWM  3 IPv6 sh (sh-fallback) persistent 60 mask 64 ops\n"
    )


def test_programs_get_the_same_in_the_same_order():
    web, mark = to_plain(READING)
    assert (web["address"], web["scheduler"], mark["fwmark"]) == (
        "192.168.1.110",
        "rr",
        3,
    )
    assert [(s["address"], s["active"]) for s in web["servers"]] == [
        ("10.1.1.1", 12),
        ("10.1.1.2", 0),
    ]
