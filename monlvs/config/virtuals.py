"""Virtual services and real servers, in either form of the file, to the model."""

from typing import Any

from monlvs.config.draft import Draft, StatedVirtual
from monlvs.config.findings import Findings
from monlvs.config.pools import check_pool, policy
from monlvs.config.positions import Path
from monlvs.config.spelling import BalancingTable, ServerTable, VirtualServiceTable
from monlvs.model.lvs import (
    DeclaredService,
    EntrySpec,
    Family,
    Forwarding,
    Fwmark,
    Listener,
    OnDrift,
    OnFailure,
    Protocol,
    RealServer,
    ServiceFlags,
    ServiceSpec,
    Tunnel,
    TunnelFlags,
    TunnelType,
    Undeclared,
    VirtualKey,
)

FORWARDING = {
    "nat": Forwarding.MASQ,
    "masq": Forwarding.MASQ,
    "dr": Forwarding.ROUTE,
    "route": Forwarding.ROUTE,
    "tun": Forwarding.TUNNEL,
    "tunnel": Forwarding.TUNNEL,
    "local": Forwarding.LOCAL,
}
_FLAGS = {
    "ops": ServiceFlags.ONE_PACKET,
    "sh-fallback": ServiceFlags.SCHED1,
    "mh-fallback": ServiceFlags.SCHED1,
    "flag-1": ServiceFlags.SCHED1,
    "sh-port": ServiceFlags.SCHED2,
    "mh-port": ServiceFlags.SCHED2,
    "flag-2": ServiceFlags.SCHED2,
    "flag-3": ServiceFlags.SCHED3,
}


def add_virtual(
    draft: Draft, table: VirtualServiceTable, path: Path, findings: Findings
) -> None:
    """Add what a `[[virtual_service]]` states to the draft."""
    key = _key(table, path, findings)
    if key is None:
        return
    port = key.port if isinstance(key, Listener) else 0
    servers = [
        (entry(server, port, None, where, findings), where)
        for at, server in enumerate(table.servers)
        if server is not None
        for where in [(*path, "servers", at)]
    ]
    whole = all(server is not None for server in table.servers)
    draft.virtuals.append(declared(table, key, path, servers, findings, whole=whole))


def declared(  # noqa: PLR0913  one argument per part of a block
    table: BalancingTable,
    key: VirtualKey,
    path: Path,
    servers: list[tuple[EntrySpec, Path]],
    findings: Findings,
    *,
    whole: bool,
    name: str = "",
    usual: Forwarding | None = None,
) -> StatedVirtual:
    """Put a declaration together, and note attributes that do not go together.

    `usual` is how a fallback is reached that does not say it.
    """
    service = _service(table, key)
    _check_service(table, service, path, findings)
    policies: dict[str, Any] = {}
    if table.on_failure is not None:
        policies["on_failure"] = OnFailure(table.on_failure)
    if table.undeclared is not None:
        policies["undeclared"] = Undeclared(table.undeclared)
    if table.on_drift is not None:
        policies["on_drift"] = OnDrift(table.on_drift)
    specs = tuple(spec for spec, _ in servers)
    fallback = None
    if table.fallback is not None:
        port = key.port if isinstance(key, Listener) else 0
        where = (*path, "fallback")
        fallback = entry(table.fallback, port, usual, where, findings)
    asked = policy(table, path, findings)
    check_pool(asked, list(specs), fallback, path, findings, whole=whole)
    return StatedVirtual(
        declared=DeclaredService(
            service=service,
            servers=specs,
            fallback=fallback,
            policy=asked,
            name=name,
            **policies,
        ),
        path=path,
        servers=tuple(where for _, where in servers),
        whole=whole,
    )


def entry(
    table: ServerTable,
    port: int,
    usual: Forwarding | None,
    path: Path,
    findings: Findings,
) -> EntrySpec:
    """Read a real server; `port` and `usual` are for one that says nothing of them."""
    forwarding = usual if table.forwarding is None else FORWARDING[table.forwarding]
    if table.upper and (table.lower or 0) > table.upper:
        findings.error(
            (*path, "lower"),
            f"expected upper ({table.upper}) or less, not {table.lower}",
        )
    return EntrySpec(
        server=RealServer(table.address, port if table.port is None else table.port),
        forwarding=forwarding,
        weight=table.weight,
        upper=table.upper,
        lower=table.lower,
        tunnel=_tunnel(table, forwarding, path, findings),
    )


def _key(
    table: VirtualServiceTable, path: Path, findings: Findings
) -> VirtualKey | None:
    if (table.address is None) == (table.fwmark is None):
        findings.error(
            path,
            "expected either address and port, or fwmark, to name the virtual service",
            at_key=True,
        )
        return None
    if table.fwmark is not None:
        for word in ("port", "protocol"):
            if getattr(table, word) is not None:
                findings.error(
                    (*path, word), f"expected no {word} beside fwmark", at_key=True
                )
        family = Family.IPV6 if table.family == "ipv6" else Family.IPV4
        return Fwmark(table.fwmark, family)
    assert table.address is not None
    if table.family is not None:
        findings.error(
            (*path, "family"),
            "expected no family beside address, which tells it",
            at_key=True,
        )
    if table.port is None:
        findings.error(path, 'the key "port" is missing', at_key=True)
        return None
    return Listener(
        Protocol[(table.protocol or "tcp").upper()], table.address, table.port
    )


def _service(table: BalancingTable, key: VirtualKey) -> ServiceSpec:
    flags = None if table.flags is None else ServiceFlags.NONE
    for word in table.flags or ():
        flags = (flags or ServiceFlags.NONE) | _FLAGS[word]
    return ServiceSpec(
        key=key,
        scheduler=table.scheduler,
        flags=flags,
        persistence=table.persistence,
        netmask=table.netmask,
        persistence_engine="" if table.pe == "none" else table.pe,
    )


def _check_service(
    table: BalancingTable, service: ServiceSpec, path: Path, findings: Findings
) -> None:
    protocol = service.key.protocol if isinstance(service.key, Listener) else None
    stated = "none stated" if service.scheduler is None else f'"{service.scheduler}"'
    for at, word in enumerate(table.flags or ()):
        scheduler = word.partition("-")[0]
        if scheduler in ("sh", "mh") and service.scheduler != scheduler:
            findings.error(
                (*path, "flags", at),
                f'{word} is for scheduler = "{scheduler}", not {stated}',
            )
        if word == "ops" and protocol not in (Protocol.UDP, None):
            findings.error(
                (*path, "flags", at), 'ops (one packet) is for protocol = "udp" only'
            )
    _check_persistence(table, service, path, findings)


def _check_persistence(
    table: BalancingTable, service: ServiceSpec, path: Path, findings: Findings
) -> None:
    family = _family(service.key)
    if table.netmask is not None and table.netmask > (32 if family == 4 else 128):
        findings.error(
            (*path, "netmask"), f"expected 1 to 32 for IPv4, not {table.netmask}"
        )
    if not table.persistence:
        if table.pe not in (None, "none"):
            findings.error((*path, "pe"), "pe needs persistence", at_key=True)
        if table.netmask is not None:
            findings.warning(
                (*path, "netmask"), "netmask does nothing without persistence"
            )
        if isinstance(service.key, Listener) and service.key.port == 0:
            findings.error(
                (*path, "port"),
                "port 0 (every port) needs persistence, since a client's connections "
                "belong together",
            )
    elif table.persistence.microseconds:
        findings.error((*path, "persistence"), "expected whole seconds")


def _family(key: VirtualKey) -> int:
    if isinstance(key, Listener):
        return key.address.version
    return 4 if key.family is Family.IPV4 else 6


def _tunnel(
    table: ServerTable, forwarding: Forwarding | None, path: Path, findings: Findings
) -> Tunnel | None:
    type_ = TunnelType[(table.tunnel or "ipip").upper()]
    if table.tunnel_port is not None and type_ is not TunnelType.GUE:
        findings.error((*path, "tunnel_port"), 'tunnel_port is for tunnel = "gue"')
    if table.tunnel_checksum is not None and type_ is TunnelType.IPIP:
        findings.error(
            (*path, "tunnel_checksum"),
            'tunnel_checksum is for tunnel = "gue" or "gre"',
        )
    if type_ is TunnelType.GUE and table.tunnel_port is None:
        findings.error(path, 'the key "tunnel_port" is missing', at_key=True)
    if table.tunnel is None:
        return None
    if forwarding is not Forwarding.TUNNEL:
        findings.error((*path, "tunnel"), 'tunnel is for forwarding = "tun"')
    return Tunnel(
        type=type_,
        port=table.tunnel_port or 0,
        flags=TunnelFlags[(table.tunnel_checksum or "nocsum").upper()],
    )
