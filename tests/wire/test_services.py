import socket

from monlvs.wire.services import MON_PORT, mon_port


def test_mon_s_port_is_what_services_says_or_its_own() -> None:
    try:
        known = socket.getservbyname("mon", "tcp")
    except OSError:
        known = MON_PORT

    assert mon_port("tcp") == known


def test_where_no_name_is_known_the_port_is_mon_s_own() -> None:
    assert mon_port("no-such-protocol") == 2583
