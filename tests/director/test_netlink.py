"""The socket, where there may be no IPVS. With it, see test_kernel."""

import errno

import pytest

from monlvs.director.netlink import (
    IncompleteAnswerError,
    IpvsSocket,
    NetlinkError,
    own_addresses,
)


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


class Families(IpvsSocket):
    """The same socket, asking the kernel for its families: IPVS may not be there."""

    ALL = bytes((3, 2, 0, 0))  # linux/genetlink.h, CTRL_CMD_GETFAMILY

    def _look_up(self):
        return 16  # GENL_ID_CTRL

    def reads_at_most(self, size):
        self._buffer = bytearray(size)
        self._view = memoryview(self._buffer)


def test_a_dump_that_the_kernel_cuts_short_is_no_dump_and_the_next_is_whole():
    with Families() as families:
        whole = families.dump(Families.ALL)
        families.reads_at_most(64)
        with pytest.raises(IncompleteAnswerError) as caught:
            families.dump(Families.ALL)
        families.reads_at_most(1 << 16)
        again = families.dump(Families.ALL)

    assert caught.value.errno == errno.EMSGSIZE
    assert len(whole) > 1
    assert again == whole
