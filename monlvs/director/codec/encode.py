"""Requests to IPVS: values in, bytes out.

The order of attributes is ipvsadm's, so that a recording of it compares byte for byte.
Where ipvsadm repeats a whole service to name it (with an empty scheduler), only the key
is sent: AF, PROTOCOL, ADDR and PORT, or AF and FWMARK, are all that the kernel reads
then (`ip_vs_genl_parse_service`, "If a full entry was requested").

A value that does not fit its attribute raises struct.error, OverflowError or
UnicodeError.
"""

import struct
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from monlvs.director.codec.numbers import (
    NESTED,
    VERSION,
    Command,
    CommandAttribute,
    DaemonAttribute,
    DestAttribute,
    ServiceAttribute,
)
from monlvs.model.lvs import (
    Entry,
    Fwmark,
    Listener,
    RealServer,
    ServiceFlags,
    Tunnel,
    VirtualKey,
    VirtualService,
)
from monlvs.model.sync import SyncDaemon, SyncRole

_GENL = struct.Struct("=BBH")
_U32 = struct.Struct("=HHI")
_U16 = struct.Struct("=HHHxx")
_U8 = struct.Struct("=HHBxxx")
_FLAGS = struct.Struct("=HHII")
_LISTENER = struct.Struct("=HHHxxHHHxxHH16sHH2sxx")
_FWMARK = struct.Struct("=HHHxxHHI")
_HEADER = struct.Struct("=HH")
# ADDR_FAMILY, ADDR, PORT, FWD_METHOD, WEIGHT, TUN_TYPE, TUN_PORT, TUN_FLAGS, U and L
_DEST = struct.Struct(
    "=HH HHHxx HH16s HH2sxx HHI HHi HHBxxx HH2sxx HHHxx HHI HHI".replace(" ", "")
)
_DEST_KEY = struct.Struct("=HH HHHxx HH16s HH2sxx".replace(" ", ""))
_NO_TUNNEL = Tunnel()
_ALL_FLAGS = 0xFFFFFFFF

# Names of members are looked up once: an attribute of an enum costs as much as a pack.
_DEST_HEADER = NESTED | CommandAttribute.DEST
(_ADDR, _PORT, _FWD, _WEIGHT, _UPPER, _LOWER, _FAMILY, _TUN, _TUN_PORT, _TUN_FLAGS) = (
    int(number)
    for number in (
        DestAttribute.ADDR,
        DestAttribute.PORT,
        DestAttribute.FWD_METHOD,
        DestAttribute.WEIGHT,
        DestAttribute.U_THRESH,
        DestAttribute.L_THRESH,
        DestAttribute.ADDR_FAMILY,
        DestAttribute.TUN_TYPE,
        DestAttribute.TUN_PORT,
        DestAttribute.TUN_FLAGS,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long an idle connection is remembered (ipvsadm(8), --set); 0: unchanged."""

    tcp: timedelta = timedelta(0)
    tcp_fin: timedelta = timedelta(0)
    udp: timedelta = timedelta(0)


def _header(command: Command) -> bytes:
    return _GENL.pack(command, VERSION, 0)


_NEW_DEST, _SET_DEST, _DEL_DEST, _GET_DEST = (
    _header(command)
    for command in (
        Command.NEW_DEST,
        Command.SET_DEST,
        Command.DEL_DEST,
        Command.GET_DEST,
    )
)


def _text(attribute: int, word: str) -> bytes:
    raw = word.encode("ascii") + b"\0"
    return _HEADER.pack(4 + len(raw), attribute) + raw + b"\0" * (-len(raw) % 4)


def _nested(attribute: int, body: bytes) -> bytes:
    return _HEADER.pack(4 + len(body), NESTED | attribute) + body


def _key_attributes(key: VirtualKey) -> bytes:
    match key:
        case Listener():
            return _LISTENER.pack(
                6, ServiceAttribute.AF, key.family,
                6, ServiceAttribute.PROTOCOL, key.protocol,
                20, ServiceAttribute.ADDR, key.address.packed,
                6, ServiceAttribute.PORT, key.port.to_bytes(2, "big"),
            )  # fmt: skip
        case Fwmark():
            if key.mark == 0:  # the kernel would take it for TCP 0.0.0.0:0
                raise OverflowError("a firewall mark is not 0")
            return _FWMARK.pack(
                6, ServiceAttribute.AF, key.family,
                8, ServiceAttribute.FWMARK, key.mark,
            )  # fmt: skip


@lru_cache(maxsize=4096)
def _service_key(key: VirtualKey) -> bytes:
    return _nested(CommandAttribute.SERVICE, _key_attributes(key))


def _netmask(service: VirtualService) -> bytes:
    """IPv4: the mask as it lies in memory; IPv6: the prefix length as a number."""
    if service.key.family == 2:
        prefix = 32 if service.netmask is None else service.netmask
        mask = (0xFFFFFFFF << (32 - prefix)) & 0xFFFFFFFF
        return _HEADER.pack(8, ServiceAttribute.NETMASK) + mask.to_bytes(4, "big")
    prefix = 128 if service.netmask is None else service.netmask
    return _U32.pack(8, ServiceAttribute.NETMASK, prefix)


def _whole_service(service: VirtualService) -> bytes:
    flags = service.flags & ~(ServiceFlags.PERSISTENT | ServiceFlags.HASHED)
    timeout = 0
    if service.persistence is not None:
        flags |= ServiceFlags.PERSISTENT
        timeout = int(service.persistence.total_seconds())
    body = _key_attributes(service.key)
    body += _text(ServiceAttribute.SCHED_NAME, service.scheduler)
    if service.persistence_engine:
        body += _text(ServiceAttribute.PE_NAME, service.persistence_engine)
    body += _FLAGS.pack(12, ServiceAttribute.FLAGS, flags, _ALL_FLAGS)
    body += _U32.pack(8, ServiceAttribute.TIMEOUT, timeout)
    return _nested(CommandAttribute.SERVICE, body + _netmask(service))


def new_service(service: VirtualService) -> bytes:
    """Encode `ipvsadm -A`."""
    return _header(Command.NEW_SERVICE) + _whole_service(service)


def set_service(service: VirtualService) -> bytes:
    """Encode `ipvsadm -E`."""
    return _header(Command.SET_SERVICE) + _whole_service(service)


def delete_service(key: VirtualKey) -> bytes:
    """Encode `ipvsadm -D`."""
    return _header(Command.DEL_SERVICE) + _service_key(key)


def get_service(key: VirtualKey) -> bytes:
    """Ask for one virtual service."""
    return _header(Command.GET_SERVICE) + _service_key(key)


def dump_services() -> bytes:
    """Ask for all virtual services; the message needs NLM_F_DUMP."""
    return _header(Command.GET_SERVICE)


def dump_servers(key: VirtualKey) -> bytes:
    """Ask for the real servers of `key`; the message needs NLM_F_DUMP."""
    return _GET_DEST + _service_key(key)


def _whole_entry(entry: Entry) -> bytes:
    server = entry.server
    address = server.address
    tunnel = entry.tunnel or _NO_TUNNEL
    return _DEST.pack(
        96, _DEST_HEADER,
        6, _FAMILY, 2 if address.version == 4 else 10,
        20, _ADDR, address.packed,
        6, _PORT, server.port.to_bytes(2, "big"),
        8, _FWD, entry.forwarding,
        8, _WEIGHT, entry.weight,
        5, _TUN, tunnel.type,
        6, _TUN_PORT, tunnel.port.to_bytes(2, "big"),
        6, _TUN_FLAGS, tunnel.flags,
        8, _UPPER, entry.upper,
        8, _LOWER, entry.lower,
    )  # fmt: skip


def new_server(key: VirtualKey, entry: Entry) -> bytes:
    """Encode `ipvsadm -a`."""
    return _NEW_DEST + _service_key(key) + _whole_entry(entry)


def set_server(key: VirtualKey, entry: Entry) -> bytes:
    """Encode `ipvsadm -e`."""
    return _SET_DEST + _service_key(key) + _whole_entry(entry)


def delete_server(key: VirtualKey, server: RealServer) -> bytes:
    """Encode `ipvsadm -d`."""
    address = server.address
    return (
        _DEL_DEST
        + _service_key(key)
        + _DEST_KEY.pack(
            40, _DEST_HEADER,
            6, _FAMILY, 2 if address.version == 4 else 10,
            20, _ADDR, address.packed,
            6, _PORT, server.port.to_bytes(2, "big"),
        )
    )  # fmt: skip


def flush() -> bytes:
    """Encode `ipvsadm -C`: all services, ours or not. Only ever sent when asked for."""
    return _header(Command.FLUSH)


def zero(key: VirtualKey | None = None) -> bytes:
    """Encode `ipvsadm -Z`, of one virtual service or of all."""
    return _header(Command.ZERO) + (b"" if key is None else _service_key(key))


def get_info() -> bytes:
    """Ask for the version and the size of the connection table."""
    return _header(Command.GET_INFO)


def get_timeouts() -> bytes:
    """Encode `ipvsadm -L --timeout`."""
    return _header(Command.GET_CONFIG)


def set_timeouts(timeouts: Timeouts) -> bytes:
    """Encode `ipvsadm --set`."""
    return _header(Command.SET_CONFIG) + b"".join(
        _U32.pack(8, attribute, int(value.total_seconds()))
        for attribute, value in (
            (CommandAttribute.TIMEOUT_TCP, timeouts.tcp),
            (CommandAttribute.TIMEOUT_TCP_FIN, timeouts.tcp_fin),
            (CommandAttribute.TIMEOUT_UDP, timeouts.udp),
        )
    )


def start_sync(daemon: SyncDaemon) -> bytes:
    """Encode `ipvsadm --start-daemon`; what is 0 or None is left to the kernel."""
    found = DaemonAttribute
    body = _sync_key(daemon.role, daemon.interface, daemon.sync_id)
    if daemon.max_length:
        body += _U16.pack(6, found.SYNC_MAXLEN, daemon.max_length)
    if daemon.port:  # in this machine's byte order, unlike every other port
        body += _U16.pack(6, found.MCAST_PORT, daemon.port)
    if daemon.ttl:
        body += _U8.pack(5, found.MCAST_TTL, daemon.ttl)
    if daemon.group is not None:
        four = daemon.group.version == 4
        kind = found.MCAST_GROUP if four else found.MCAST_GROUP6
        raw = daemon.group.packed
        body += _HEADER.pack(4 + len(raw), kind) + raw
    return _header(Command.NEW_DAEMON) + _nested(CommandAttribute.DAEMON, body)


def stop_sync(role: SyncRole) -> bytes:
    """Encode `ipvsadm --stop-daemon`."""
    body = _sync_key(role, "", 0)
    return _header(Command.DEL_DAEMON) + _nested(CommandAttribute.DAEMON, body)


def dump_sync() -> bytes:
    """Encode `ipvsadm -L --daemon`; the message needs NLM_F_DUMP."""
    return _header(Command.GET_DAEMON)


def _sync_key(role: SyncRole, interface: str, sync_id: int) -> bytes:
    return (
        _U32.pack(8, DaemonAttribute.STATE, role)
        + _text(DaemonAttribute.MCAST_IFN, interface)
        + _U32.pack(8, DaemonAttribute.SYNC_ID, sync_id)
    )
