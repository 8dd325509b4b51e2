"""Is our own end of the way to a host connected?

Silence heard on a device that is down, or whose cable is out (netdevice(7), IFF_RUNNING),
proves nothing about whoever should have answered. Nor does silence just after the cable
is in again: the check began before, and neighbours have to be found anew (arp(7)).
"""

import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from sys import byteorder
from typing import Final

from monlvs.model.values import Address

# linux/rtnetlink.h, linux/if_link.h, linux/netlink.h
_RTM_GETLINK: Final = 18
_RTM_NEWLINK: Final = 16
_RTM_GETROUTE: Final = 26
_RTM_NEWROUTE: Final = 24
_NLM_F_REQUEST: Final = 1
_RTA_DST: Final = 1
_RTA_OIF: Final = 4
_IFLA_IFNAME: Final = 3
_IFLA_CARRIER_CHANGES: Final = 35
_HEADER: Final = struct.Struct("=IHHII")
_ROUTE: Final = struct.Struct("=BBBBBBBBI")
_LINK: Final = struct.Struct("=BxHiII")
_ATTRIBUTE: Final = struct.Struct("=HH")
_LARGEST: Final = 32_768
# linux/if.h
_IFF_UP: Final = 0x1
_IFF_RUNNING: Final = 0x40

SETTLED: Final = 5.0
"""Seconds after which a device that was out counts as one that never was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A network device as it is."""

    name: str
    is_up: bool
    has_carrier: bool
    changes: int
    """How often the carrier has come or gone."""


class Links:
    """Remembers through which device hosts were reached while they answered.

    When a device goes down its routes go with it, and another one (the default route's)
    may take their packets: asking the kernel only then would name the wrong device.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._devices: dict[Address, int] = {}
        self._changes: dict[int, int] = {}
        """How often each device's carrier had come or gone at the latest look."""
        self._troubled: dict[int, float] = {}
        """When each device was seen in trouble, or to have been."""

    def __contains__(self, address: object) -> bool:
        return address in self._devices

    def learn(self, address: Address) -> None:
        """Note through which device `address` is reached now."""
        index = route(address)
        if index is None:
            return
        self._devices[address] = index
        if index not in self._changes and (device := look(index)) is not None:
            self._changes[index] = device.changes

    def fault(self, address: Address) -> str | None:
        """Say what is wrong with our end of the way to `address`; None: nothing."""
        index = self._devices.get(address)
        if index is None:
            index = route(address)
        return None if index is None else self._trouble(index)

    def _trouble(self, index: int) -> str | None:
        device, now = look(index), self._now()
        words = "the own device is gone" if device is None else trouble(device)
        if device is not None:
            if device.changes != self._changes.get(index, device.changes):
                self._troubled[index] = now
            self._changes[index] = device.changes
        if words is not None:
            self._troubled[index] = now
            return words
        if device is None or now - self._troubled.get(index, -SETTLED) >= SETTLED:
            return None
        return f"the own device {device.name} has only just got its carrier"


def trouble(device: Device) -> str | None:
    """Say why a device cannot carry anything; None: it can, as far as it knows."""
    if not device.is_up:
        return f"the own device {device.name} is down"
    if not device.has_carrier:
        return f"the own device {device.name} has no carrier"
    return None


def route(address: Address) -> int | None:
    """Return the index of the device that packets to `address` leave by; None: unknown."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    packed = address.packed
    words = _ROUTE.pack(family, len(packed) * 8, 0, 0, 0, 0, 0, 0, 0)
    words += _ATTRIBUTE.pack(_ATTRIBUTE.size + len(packed), _RTA_DST) + packed
    answer = _ask(_RTM_GETROUTE, words)
    if _kind_of(answer) != _RTM_NEWROUTE:
        return None
    found = dict(_attributes(answer, _HEADER.size + _ROUTE.size))
    device = found.get(_RTA_OIF)
    return None if device is None else int.from_bytes(device, byteorder)


def look(index: int) -> Device | None:
    """Return how a device is; None: there is none of this index."""
    answer = _ask(_RTM_GETLINK, _LINK.pack(socket.AF_UNSPEC, 0, index, 0, 0))
    if _kind_of(answer) != _RTM_NEWLINK:
        return None
    flags = _LINK.unpack_from(answer, _HEADER.size)[3]
    found = dict(_attributes(answer, _HEADER.size + _LINK.size))
    name = found.get(_IFLA_IFNAME, b"").rstrip(b"\0").decode("utf-8", "replace")
    return Device(
        name=name,
        is_up=bool(flags & _IFF_UP),
        has_carrier=bool(flags & _IFF_RUNNING),
        changes=int.from_bytes(found.get(_IFLA_CARRIER_CHANGES, b""), byteorder),
    )


def _ask(kind: int, words: bytes) -> bytes:
    """Put a question to the kernel; nothing where it cannot be asked."""
    head = _HEADER.pack(_HEADER.size + len(words), kind, _NLM_F_REQUEST, 1, 0)
    netlink = (socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    try:
        with socket.socket(*netlink) as sock:
            sock.settimeout(0)  # the kernel answers before send(2) returns
            sock.send(head + words)
            return sock.recv(_LARGEST)
    except OSError:
        return b""


def _kind_of(answer: bytes) -> int | None:
    if len(answer) < _HEADER.size:
        return None
    return int(_HEADER.unpack_from(answer)[1])


def _attributes(answer: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    at = start
    while at + _ATTRIBUTE.size <= len(answer):
        length, kind = _ATTRIBUTE.unpack_from(answer, at)
        if length < _ATTRIBUTE.size:
            return
        yield kind, answer[at + _ATTRIBUTE.size : at + length]
        at += (length + 3) & ~3
