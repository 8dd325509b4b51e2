"""Sync daemons in print, as `ipvsadm -L --daemon` has them, and for programs."""

from typing import Any

from monlvs.model.sync import SyncDaemon


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
