"""`monlvs director zero`, `timeouts` and `sync`: the kernel's settings beside its table."""

import errno
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from monlvs.cli.configuration import fail_usage
from monlvs.cli.groups import Group
from monlvs.cli.kernel import kernel_table
from monlvs.cli.traffic import json_option

if TYPE_CHECKING:
    from monlvs.model.lvs import VirtualKey
    from monlvs.model.values import Address

_U16 = click.IntRange(1, 65535)
_SECONDS = click.IntRange(0, 2**31 - 1)
_role = click.argument("role", type=click.Choice(["master", "backup"]))


@click.command(epilog="Example: monlvs director zero 192.168.1.110:80")
@click.argument("address", metavar="[VIP:PORT]", required=False)
@click.option(
    "--protocol",
    type=click.Choice(["tcp", "udp", "sctp"]),
    default="tcp",
    show_default=True,
    help="Protocol of VIP:PORT.",
)
@click.option("--fwmark", type=click.IntRange(1, 2**32 - 1), help="A firewall mark.")
@click.option("--ipv6", is_flag=True, help="The mark's service is of IPv6.")
def zero(address: str | None, protocol: str, fwmark: int | None, *, ipv6: bool) -> None:
    """Set the counters of one virtual service, or of all, to zero.

    Exit status: 0 done, 1 the kernel refuses or has no IPVS, 2 a wrong command line.
    """
    key = _key(address, protocol, fwmark, ipv6=ipv6)
    with kernel_table({errno.ESRCH: f"there is no virtual service {key}"}) as kernel:
        kernel.zero(key)


def _key(
    address: str | None, protocol: str, fwmark: int | None, *, ipv6: bool
) -> "VirtualKey | None":
    from monlvs.director.rules.operands import Names, address_and_port
    from monlvs.model.lvs import Family, Fwmark, Listener, Protocol

    if address is not None and fwmark is not None:
        fail_usage("expected either VIP:PORT or --fwmark")
    if fwmark is not None:
        return Fwmark(fwmark, Family.IPV6 if ipv6 else Family.IPV4)
    if address is None:
        return None
    kind = Protocol[protocol.upper()]
    try:
        host, port = address_and_port(address, kind, Names())
    except ValueError as error:
        fail_usage(str(error))
    return Listener(kind, host, port or 0)


@click.command(epilog="Example: monlvs director timeouts 900 120 300")
@click.argument("seconds", type=_SECONDS, nargs=-1, metavar="[TCP TCPFIN UDP]")
@json_option
def timeouts(seconds: tuple[int, ...], *, as_json: bool) -> None:
    """Print or set how many seconds an idle connection is remembered; 0: as it is.

    Exit status: 0 done, 1 the kernel refuses or has no IPVS, 2 a wrong command line.
    """
    from monlvs.director.codec import Timeouts

    if len(seconds) not in (0, 3):
        fail_usage("expected three times in seconds, or none: TCP TCPFIN UDP")
    with kernel_table() as kernel:
        if seconds:
            tcp, fin, udp = (timedelta(seconds=each) for each in seconds)
            kernel.set_timeouts(Timeouts(tcp=tcp, tcp_fin=fin, udp=udp))
        found = kernel.timeouts()
    told = {
        name: int(getattr(found, name).total_seconds())
        for name in ("tcp", "tcp_fin", "udp")
    }
    if as_json:
        click.echo(json.dumps(told))
    elif not seconds:
        click.echo(f"Timeout (tcp tcpfin udp): {' '.join(map(str, told.values()))}")


@click.group(cls=Group, epilog="Example: monlvs director sync show")
def sync() -> None:
    """Start, stop or show the daemons that tell connections to another director."""


@sync.command(epilog="Example: monlvs director sync start master --interface eth0")
@_role
@click.option("--interface", required=True, help="Device that carries the messages.")
@click.option(
    "--id",
    "sync_id",
    type=click.IntRange(0, 255),
    default=0,
    help="A backup that has one (1 to 255) hears only masters with the same.",
)
@click.option("--maxlen", type=_U16, help="Bytes of a message.")
@click.option("--group", help="Multicast group, IPv4 or IPv6; 224.0.0.81 unless set.")
@click.option("--port", type=_U16, help="UDP port; 8848 unless set.")
@click.option("--ttl", type=click.IntRange(1, 255), help="Hops; 1 unless set.")
def start(  # noqa: PLR0913  one option each
    *,
    role: str,
    interface: str,
    sync_id: int,
    maxlen: int | None,
    group: str | None,
    port: int | None,
    ttl: int | None,
) -> None:
    """Start the sync daemon of a role; both roles may run.

    Exit status: 0 done, 1 the kernel refuses or has no IPVS, 2 a wrong command line.
    """
    from monlvs.director.syncing import reasons
    from monlvs.model.sync import SyncDaemon, SyncRole

    if not (interface.isascii() and 0 < len(interface) < 16):
        fail_usage(f"expected the name of a device, not {interface!r}")
    daemon = SyncDaemon(
        role=SyncRole[role.upper()],
        interface=interface,
        sync_id=sync_id,
        max_length=maxlen or 0,
        group=_group(group),
        port=port or 0,
        ttl=ttl or 0,
    )
    with kernel_table(reasons(daemon)) as kernel:
        kernel.start_sync(daemon)


def _group(text: str | None) -> "Address | None":
    from ipaddress import ip_address

    if text is None:
        return None
    try:
        found = ip_address(text)
    except ValueError:
        found = None
    if found is None or not found.is_multicast:
        fail_usage(f"expected a multicast address, not {text!r}")
    return found


@sync.command(epilog="Example: monlvs director sync stop master")
@_role
def stop(role: str) -> None:
    """Stop the sync daemon of a role.

    Exit status: 0 done, 1 the kernel refuses or has no IPVS, 2 a wrong command line.
    """
    from monlvs.model.sync import SyncRole

    with kernel_table({errno.ESRCH: f"no {role} sync daemon runs"}) as kernel:
        kernel.stop_sync(SyncRole[role.upper()])


@sync.command(epilog="Example: monlvs director sync show --json")
@json_option
def show(*, as_json: bool) -> None:
    """Print the sync daemons that run, as `ipvsadm -L --daemon` does.

    Exit status: 0 done, 1 the kernel refuses or has no IPVS, 2 a wrong command line.
    """
    from monlvs.director import syncing

    with kernel_table() as kernel:
        found = kernel.sync_daemons()
    if as_json:
        told = [syncing.to_plain(daemon) for daemon in found]
        click.echo(json.dumps(told, indent=2))
        return
    for daemon in found:
        click.echo(syncing.show(daemon))
