"""Is our own end of the way to a host connected?

Silence heard on a device that is down, or whose cable is out (netdevice(7), IFF_RUNNING),
proves nothing about whoever should have answered.
"""

import errno
import socket
import struct
from fcntl import ioctl
from sys import byteorder
from typing import Final

from monlvs.model.values import Address

# linux/rtnetlink.h, linux/netlink.h
_RTM_GETROUTE: Final = 26
_RTM_NEWROUTE: Final = 24
_NLM_F_REQUEST: Final = 1
_RTA_DST: Final = 1
_RTA_OIF: Final = 4
_HEADER: Final = struct.Struct("=IHHII")
_ROUTE: Final = struct.Struct("=BBBBBBBBI")
_ATTRIBUTE: Final = struct.Struct("=HH")
_LARGEST: Final = 8192
# linux/sockios.h, linux/if.h
_SIOCGIFFLAGS: Final = 0x8913
_IFF_UP: Final = 0x1
_IFF_RUNNING: Final = 0x40
_REQUEST: Final = struct.Struct("16sH22x")


class Links:
    """Remembers through which device hosts were reached while they answered.

    When a device goes down its routes go with it, and another one (the default route's)
    may take their packets: asking the kernel only then would name the wrong device.
    """

    def __init__(self) -> None:
        self._devices: dict[Address, int] = {}

    def __contains__(self, address: object) -> bool:
        return address in self._devices

    def learn(self, address: Address) -> None:
        """Note through which device `address` is reached now."""
        device = route(address)
        if device is not None:
            self._devices[address] = device

    def fault(self, address: Address) -> str | None:
        """Say what is wrong with our end of the way to `address`; None: nothing."""
        device = self._devices.get(address)
        if device is None:
            device = route(address)
        return None if device is None else trouble(device)


def route(address: Address) -> int | None:
    """Return the index of the device that packets to `address` leave by; None: unknown."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    packed = address.packed
    ask = _ROUTE.pack(family, len(packed) * 8, 0, 0, 0, 0, 0, 0, 0)
    ask += _ATTRIBUTE.pack(_ATTRIBUTE.size + len(packed), _RTA_DST) + packed
    head = _HEADER.pack(_HEADER.size + len(ask), _RTM_GETROUTE, _NLM_F_REQUEST, 1, 0)
    try:
        with socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE
        ) as sock:
            sock.settimeout(0)  # the kernel answers before send(2) returns
            sock.send(head + ask)
            answer = sock.recv(_LARGEST)
    except OSError:
        return None
    if _HEADER.unpack_from(answer)[1] != _RTM_NEWROUTE:
        return None
    return _device_of(answer)


def _device_of(answer: bytes) -> int | None:
    at = _HEADER.size + _ROUTE.size
    while at + _ATTRIBUTE.size <= len(answer):
        length, kind = _ATTRIBUTE.unpack_from(answer, at)
        if length < _ATTRIBUTE.size:
            return None
        if kind == _RTA_OIF:
            return int.from_bytes(answer[at + 4 : at + 8], byteorder)
        at += (length + 3) & ~3
    return None


def trouble(device: int) -> str | None:
    """Say whether a device cannot carry anything; None: it can, as far as it knows."""
    try:
        name = socket.if_indextoname(device)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            asked = _REQUEST.pack(name.encode(), 0)
            flags = int(_REQUEST.unpack(ioctl(sock, _SIOCGIFFLAGS, asked))[1])
    except OSError as error:
        gone = error.errno in (errno.ENODEV, errno.ENXIO)
        return "the own device is gone" if gone else None
    if not flags & _IFF_UP:
        return f"the own device {name} is down"
    if not flags & _IFF_RUNNING:
        return f"the own device {name} has no carrier"
    return None
