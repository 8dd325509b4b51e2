"""Counts in print, with ipvsadm's way to shorten numbers (print_largenum)."""

import pytest

from monlvs.director.counts import show_rates, show_totals, to_plain
from monlvs.model.lvs import Fwmark
from monlvs.model.traffic import Traffic
from tests.director.worlds import VIP, rs

READING = {
    Fwmark(3): (Traffic(), {}),
    VIP: (
        Traffic(connections=7, bytes_out=123_456_789, bytes_out_a_second=5),
        {rs(1): Traffic(packets_in=12), rs(2): Traffic()},
    ),
}


def test_totals_are_printed_in_order():
    assert show_totals(READING).splitlines()[1:] == [
        "Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes",
        "  -> RemoteAddress:Port",
        "TCP  192.168.1.110:80                    7        0        0        0  123456K",
        "  -> 10.1.1.1:80                         0       12        0        0        0",
        "  -> 10.1.1.2:80                         0        0        0        0        0",
        "FWM  3                                   0        0        0        0        0",
    ]


def test_rates_are_printed_as_well():
    heading, _, line, *_ = show_rates(READING).splitlines()[1:]
    assert heading.split()[2:] == ["CPS", "InPPS", "OutPPS", "InBPS", "OutBPS"]
    assert line.split()[2:] == ["0", "0", "0", "0", "5"]


@pytest.mark.parametrize(
    ("number", "short"),
    [
        (99_999_999, "99999999"),
        (100_000_000, "100000K"),
        (999_999_999, "999999K"),
        (1_000_000_000, "1000M"),
        (100_000_000_000, "100G"),
        (100_000_000_000_000, "100T"),
    ],
)
def test_large_numbers_are_shortened_unless_they_are_to_be_exact(number, short):
    reading = {VIP: (Traffic(connections=number), {})}
    assert show_totals(reading).splitlines()[3].split()[2] == short
    assert show_totals(reading, exact=True).splitlines()[3].split()[2] == str(number)


def test_programs_get_all_of_it():
    web, mark = to_plain(READING)
    assert (web["connections"], web["servers"][0]["packets_in"]) == (7, 12)
    assert (mark["fwmark"], mark["servers"]) == (3, [])
