"""`[pair]` to the model."""

from typing import Final

from monlvs.config.findings import Findings
from monlvs.config.machinespelling import MachineTable
from monlvs.config.pairspelling import PairTable, SyncTable
from monlvs.model.pair import PORT, Endpoint, Pair, Sync, SyncRoles, Teller
from monlvs.model.values import Address

_THRESHOLD: Final = "net.ipv4.vs.sync_threshold"


def pair_of(
    table: PairTable | None, machine: MachineTable | None, findings: Findings
) -> Pair | None:
    """Put it together; None where the file knows of no other director."""
    if table is None:
        return None
    listen, peer = _endpoint(table.listen), _endpoint(table.peer)
    if listen.address.version != peer.address.version:
        findings.error(
            ("pair", "peer"),
            f"expected an IPv{listen.address.version} address as that of listen, not "
            f"{peer.address}",
        )
    if listen == peer:
        findings.error(
            ("pair", "peer"), f"expected the other director, not this one: {peer}"
        )
    if listen.address.is_unspecified or peer.address.is_unspecified:
        where = "listen" if listen.address.is_unspecified else "peer"
        findings.error(("pair", where), "expected an address of one director")
    if not table.secret_file.startswith("/") or "\0" in table.secret_file:
        findings.error(
            ("pair", "secret_file"),
            f'expected an absolute path, not "{table.secret_file}"',
        )
    stated = {
        name: value
        for name in ("interval", "patience")
        if (value := getattr(table, name)) is not None
    }
    pair = Pair(
        listen=listen,
        peer=peer,
        secret_file=table.secret_file,
        name=table.name,
        alerts=Teller(table.alerts),
        sync=None if table.sync is None else _sync(table.sync),
        **stated,
    )
    if pair.patience <= pair.interval:
        findings.error(
            findings.stated(("pair", "patience"), ("pair", "interval")),
            f"expected a patience longer than the interval of "
            f"{pair.interval.total_seconds():g} s: one lost question would be the other "
            "director's end",
        )
    _beside(pair, machine, findings)
    return pair


def _endpoint(stated: tuple[Address, int | None]) -> Endpoint:
    address, port = stated
    return Endpoint(address=address, port=PORT if port is None else port)


def _sync(table: SyncTable) -> Sync:
    return Sync(
        device=table.device,
        sync_id=table.id,
        roles=SyncRoles(table.roles),
        group=table.group,
        port=table.port or 0,
        ttl=table.ttl or 0,
    )


def _beside(pair: Pair, machine: MachineTable | None, findings: Findings) -> None:
    """Warn of what [machine] would have to say for two directors."""
    if findings.reported(("machine",)):
        return
    if machine is not None and machine.vips:
        findings.warning(
            findings.stated(("machine", "vips"), ("machine",)),
            "expected vips = false beside [pair]: keepalived gives the VIPs to the "
            "master, and both directors would take them",
        )
    alone = machine is None or not (machine.sysctls or _THRESHOLD in machine.sysctl)
    if pair.sync is not None and alone:
        findings.warning(
            ("pair", "sync"),
            f"without [machine] {_THRESHOLD} stays as it is: by the kernel's default, "
            '"3 50", a connection that is idle or older than the sync daemon is not told',
            at_key=True,
        )
