"""A table in memory that keeps the kernel's rules, for where IPVS cannot be used.

It balances nothing. The rules are those of the kernel's net/netfilter/ipvs/ip_vs_ctl.c;
a test in the lab gives the same changes to both.
"""

import errno
from collections.abc import Sequence
from ipaddress import IPv4Address
from types import MappingProxyType
from typing import Final

from monlvs.director.canonical import canonical_entry, canonical_service
from monlvs.director.changes import (
    AddServer,
    AddService,
    Change,
    DeleteServer,
    DeleteService,
    SetServer,
    SetService,
)
from monlvs.director.remedy import settle
from monlvs.director.table import Reading, Refusal
from monlvs.model.lvs import (
    Counters,
    Entry,
    Family,
    Forwarding,
    Fwmark,
    Pool,
    RealServer,
    Table,
    TunnelType,
    VirtualKey,
    VirtualService,
)

SCHEDULERS: Final = frozenset(
    (
        *("rr", "wrr", "lc", "wlc", "fo", "ovf", "lblc", "lblcr"),
        *("dh", "sh", "mh", "sed", "nq", "twos"),
    )
)
_ENGINES: Final = frozenset((None, "sip"))
_BROADCAST: Final = IPv4Address("255.255.255.255")
_LARGEST: Final = 0x7FFFFFFF
_LONGEST_PREFIX: Final = {Family.IPV4: 32, Family.IPV6: 128}


class MemoryTable:
    """A table that nobody else sees."""

    name = "memory"

    def __init__(self, table: Table | None = None) -> None:
        """Start empty, or with what `table` holds."""
        self._services: dict[VirtualKey, VirtualService] = {}
        self._entries: dict[VirtualKey, dict[RealServer, Entry]] = {}
        for key, pool in (table or {}).items():
            self._services[key] = canonical_service(pool.service)
            self._entries[key] = {
                server: canonical_entry(entry) for server, entry in pool.entries.items()
            }

    async def read(self) -> Reading:
        """Read all of it; nothing is ever connected."""
        return Reading(
            table=MappingProxyType(
                {
                    key: Pool(
                        service=service,
                        entries=MappingProxyType(dict(self._entries[key])),
                    )
                    for key, service in self._services.items()
                }
            ),
            counters=MappingProxyType(
                {
                    (key, server): Counters()
                    for key, entries in self._entries.items()
                    for server in entries
                }
            ),
        )

    async def apply(self, changes: Sequence[Change]) -> tuple[Refusal, ...]:
        """Make `changes` as the kernel would."""
        return settle(changes, lambda batch: [self._make(change) for change in batch])

    def _make(self, change: Change) -> int:
        match change:
            case AddService(service=service) | SetService(service=service):
                return self._put_service(service, new=isinstance(change, AddService))
            case DeleteService(key=key):
                if self._services.pop(key, None) is None:
                    return errno.ESRCH
                del self._entries[key]
                return 0
            case AddServer(parent=parent, entry=entry):
                return self._put_entry(parent.key, entry, new=True)
            case SetServer(parent=parent, entry=entry):
                return self._put_entry(parent.key, entry, new=False)
            case DeleteServer(key=key, server=server):
                if key not in self._services:
                    return errno.ESRCH
                return 0 if self._entries[key].pop(server, None) else errno.ENOENT

    def _put_service(self, service: VirtualService, *, new: bool) -> int:
        if (service.key in self._services) is new:
            return errno.EEXIST if new else errno.ESRCH
        if refused := _service_error(service):
            return refused
        self._services[service.key] = canonical_service(service)
        self._entries.setdefault(service.key, {})
        return 0

    def _put_entry(self, key: VirtualKey, entry: Entry, *, new: bool) -> int:
        if key not in self._services:
            return errno.ESRCH
        if refused := _entry_error(key, entry):
            return refused
        entries = self._entries[key]
        if (entry.server in entries) is new:
            return errno.EEXIST if new else errno.ENOENT
        entries[entry.server] = canonical_entry(entry)
        return 0


def _service_error(service: VirtualService) -> int:
    if service.key == Fwmark(0, service.key.family):
        return errno.EINVAL
    if service.scheduler not in SCHEDULERS:
        return errno.ENOENT
    if service.persistence_engine not in _ENGINES:
        return errno.ENOENT
    longest = _LONGEST_PREFIX[service.key.family]
    prefix = longest if service.netmask is None else service.netmask
    if service.key.family is Family.IPV6 and not 1 <= prefix <= longest:
        return errno.EINVAL
    return 0


def _entry_error(key: VirtualKey, entry: Entry) -> int:
    address = entry.server.address
    mixed = key.family != (2 if address.version == 4 else 10)
    if mixed and entry.forwarding is not Forwarding.TUNNEL:
        return errno.EINVAL
    if address.is_multicast or address.is_unspecified or address == _BROADCAST:
        return errno.EINVAL
    tunnel = entry.tunnel
    if tunnel and tunnel.type is TunnelType.GUE and tunnel.port == 0:
        return errno.EINVAL
    if entry.weight > _LARGEST:
        return errno.EINVAL
    if entry.weight < 0 or entry.lower > entry.upper:
        return errno.ERANGE
    return 0
