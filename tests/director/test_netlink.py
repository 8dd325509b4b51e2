"""The socket, where there may be no IPVS. With it, see test_kernel."""

import errno

from monlvs.director.netlink import IpvsSocket, NetlinkError, own_addresses


def error_of_opening():
    try:
        IpvsSocket().close()
    except NetlinkError as error:
        return error.errno
    return 0


def test_a_kernel_without_ipvs_is_told_by_its_error_number():
    assert error_of_opening() in (0, errno.ENOENT, errno.EPERM)


def test_the_loopback_is_among_this_machines_addresses():
    assert "127.0.0.1" in {str(address) for address in own_addresses()}
