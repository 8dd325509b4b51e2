"""Asks the wire who has an address, and tells it that we have one: ARP and ICMPv6.

Needs CAP_NET_RAW; blocks for as long as answers are waited for.
"""

import contextlib
import selectors
import socket
import struct
import time
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import Final, Self, TypeAlias

from monlvs.model.values import Address

Answers: TypeAlias = Mapping[Address, frozenset[str]]
"""Hardware addresses of those who answered, by the address that they answered for."""

PATIENCE: Final = 0.6
"""Seconds; two questions are asked in it (RFC 5227 waits longer, for a first user)."""

_ETHER_ARP: Final = 0x0806
_ARP: Final = struct.Struct("!HHBBH6s4s6s4s")
_ASKS, _ANSWERS = 1, 2
_EVERYBODY: Final = b"\xff" * 6
_SOLICITATION, _ADVERTISEMENT = 135, 136  # RFC 4861
_NEIGHBOUR: Final = struct.Struct("!BBHI16s")
_OVERRIDE: Final = 0x20000000
_SOURCE_LINK, _TARGET_LINK = 1, 2
_LAST_HOP: Final = 255  # RFC 4861, 7.1: others are not believed
_ALL_NODES: Final = "ff02::1"
_ICMP6_FILTER: Final = 1


def who_has(
    questions: Iterable[tuple[str, Address]], *, patience: float = PATIENCE
) -> Answers:
    """Ask for (device, address) pairs; this machine's own answers do not count.

    Raises OSError: EPERM without the capability, ENODEV without the device.
    """
    asked = list(dict.fromkeys(questions))
    found: dict[Address, set[str]] = {}
    with contextlib.ExitStack() as stack:
        ports: list[_Port] = []
        for device in dict.fromkeys(device for device, _ in asked):
            for port in _ports(device, [a for d, a in asked if d == device]):
                stack.enter_context(port)
                ports.append(port)
        for _ in range(2):
            for port in ports:
                for address in port.addresses:
                    port.ask(address)
            for address, hardware in _hear(ports, patience / 2):
                found.setdefault(address, set()).add(hardware)
    return {address: frozenset(macs) for address, macs in found.items()}


def announce(device: str, address: Address) -> None:
    """Tell the wire that this machine has `address` from now on. Raises OSError."""
    for port in _ports(device, [address]):
        with port:
            port.tell(address)


class _Arp:
    """IPv4's questions on one device."""

    def __init__(self, device: str, addresses: Iterable[Address]) -> None:
        self.addresses = [a for a in addresses if isinstance(a, IPv4Address)]
        self._wanted = set(self.addresses)
        kind = socket.htons(_ETHER_ARP)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, kind)
        self.socket.bind((device, _ETHER_ARP))
        self.socket.setblocking(False)  # noqa: FBT003  # socket's own signature
        self._hardware = self.socket.getsockname()[4]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, address: Address) -> None:
        """Ask as RFC 5227 does: without an own address, so that no cache is changed."""
        self._send(_ASKS, b"\0" * 4, b"\0" * 6, address.packed)

    def tell(self, address: Address) -> None:
        """Tell it in both ways, since some hear the one and some the other."""
        for operation in (_ASKS, _ANSWERS):
            self._send(operation, address.packed, _EVERYBODY, address.packed)

    def hear(self) -> tuple[Address, str] | None:
        """Read one packet; None when it answers nothing."""
        packet = self.socket.recv(2048)
        if len(packet) < 14 + _ARP.size:
            return None
        _, _, _, _, operation, hardware, sender, _, _ = _ARP.unpack_from(packet, 14)
        address = IPv4Address(sender)
        own = hardware == self._hardware
        if operation != _ANSWERS or address not in self._wanted or own:
            return None
        return address, hardware.hex(":")

    def _send(self, operation: int, sender: bytes, whom: bytes, target: bytes) -> None:
        arp = _ARP.pack(
            1, 0x0800, 6, 4, operation, self._hardware, sender, whom, target
        )
        header = _EVERYBODY + self._hardware + struct.pack("!H", _ETHER_ARP)
        self.socket.send(header + arp)


class _Discovery:
    """IPv6's questions on one device."""

    def __init__(self, device: str, addresses: Iterable[Address]) -> None:
        self.addresses = [a for a in addresses if isinstance(a, IPv6Address)]
        self._wanted = set(self.addresses)
        self._hardware = _hardware(device)
        self._device = socket.if_nametoindex(device)
        made = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        for option, value in (
            (socket.IPV6_MULTICAST_HOPS, _LAST_HOP),
            (socket.IPV6_MULTICAST_LOOP, 0),
            (socket.IPV6_MULTICAST_IF, self._device),
        ):
            made.setsockopt(socket.IPPROTO_IPV6, option, value)
        heard = bytearray(b"\xff" * 32)  # a set bit keeps that type back (RFC 3542)
        heard[_ADVERTISEMENT // 8] &= ~(1 << _ADVERTISEMENT % 8)
        made.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, _little_words(heard))
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
        made.setblocking(False)  # noqa: FBT003  # socket's own signature
        self.socket = made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, address: Address) -> None:
        """Ask the few whose address ends alike (RFC 4861, 4.3)."""
        group = IPv6Address(
            int(IPv6Address("ff02::1:ff00:0")) | int(address) & 0xFFFFFF
        )
        self._send(_SOLICITATION, 0, _SOURCE_LINK, address, str(group))

    def tell(self, address: Address) -> None:
        """Tell all nodes, who may replace what they have remembered."""
        self._send(_ADVERTISEMENT, _OVERRIDE, _TARGET_LINK, address, _ALL_NODES)

    def hear(self) -> tuple[Address, str] | None:
        """Read one packet; None when it answers nothing."""
        packet = self.socket.recv(2048)
        if len(packet) < _NEIGHBOUR.size + 8:
            return None
        address = IPv6Address(_NEIGHBOUR.unpack_from(packet)[4])
        option, hardware = packet[_NEIGHBOUR.size], packet[_NEIGHBOUR.size + 2 :][:6]
        own = hardware == self._hardware
        if option != _TARGET_LINK or address not in self._wanted or own:
            return None
        return address, hardware.hex(":")

    def _send(
        self, kind: int, flags: int, option: int, address: Address, group: str
    ) -> None:
        body = _NEIGHBOUR.pack(kind, 0, 0, flags, address.packed)  # kernel: checksum
        link = struct.pack("!BB6s", option, 1, self._hardware)
        self.socket.sendto(body + link, (group, 0, 0, self._device))


_Port: TypeAlias = _Arp | _Discovery


def _ports(device: str, addresses: list[Address]) -> Iterator[_Port]:
    if any(address.version == 4 for address in addresses):
        yield _Arp(device, addresses)
    if any(address.version == 6 for address in addresses):
        yield _Discovery(device, addresses)


def _hear(ports: list[_Port], patience: float) -> Iterator[tuple[Address, str]]:
    end = time.monotonic() + patience
    with selectors.DefaultSelector() as selector:
        for port in ports:
            selector.register(port.socket, selectors.EVENT_READ, port)
        while (left := end - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                heard = key.data.hear()
                if heard is not None:
                    yield heard


def _hardware(device: str) -> bytes:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as probe:
        probe.bind((device, 0))
        found: bytes = probe.getsockname()[4]
        return found


def _little_words(bits: bytearray) -> bytes:
    """Spell bits as the kernel's array of 32-bit words in its own byte order."""
    words = struct.unpack("<8I", bits)
    return struct.pack("@8I", *words)
