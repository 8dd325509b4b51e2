"""The order in which ipvsadm lists services and real servers.

ipvsadm compares by the difference of two numbers in 32 bits with a sign, so that
192.168.0.0 comes before 10.0.0.0, and three addresses can each be before the next. How
such a circle comes out depends on the way of sorting: here too it is glibc's qsort, a
merge sort, so that what is printed can be held against ipvsadm's.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from monlvs.model.lvs import Fwmark, RealServer, VirtualKey
from monlvs.model.values import Address

T = TypeVar("T")


def sorted_keys(keys: Iterable[VirtualKey]) -> list[VirtualKey]:
    """Sort virtual services: by mark, family, protocol, address, port."""
    return _sorted(list(keys), _compare_keys)


def sorted_servers(servers: Iterable[RealServer]) -> list[RealServer]:
    """Sort real servers of one virtual service: by address and port."""
    return _sorted(list(servers), _compare_servers)


def _sorted(items: list[T], compare: Callable[[T, T], int]) -> list[T]:
    if len(items) < 2:
        return items
    half = len(items) // 2
    one, two = _sorted(items[:half], compare), _sorted(items[half:], compare)
    merged: list[T] = []
    first = second = 0
    while first < len(one) and second < len(two):
        if compare(one[first], two[second]) <= 0:
            merged.append(one[first])
            first += 1
        else:
            merged.append(two[second])
            second += 1
    return merged + one[first:] + two[second:]


def _difference(first: int, second: int) -> int:
    """Subtract as C does with numbers of 32 bits."""
    return ((first - second + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def _words(address: Address) -> tuple[int, ...]:
    raw = address.packed.ljust(16, b"\0")
    return tuple(int.from_bytes(raw[at : at + 4], "big") for at in range(0, 16, 4))


def _compare_addresses(first: Address, second: Address) -> int:
    for one, two in zip(_words(first), _words(second), strict=True):
        if one != two:
            return _difference(one, two)
    return 0


def _compare_servers(first: RealServer, second: RealServer) -> int:
    by_address = _compare_addresses(first.address, second.address)
    return by_address or first.port - second.port


def _compare_keys(first: VirtualKey, second: VirtualKey) -> int:
    one, two = _rank(first), _rank(second)
    if one != two or isinstance(first, Fwmark) or isinstance(second, Fwmark):
        by_mark = _difference(one[0], two[0])
        return by_mark or (-1 if one < two else int(one > two))
    by_address = _compare_addresses(first.address, second.address)
    return by_address or first.port - second.port


def _rank(key: VirtualKey) -> tuple[int, int, int]:
    if isinstance(key, Fwmark):
        return key.mark, key.family, 0
    return 0, key.family, key.protocol
