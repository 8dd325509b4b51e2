"""/proc/net/ip_vs_conn as values and in print; ipvsadm's is test_traffic_live's."""

from datetime import timedelta
from ipaddress import ip_address

import pytest

from monlvs.director.connections import (
    parse,
    show,
    show_summary,
    summarise,
    summary_to_plain,
    to_plain,
)
from monlvs.model.traffic import Connection, Endpoint

TEXT = """\
Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
TCP C0A80105 A5D4 C0A80101 0050 0A010104 0050 TIME_WAIT       119
UDP C0A80105 0000 C0A80101 13C4 0A010103 13C4 NONE             44 sip call 1
TCP fd00:0001:0000:0000:0000:0000:0000:0005 A518 fd00:0001:0000:0000:0000:0000:0000:0001 0050 0A010102 0050 ESTABLISHED     899
IP  C0A80105 0000 00000007 0000 0A010102 0000 ASSURED        3599
"""


def end(address, port):
    return Endpoint(ip_address(address), port)


def test_every_field_is_read():
    first, call, mixed, template = parse(TEXT)
    assert first == Connection(
        protocol="TCP",
        client=end("192.168.1.5", 42452),
        virtual=end("192.168.1.1", 80),
        server=end("10.1.1.4", 80),
        state="TIME_WAIT",
        expires=timedelta(seconds=119),
    )
    assert (call.engine, call.engine_data) == ("sip", "call 1")
    assert mixed.client == end("fd00:1::5", 42264)
    assert mixed.server == end("10.1.1.2", 80)
    assert (template.protocol, template.virtual) == ("IP", end("0.0.0.7", 0))


@pytest.mark.parametrize("line", ["TCP", "TCP X 1 2 3 4 5 S 9", "TCP 1 1 2 2 3 3 S x"])
def test_a_line_that_is_no_connection_is_named(line):
    with pytest.raises(ValueError, match="ip_vs_conn:2: not a connection"):
        parse(f"Pro\n{line}\n")


def test_print_is_ipvsadms():
    lines = show(parse(TEXT), engines=True).splitlines()
    assert lines[2:4] == [
        "TCP 01:59  TIME_WAIT   192.168.1.5:42452  192.168.1.1:80     10.1.1.4:80",
        "UDP 00:44  NONE        192.168.1.5:0      192.168.1.1:5060   10.1.1.3:5060"
        "    sip                call 1",
    ]
    assert "sip" not in show(parse(TEXT))


def test_states_are_counted_by_real_server():
    found = parse(TEXT) + parse(TEXT)
    key = ("TCP", end("192.168.1.1", 80), end("10.1.1.4", 80))
    assert summarise(found)[key] == {"TIME_WAIT": 2}
    assert len(show_summary(found).splitlines()) == 4
    assert summary_to_plain(found)[0]["states"] == {"TIME_WAIT": 2}


def test_programs_get_numbers():
    assert to_plain(parse(TEXT))[1] == {
        "protocol": "udp",
        "client": {"address": "192.168.1.5", "port": 0},
        "virtual": {"address": "192.168.1.1", "port": 5060},
        "server": {"address": "10.1.1.3", "port": 5060},
        "state": "NONE",
        "expires": 44,
        "persistence_engine": "sip",
        "persistence_data": "call 1",
    }
