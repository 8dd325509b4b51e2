"""Sync daemons: which are to run, and in print, as `ipvsadm -L --daemon` has them."""

import errno
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from monlvs.model.pair import Role, Sync, SyncRoles
from monlvs.model.sync import SyncDaemon, SyncRole


@dataclass(frozen=True, slots=True)
class Start:
    """A daemon is to be started."""

    daemon: SyncDaemon


@dataclass(frozen=True, slots=True)
class Stop:
    """A daemon is to be stopped."""

    role: SyncRole


Step: TypeAlias = Start | Stop


def wanted(sync: Sync, role: Role | None) -> tuple[SyncDaemon, ...]:
    """Say which daemons are to run on a director that has `role`, if any is known."""
    if sync.roles is SyncRoles.BOTH:
        roles = tuple(SyncRole)
    elif role is Role.MASTER:
        roles = (SyncRole.MASTER,)
    else:
        roles = (SyncRole.BACKUP,)
    return tuple(
        SyncDaemon(
            role=each,
            interface=sync.device,
            sync_id=sync.sync_id,
            group=sync.group,
            port=sync.port,
            ttl=sync.ttl,
        )
        for each in roles
    )


def steps(
    running: Iterable[SyncDaemon], wanted: Iterable[SyncDaemon]
) -> tuple[Step, ...]:
    """Return what makes `running` daemons the `wanted` ones; stops come first."""
    there = {each.role: each for each in running}
    asked = {each.role: each for each in wanted}
    right = {
        role
        for role in there.keys() & asked.keys()
        if _is_as_asked(there[role], asked[role])
    }
    return (
        *(Stop(role) for role in there if role not in right),
        *(Start(each) for role, each in asked.items() if role not in right),
    )


def reasons(daemon: SyncDaemon) -> Mapping[int, str]:
    """Say what the kernel's refusals to start `daemon` mean, by errno."""
    return {
        errno.EEXIST: f"a {daemon.role.name.lower()} sync daemon runs already",
        errno.ENODEV: f"there is no device {daemon.interface}",
        errno.ENETUNREACH: f"the device {daemon.interface} is down",
        errno.EINVAL: "the kernel takes these settings for invalid; it also refuses a "
        "sync daemon while a real server is of another address family than its virtual "
        "service",
    }


def _is_as_asked(there: SyncDaemon, asked: SyncDaemon) -> bool:
    """What is not stated is the kernel's to choose."""
    return all(there_is == stated for there_is, stated in _stated(there, asked))


def _stated(there: SyncDaemon, asked: SyncDaemon) -> Iterator[tuple[object, object]]:
    yield there.interface, asked.interface
    yield there.sync_id, asked.sync_id
    for name in ("group", "port", "ttl"):
        if stated := getattr(asked, name):
            yield getattr(there, name), stated


def show(daemon: SyncDaemon) -> str:
    """Print one line."""
    return (
        f"{daemon.role.name.lower()} sync daemon (mcast={daemon.interface}, "
        f"syncid={daemon.sync_id}, maxlen={daemon.max_length}, group={daemon.group}, "
        f"port={daemon.port}, ttl={daemon.ttl})"
    )


def to_plain(daemon: SyncDaemon) -> dict[str, Any]:
    """Tell one as scalars; None for what is left to the kernel."""
    return {
        "role": daemon.role.name.lower(),
        "interface": daemon.interface,
        "sync_id": daemon.sync_id,
        "max_length": daemon.max_length or None,
        "group": None if daemon.group is None else str(daemon.group),
        "port": daemon.port or None,
        "ttl": daemon.ttl or None,
    }
