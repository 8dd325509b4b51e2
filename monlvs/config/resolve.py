"""The file's shape to the model, with everything that spans several tables checked."""

from dataclasses import fields
from typing import Any

from monlvs.config.draft import Draft
from monlvs.config.findings import Findings
from monlvs.config.machines import VipDevices, machine_of
from monlvs.config.monspelling import MonTable
from monlvs.config.pairs import pair_of
from monlvs.config.positions import Path
from monlvs.config.rules import check
from monlvs.config.services import add_watch
from monlvs.config.short import add_lvs
from monlvs.config.spelling import (
    DefaultsTable,
    FileTable,
    SettingsTable,
)
from monlvs.config.timing import Defaults
from monlvs.config.virtuals import add_virtual
from monlvs.model.config import Settings
from monlvs.model.mon import Alias, MonSettings, View
from monlvs.model.watch import HostGroup


def resolve(table: FileTable, findings: Findings) -> Draft:
    """Build the model from the file's shape; what is wrong is added to `findings`."""
    draft = Draft(
        settings=_settings(table.settings, findings),
        machine=machine_of(table.machine, _vip_devices(table), findings),
        pair=pair_of(table.pair, table.machine, findings),
        mon=_mon(table.mon),
        views=tuple(
            View(name=name, groups=tuple(groups))
            for name, groups in table.views.items()
        ),
        aliases=tuple(
            Alias(name=name, lines=tuple(lines))
            for name, lines in table.aliases.items()
        ),
    )
    defaults = Defaults(
        table.defaults or DefaultsTable(),
        broken=findings.reported(("defaults",)),
        as_mon=draft.mon is not None,
    )
    _add_groups(draft, table, findings)
    for at, virtual in enumerate(table.virtual_service):
        if virtual is not None:
            add_virtual(draft, virtual, ("virtual_service", at), findings)
    for at, block in enumerate(table.lvs):
        if block is not None:
            add_lvs(draft, block, ("lvs", at), defaults, findings)
    for group, watch in table.watch.items():
        if watch is None:
            draft.broken_watches.add(group)
        else:
            add_watch(draft, group, watch, defaults, findings)
    check(draft, findings)
    return draft


def _settings(table: SettingsTable | None, findings: Findings) -> Settings:
    if table is None:
        return Settings()
    stated: dict[str, Any] = {
        field.name: value
        for field in fields(table)
        if (value := getattr(table, field.name)) is not None
    }
    for word in ("state_dir", "pid_file"):
        path = stated.get(word)
        if path is not None and (not path.startswith("/") or "\0" in path):
            findings.error(
                ("settings", word), f'expected an absolute path, not "{path}"'
            )
    return Settings(**stated)


def _vip_devices(table: FileTable) -> VipDevices:
    for at, virtual in enumerate(table.virtual_service):
        if virtual is not None:
            yield virtual.address, virtual.device, ("virtual_service", at)
    for at, block in enumerate(table.lvs):
        if block is not None:
            yield block.vip[0], block.device, ("lvs", at)


def _mon(table: MonTable | None) -> MonSettings | None:
    if table is None:
        return None
    stated: dict[str, Any] = {
        field.name: tuple(value) if isinstance(value, list) else value
        for field in fields(table)
        if (value := getattr(table, field.name)) is not None
    }
    return MonSettings(**stated)


def _add_groups(draft: Draft, table: FileTable, findings: Findings) -> None:
    for name, hosts in table.hostgroups.items():
        _add_group(draft, name, hosts, [], ("hostgroups", name), findings)
    for name, group in table.hostgroup.items():
        path: Path = ("hostgroup", name)
        if group is None:
            draft.broken_groups.add(name)
        elif name in table.hostgroups:
            findings.error(path, f"{name} is in [hostgroups] already", at_key=True)
        else:
            _add_group(draft, name, group.hosts, group.disabled, path, findings)


def _add_group(
    draft: Draft,
    name: str,
    hosts: list[str] | None,
    disabled: list[str],
    path: Path,
    findings: Findings,
) -> None:
    if hosts is None:
        draft.broken_groups.add(name)
        return
    for at, host in enumerate(hosts):
        where = (*path, at) if path[0] == "hostgroups" else (*path, "hosts", at)
        if not host or any(c.isspace() for c in host) or not host.isprintable():
            findings.error(where, f"expected a name or an address, not {host!r}")
        elif host in hosts[:at]:
            draft.refusal(findings)(where, f"{host} is in the group already")
    for at, host in enumerate(disabled):
        if host not in hosts:
            findings.error(
                (*path, "disabled", at), f"{host} is not a host of the group"
            )
    group = HostGroup(name=name, hosts=tuple(hosts), disabled=frozenset(disabled))
    draft.add_group(group, path)
