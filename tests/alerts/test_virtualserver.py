"""What a virtualserver declares: the entry, and the commands that say the same."""

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest

from monlvs.alerts.virtualserver import (
    FamilyWord,
    ForwardingWord,
    Transport,
    Virtualserver,
)
from monlvs.model.lvs import (
    EntrySpec,
    Family,
    Forwarding,
    Fwmark,
    Listener,
    Protocol,
    RealServer,
    VirtualService,
)
from monlvs.model.plugin import Alert, AlertKind
from tests.alerts.occasions import FAILURE, UP

VIP = "192.168.1.110:80"
KEY = Listener(Protocol.TCP, ip_address("192.168.1.110"), 80)


def server(address: str, port: int) -> RealServer:
    return RealServer(ip_address(address), port)


def test_it_is_a_declaration_and_no_alert_that_is_sent() -> None:
    assert not isinstance(Virtualserver(virtual=VIP), Alert)


def test_the_line_of_the_howtos_time_declares_its_entry() -> None:
    line = Virtualserver(
        virtual=VIP, real="10.1.1.2", weight=1, forwarding=ForwardingWord.G
    )
    assert line.key() == KEY
    assert line.entry() == EntrySpec(
        server=server("10.1.1.2", 80), forwarding=Forwarding.ROUTE, weight=1
    )
    assert line.stand_in() is None
    assert line.builds() is None


def test_what_is_not_stated_stays_open() -> None:
    entry = Virtualserver(virtual=VIP).entry("10.1.1.2")
    assert entry == EntrySpec(server=server("10.1.1.2", 80))


@pytest.mark.parametrize(
    ("options", "host", "real"),
    [
        ({"real": "10.1.1.2:8080"}, None, server("10.1.1.2", 8080)),
        ({"real": "10.1.1.2:8080"}, "10.1.1.9", server("10.1.1.2", 8080)),
        ({"real": "10.1.1.2"}, "10.1.1.9", server("10.1.1.2", 80)),
        ({"port": 8080}, "10.1.1.9", server("10.1.1.9", 8080)),
        ({"real": "10.1.1.2", "port": 8080}, None, server("10.1.1.2", 8080)),
        ({"real": "10.1.1.2:8080", "port": 8080}, None, server("10.1.1.2", 8080)),
    ],
)
def test_the_real_server_is_the_stated_one_or_else_the_host(
    options: dict[str, Any], host: str | None, real: RealServer
) -> None:
    entry = Virtualserver(virtual=VIP, **options).entry(host)
    assert entry is not None
    assert entry.server == real


@pytest.mark.parametrize(
    ("words", "method"),
    [
        (("g", "dr", "route"), Forwarding.ROUTE),
        (("i", "tun", "tunnel"), Forwarding.TUNNEL),
        (("m", "nat", "masq"), Forwarding.MASQ),
        (("local",), Forwarding.LOCAL),
    ],
)
def test_every_word_for_a_forwarding_method_is_known(
    words: tuple[str, ...], method: Forwarding
) -> None:
    for word in words:
        line = Virtualserver(virtual=VIP, forwarding=ForwardingWord(word))
        entry = line.entry("10.1.1.2")
        assert entry is not None
        assert entry.forwarding is method


@pytest.mark.parametrize(
    ("options", "host", "key"),
    [
        (
            {"virtual": VIP, "protocol": Transport.UDP},
            None,
            replace(KEY, protocol=Protocol.UDP),
        ),
        ({"virtual": "192.168.1.110"}, None, replace(KEY, port=0)),
        (
            {"virtual": "[2001:db8::1]:443", "protocol": Transport.SCTP},
            None,
            Listener(Protocol.SCTP, ip_address("2001:db8::1"), 443),
        ),
        (
            {"virtual": "2001:db8::1"},
            None,
            Listener(Protocol.TCP, ip_address("2001:db8::1"), 0),
        ),
        ({"fwmark": 3}, "10.1.1.2", Fwmark(3)),
        ({"fwmark": 3}, "2001:db8::2", Fwmark(3, Family.IPV6)),
        ({"fwmark": 3, "real": "2001:db8::2"}, "10.1.1.2", Fwmark(3, Family.IPV6)),
        ({"fwmark": 3}, None, Fwmark(3)),
    ],
)
def test_the_virtual_service_is_known_by_address_or_mark(
    options: dict[str, Any], host: str | None, key: object
) -> None:
    assert Virtualserver(**options).key(host) == key


def test_a_backup_stands_in() -> None:
    line = Virtualserver(
        fwmark=3, real="10.1.1.2", forwarding=ForwardingWord.DR, backup="10.1.1.9"
    )
    assert line.stand_in() == EntrySpec(
        server=server("10.1.1.9", 0), forwarding=Forwarding.ROUTE
    )


def test_a_service_is_built_only_when_asked_for() -> None:
    line = Virtualserver(virtual=VIP, real="10.1.1.2", build=True, scheduler="rr")
    assert line.builds() == VirtualService(key=KEY, scheduler="rr")
    plain = Virtualserver(virtual=VIP, build=True).builds()
    assert plain == VirtualService(key=KEY, scheduler="wlc")


def test_a_line_that_deletes_the_service_has_no_entry() -> None:
    assert Virtualserver(virtual=VIP, delete_service=True).entry("10.1.1.2") is None


FULL = {"virtual": VIP, "real": "10.1.1.2", "forwarding": ForwardingWord.G, "weight": 5}


@pytest.mark.parametrize(
    ("options", "down", "up"),
    [
        pytest.param(
            FULL,
            "ipvsadm -d -t 192.168.1.110:80 -r 10.1.1.2:80\n",
            "ipvsadm -a -t 192.168.1.110:80 -r 10.1.1.2:80 -g -w 5\n",
            id="an entry",
        ),
        pytest.param(
            {"virtual": VIP},
            "ipvsadm -d -t 192.168.1.110:80 -r 10.1.1.2:80\n",
            "ipvsadm -a -t 192.168.1.110:80 -r 10.1.1.2:80 -m -w 1\n"
            "ipvsadm -a -t 192.168.1.110:80 -r 10.1.1.3:80 -m -w 1\n",
            id="each host",
        ),
        pytest.param(
            {**FULL, "virtual": None, "fwmark": 3, "backup": "10.1.1.9"},
            "ipvsadm -a -f 3 -r 10.1.1.9 -g -w 5\nipvsadm -d -f 3 -r 10.1.1.2\n",
            "ipvsadm -a -f 3 -r 10.1.1.2 -g -w 5\nipvsadm -d -f 3 -r 10.1.1.9\n",
            id="a backup",
        ),
        pytest.param(
            {**FULL, "build": True, "protocol": Transport.UDP},
            "ipvsadm -d -u 192.168.1.110:80 -r 10.1.1.2:80\n",
            "ipvsadm -A -u 192.168.1.110:80 -s wlc\n"
            "ipvsadm -a -u 192.168.1.110:80 -r 10.1.1.2:80 -g -w 5\n",
            id="a service that is built",
        ),
        pytest.param(
            {"virtual": VIP, "delete_service": True, "scheduler": "rr"},
            "ipvsadm -D -t 192.168.1.110:80\n",
            "ipvsadm -A -t 192.168.1.110:80 -s rr\n",
            id="a service that is deleted",
        ),
        pytest.param(
            {"fwmark": 3, "real": "2001:db8::2"},
            "ipvsadm -d -f 3 -6 -r [2001:db8::2]\n",
            "ipvsadm -a -f 3 -6 -r [2001:db8::2] -m -w 1\n",
            id="IPv6",
        ),
    ],
)
def test_the_preview_speaks_ipvsadm(
    options: dict[str, Any], down: str, up: str
) -> None:
    line = Virtualserver(**options)
    assert line.preview(FAILURE) == down
    assert line.preview(UP) == up


@pytest.mark.parametrize("kind", [AlertKind.ACK, AlertKind.STARTUP])
def test_an_acknowledgement_and_a_start_change_nothing(kind: AlertKind) -> None:
    told = Virtualserver(**FULL).preview(replace(FAILURE, kind=kind))
    assert told == "# the table stays as it is\n"


def test_a_host_that_is_a_name_needs_an_address() -> None:
    line = Virtualserver(virtual=VIP)
    with pytest.raises(ValueError, match="the watched host 'lvs3' is a name"):
        line.entry("lvs3")
    with pytest.raises(ValueError, match="no host is watched"):
        line.entry()
    told = line.preview(replace(FAILURE, failed=("lvs3",)))
    assert told.startswith("# real: expected an address")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "virtual, fwmark: expected one of them"),
        ({"virtual": VIP, "fwmark": 1}, "virtual, fwmark: expected one of them"),
        ({"fwmark": 0}, "fwmark: expected 1 to 4294967295, not 0"),
        ({"virtual": "www:80"}, "virtual: expected ADDRESS or ADDRESS:PORT"),
        ({"virtual": "10.0.0.1:http"}, "virtual: expected ADDRESS or ADDRESS:PORT"),
        ({"virtual": "10.0.0.1:70000"}, "virtual: expected ADDRESS or ADDRESS:PORT"),
        ({"virtual": VIP, "real": "10.1.1.300"}, "real: expected ADDRESS"),
        ({"virtual": VIP, "real": "2001:db8::2"}, "real: expected an IPv4 address"),
        ({"virtual": VIP, "backup": "2001:db8::2"}, "backup: expected an IPv4 address"),
        ({"virtual": VIP, "port": 0}, "port: expected 1 to 65535, not 0"),
        ({"virtual": VIP, "real": "10.1.1.2:81", "port": 80}, "port: 80 contradicts"),
        ({"virtual": VIP, "weight": -1}, "weight: expected 0 to 65535, not -1"),
        ({"virtual": VIP, "scheduler": "no way"}, "scheduler: expected a name"),
        ({"virtual": VIP, "delete_service": True, "build": True}, "delete_service: "),
        ({"virtual": VIP, "plain": True, "backup": "10.1.1.9"}, "plain: expected"),
        (
            {"virtual": VIP, "real": "10.1.1.2", "backup": "10.1.1.2"},
            "backup: expected another server than real",
        ),
    ],
)
def test_wrong_options_are_refused_in_a_sentence(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Virtualserver(**options)


def test_a_tunnel_may_carry_one_family_in_the_other() -> None:
    line = Virtualserver(
        virtual="[2001:db8::1]:80", real="10.1.1.2", forwarding=ForwardingWord.TUN
    )
    entry = line.entry()
    assert entry is not None
    assert entry.server == server("10.1.1.2", 80)


def test_a_mark_has_its_real_servers_family_unless_another_is_stated() -> None:
    mark = Virtualserver(fwmark=3, real="10.1.1.2")
    six = replace(mark, family=FamilyWord.IPV6)

    assert mark.key() == Fwmark(3, Family.IPV4)
    assert six.key() == Fwmark(3, Family.IPV6)
    with pytest.raises(ValueError, match="family: expected fwmark"):
        Virtualserver(virtual="10.0.0.1:80", family=FamilyWord.IPV4)
