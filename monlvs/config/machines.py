"""`[machine]` and the devices of single VIPs to the model."""

from collections.abc import Iterable
from types import MappingProxyType

from monlvs.config.findings import Findings
from monlvs.config.machinespelling import MachineTable, OwnAddressTable, OwnRouteTable
from monlvs.config.positions import Path
from monlvs.model.machine import Machine, OwnAddress, OwnRoute
from monlvs.model.values import Address

VipDevices = Iterable[tuple[Address | None, str | None, Path]]
"""VIP (None behind a firewall mark), the device that is stated beside it, and where."""


def machine_of(
    table: MachineTable | None, vips: VipDevices, findings: Findings
) -> Machine | None:
    """Put it together; None where the file does not ask for the machine."""
    devices = _vip_devices(table, vips, findings)
    if table is None:
        return None
    stated = {
        name: getattr(table, name)
        for name in (
            "vips",
            "device",
            "masquerade",
            "sysctls",
            "modules",
            "expire_nodest_conn",
            "expire_quiescent_template",
            "conn_reuse_mode",
            "keep",
        )
    }
    return Machine(
        **stated,
        vip_devices=MappingProxyType(devices),
        addresses=_addresses(table.addresses, findings),
        gateway=_gateways(table.gateway, findings),
        routes=_routes(table.routes, findings),
        sysctl=MappingProxyType(table.sysctl),
    )


def _vip_devices(
    table: MachineTable | None, vips: VipDevices, findings: Findings
) -> dict[Address, str]:
    devices: dict[Address, str] = {}
    for vip, device, path in vips:
        if device is None:
            continue
        where = (*path, "device")
        if vip is None:
            findings.error(where, "expected no device beside fwmark", at_key=True)
        elif devices.setdefault(vip, device) != device:
            findings.error(
                where,
                f"expected {devices[vip]}, which {vip} is on as stated already, not "
                f"{device}",
            )
        elif table is None and not findings.reported(("machine",)):
            findings.warning(
                where,
                "this does nothing without [machine], which has `director apply` give "
                "the VIPs to devices",
                at_key=True,
            )
    return devices


def _addresses(
    tables: list[OwnAddressTable], findings: Findings
) -> tuple[OwnAddress, ...]:
    seen: set[Address] = set()
    made = []
    for at, table in enumerate(tables):
        if table.address.ip in seen:
            findings.error(
                ("machine", "addresses", at, "address"),
                f"{table.address.ip} is stated already",
            )
        seen.add(table.address.ip)
        made.append(OwnAddress(interface=table.address, device=table.device))
    return tuple(made)


def _gateways(addresses: list[Address], findings: Findings) -> tuple[Address, ...]:
    versions: set[int] = set()
    for at, address in enumerate(addresses):
        if address.version in versions:
            findings.error(
                ("machine", "gateway", at),
                f"expected one address of IPv{address.version}: a real server has one "
                "default gateway",
            )
        versions.add(address.version)
    return tuple(addresses)


def _routes(tables: list[OwnRouteTable], findings: Findings) -> tuple[OwnRoute, ...]:
    made = []
    for at, table in enumerate(tables):
        path: Path = ("machine", "routes", at)
        if table.via is None and table.device is None:
            findings.error(path, "expected via, device or both", at_key=True)
        elif table.via is not None and table.via.version != table.to.version:
            findings.error(
                (*path, "via"),
                f"expected an IPv{table.to.version} address as the network's, not "
                f"{table.via}",
            )
        made.append(OwnRoute(to=table.to, via=table.via, device=table.device))
    return tuple(made)
