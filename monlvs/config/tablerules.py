"""What must hold between virtual services, real servers and guards."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from monlvs.config.draft import Draft, StatedGuard, StatedVirtual
from monlvs.config.findings import Findings
from monlvs.config.positions import Path
from monlvs.model.guard import Effect
from monlvs.model.lvs import (
    EntrySpec,
    Family,
    Forwarding,
    Fwmark,
    RealServer,
    VirtualKey,
)
from monlvs.model.pool import WeightFrom

_UNTRANSLATED = {
    Forwarding.ROUTE: "VS-DR",
    Forwarding.TUNNEL: "VS-TUN",
    Forwarding.LOCAL: "LocalNode",
}


def virtual_services_are_stated_once(draft: Draft, findings: Findings) -> None:
    """The kernel keeps one virtual service for each key."""
    seen: set[VirtualKey] = set()
    for each in draft.virtuals:
        key = each.declared.service.key
        if key in seen:
            findings.error(
                each.path, f"there is a virtual service {key} already", at_key=True
            )
        seen.add(key)


def servers_are_stated_once(draft: Draft, findings: Findings) -> None:
    """The kernel keeps one entry for each address and port of a virtual service."""
    for each in draft.virtuals:
        seen: set[RealServer] = set()
        for spec, path in _servers(each):
            if spec.server in seen:
                findings.error(
                    path, f"{spec.server} is in this virtual service already"
                )
            seen.add(spec.server)


def servers_can_be_reached(draft: Draft, findings: Findings) -> None:
    """What the forwarding method cannot do is refused with the reason."""
    for virtual in draft.virtuals:
        for spec, path in _servers(virtual):
            _check_entry(virtual.declared.service.key, spec, path, draft, findings)
        fallback = virtual.declared.fallback
        if fallback is not None:
            where = (*virtual.path, "fallback")
            _check_entry(virtual.declared.service.key, fallback, where, draft, findings)
    index = _index(draft)
    for each in draft.guards:
        entry = each.guard.entry
        if entry is not None and not _is_declared(index, each):
            _check_entry(each.guard.key, entry, each.path, draft, findings)


def declared_services_have_servers(draft: Draft, findings: Findings) -> None:
    """Clients of a virtual service without servers are refused."""
    guarded = {each.guard.key for each in draft.guards}
    for each in draft.virtuals:
        declared = each.declared
        if each.whole and not declared.servers and declared.service.key not in guarded:
            findings.warning(
                each.path, "this virtual service has no real servers", at_key=True
            )


def guarded_entries_are_declared(draft: Draft, findings: Findings) -> None:
    """A slip in an address would guard an entry that nobody has."""
    index = _index(draft)
    for each in draft.guards:
        entry = each.guard.entry
        found = index.get(each.guard.key)
        if entry is None or found is None or not found[0].whole:
            continue
        if not _is_declared(index, each):
            findings.warning(
                each.path,
                f"{entry.server} is no real server of the virtual service "
                f"{each.guard.key}: this line alone puts it in",
            )


def withheld_services_have_one_server(draft: Draft, findings: Findings) -> None:
    """`-D` takes the servers that work with it."""
    for each in draft.guards:
        if each.guard.effect is not Effect.WITHHOLDS:
            continue
        found = _index(draft).get(each.guard.key)
        servers = set(found[1]) if found else set()
        servers |= {
            other.guard.entry.server
            for other in draft.guards
            if other.guard.key == each.guard.key and other.guard.entry is not None
        }
        if len(servers) > 1:
            findings.warning(
                each.path,
                f"delete_service withholds the whole virtual service {each.guard.key}, "
                f"which has {len(servers)} real servers",
            )


def weights_are_reported(draft: Draft, findings: Findings) -> None:
    """A virtual service that heeds checks needs one that reports a weight."""
    monitors = {each.service.key: each.service.monitor for each in draft.services}
    reporting = {
        each.guard.key
        for each in draft.guards
        if _reports(monitors.get(each.guard.service))
    }
    for each in draft.virtuals:
        declared = each.declared
        heeds = declared.policy.weight_from is WeightFrom.CHECK
        if heeds and declared.service.key not in reporting:
            findings.warning(
                (*each.path, "weight_from"),
                "no check of this virtual service reports a weight: expected the monitor "
                "agent, or external with dynamic = true",
            )


def _reports(monitor: object) -> bool:
    return bool(getattr(monitor, "reports_weight", False))


TABLE_RULES: tuple[Callable[[Draft, Findings], None], ...] = (
    virtual_services_are_stated_once,
    servers_are_stated_once,
    servers_can_be_reached,
    declared_services_have_servers,
    guarded_entries_are_declared,
    withheld_services_have_one_server,
    weights_are_reported,
)


_Index: TypeAlias = Mapping[VirtualKey, tuple[StatedVirtual, frozenset[RealServer]]]


def _index(draft: Draft) -> _Index:
    """Find declared virtual services, and the servers of each, by key."""
    return {
        each.declared.service.key: (
            each,
            frozenset(spec.server for spec in each.declared.servers),
        )
        for each in draft.virtuals
    }


def _servers(virtual: StatedVirtual) -> list[tuple[EntrySpec, Path]]:
    return list(zip(virtual.declared.servers, virtual.servers, strict=True))


def _is_declared(index: _Index, each: StatedGuard) -> bool:
    found, entry = index.get(each.guard.key), each.guard.entry
    return found is not None and entry is not None and entry.server in found[1]


def _check_entry(
    key: VirtualKey, spec: EntrySpec, path: Path, draft: Draft, findings: Findings
) -> None:
    refuse = draft.refusal(findings)
    _check_family(key, spec, path, refuse)
    _check_port(key, spec, path, refuse)
    if spec.server.address.is_loopback and spec.forwarding is Forwarding.MASQ:
        findings.warning(
            path,
            f"{spec.server.address} is the director itself, and packets to it are not "
            'translated: expected forwarding "local", which is what happens',
        )


def _check_family(
    key: VirtualKey, spec: EntrySpec, path: Path, refuse: Callable[..., None]
) -> None:
    # ip_vs_ctl.c: only a tunnel carries one family inside the other.
    if spec.forwarding is Forwarding.TUNNEL:
        return
    version = 4 if key.family is Family.IPV4 else 6
    if spec.server.address.version != version:
        refuse(
            path,
            f"expected an IPv{version} address like the virtual service's, not "
            f"{spec.server.address}",
        )


def _check_port(
    key: VirtualKey, spec: EntrySpec, path: Path, refuse: Callable[..., None]
) -> None:
    if isinstance(key, Fwmark) or spec.server.port == key.port:
        return
    method = spec.forwarding
    if method is Forwarding.MASQ and spec.server.address.is_loopback:
        method = Forwarding.LOCAL
    if method in _UNTRANSLATED:
        refuse(
            path,
            f"expected port {key.port}, the virtual service's, not {spec.server.port}: "
            f"{_UNTRANSLATED[method]} does not rewrite packets, so they arrive at the "
            "port that the client asked for (VS-NAT can remap it)",
        )
