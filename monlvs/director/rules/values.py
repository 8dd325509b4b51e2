"""Virtual services, real servers, timeouts and sync daemons out of command lines.

Raises CommandLineError where ipvsadm or the kernel would refuse, at the word at fault.
"""

from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Address, ip_address
from typing import Final, TypeVar

from monlvs.director.canonical import canonical_entry, canonical_service
from monlvs.director.codec import Timeouts
from monlvs.director.rules import operands
from monlvs.director.rules.commandline import CommandLine, CommandLineError, Verb
from monlvs.director.rules.operands import LARGEST, Names
from monlvs.director.rules.shell import Word
from monlvs.model.lvs import (
    Entry,
    Family,
    Forwarding,
    Fwmark,
    Listener,
    Protocol,
    RealServer,
    ServiceFlags,
    Tunnel,
    TunnelFlags,
    TunnelType,
    VirtualKey,
    VirtualService,
)
from monlvs.model.sync import SyncDaemon, SyncRole
from monlvs.model.values import Address

T = TypeVar("T")

_PROTOCOLS: Final = {
    "-t": Protocol.TCP,
    "-u": Protocol.UDP,
    "--sctp-service": Protocol.SCTP,
}
_METHODS: Final = {
    "-g": Forwarding.ROUTE,
    "-i": Forwarding.TUNNEL,
    "-m": Forwarding.MASQ,
}
_KEY: Final = frozenset((*_PROTOCOLS, "-f", "-6"))
_SERVICE: Final = _KEY | {"-s", "-p", "-M", "-b", "-o", "--pe"}
_TUNNEL: Final = frozenset(("--tun-type", "--tun-port", *operands.CHECKSUMS))
_SERVER: Final = _KEY | _TUNNEL | {"-r", *_METHODS, "-w", "-x", "-y"}
_SYNC: Final = frozenset(
    (
        *("--mcast-interface", "--syncid", "--sync-maxlen"),
        *("--mcast-group", "--mcast-port", "--mcast-ttl"),
    )
)
_ALLOWED: Final = {
    Verb.ADD_SERVICE: _SERVICE,
    Verb.EDIT_SERVICE: _SERVICE,
    Verb.DELETE_SERVICE: _KEY,
    Verb.ADD_SERVER: _SERVER,
    Verb.EDIT_SERVER: _SERVER,
    Verb.DELETE_SERVER: _KEY | {"-r"},
    Verb.START_DAEMON: _SYNC | {"--start-daemon"},
    Verb.STOP_DAEMON: _SYNC | {"--stop-daemon"},
}
_BROADCAST: Final = IPv4Address("255.255.255.255")


def check_options(line: CommandLine) -> None:
    """Refuse options that have no business with the command."""
    allowed = _ALLOWED.get(line.verb)
    if allowed is None:
        return
    if line.of_1999:
        allowed = _SERVICE | _SERVER
    for name, word in line.options.items():
        if name not in allowed:
            raise CommandLineError(f"{name} is not for {line.verb.value}", word)


def key_of(line: CommandLine, names: Names) -> VirtualKey:
    """Read which virtual service is meant."""
    stated = [name for name in (*_PROTOCOLS, "-f") if name in line.options]
    if len(stated) != 1:
        raise CommandLineError(
            "expected one of -t, -u, --sctp-service and -f to name the virtual service",
            line.options[stated[1]] if stated else line.place,
        )
    word = line.options[stated[0]]
    if stated[0] == "-f":
        family = Family.IPV6 if "-6" in line.options else Family.IPV4
        return Fwmark(_read(word, operands.fwmark), family)
    protocol = _PROTOCOLS[stated[0]]
    address, port = _read(
        word, lambda text: operands.address_and_port(text, protocol, names)
    )
    return Listener(protocol, address, port or 0)


def service_of(line: CommandLine, key: VirtualKey) -> VirtualService:
    """Read a virtual service, with ipvsadm's defaults."""
    options = line.options
    scheduler = _read(options["-s"], operands.module) if "-s" in options else "wlc"
    engine = _read(options["--pe"], operands.module) if "--pe" in options else None
    flags = ServiceFlags.NONE
    if "-b" in options:
        flags = _read(
            options["-b"], lambda text: operands.scheduler_flags(text, scheduler)
        )
    if "-o" in options:
        flags |= ServiceFlags.ONE_PACKET
        if isinstance(key, Listener) and key.protocol is not Protocol.UDP:
            raise CommandLineError("-o (one packet) is for UDP only", options["-o"])
    netmask = None
    if "-M" in options:
        family = key.family
        netmask = _read(options["-M"], lambda text: operands.netmask(text, family))
    persistence = _persistence(options.get("-p"))
    if persistence is None and isinstance(key, Listener) and key.port == 0:
        raise CommandLineError("port 0 (every port) needs persistence (-p)", line.place)
    return canonical_service(
        VirtualService(
            key=key,
            scheduler=scheduler,
            flags=flags,
            persistence=persistence,
            netmask=netmask,
            persistence_engine=engine,
        )
    )


def _persistence(word: Word | None) -> timedelta | None:
    if word is None:
        return None
    if not word.text:
        return operands.DEFAULT_PERSISTENCE
    return timedelta(
        seconds=_read(word, lambda text: operands.number(text, 1, LARGEST))
    )


def server_of(line: CommandLine, key: VirtualKey, names: Names) -> RealServer:
    """Read which real server is meant; without a port it has the virtual service's."""
    word = line.options.get("-r")
    if word is None:
        raise CommandLineError("expected -r to name the real server", line.place)
    address, port = stated_server(word, key, names)
    _check_address(address, word)
    if port is None:
        port = key.port if isinstance(key, Listener) else 0
    return RealServer(address, port)


def stated_server(
    word: Word, key: VirtualKey, names: Names
) -> tuple[Address, int | None]:
    """Read a real server's address, and its port if there is one."""
    protocol = key.protocol if isinstance(key, Listener) else Protocol.TCP
    return _read(word, lambda text: operands.address_and_port(text, protocol, names))


def entry_of(
    line: CommandLine, key: VirtualKey, server: RealServer, usual: Forwarding
) -> Entry:
    """Read a real server's entry; `usual` is the method where none is stated."""
    options = line.options
    methods = [name for name in _METHODS if name in options]
    if len(methods) > 1:
        raise CommandLineError("more than one forwarding method", options[methods[1]])
    method = _METHODS[methods[0]] if methods else usual
    if method is not Forwarding.TUNNEL and server.address.version != _version(key):
        raise CommandLineError(
            f"expected an IPv{_version(key)} address like the virtual service's: only "
            "tunnels (-i) carry another family",
            options["-r"],
        )
    upper, lower = _number(line, "-x", 0), _number(line, "-y", 0)
    if lower > upper:
        raise CommandLineError(
            f"expected the lower threshold to be {upper} or less, not {lower}",
            options["-y"],
        )
    return canonical_entry(
        Entry(
            server=server,
            forwarding=method,
            weight=_number(line, "-w", 1),
            upper=upper,
            lower=lower,
            tunnel=_tunnel(line, method),
        )
    )


def _version(key: VirtualKey) -> int:
    return 4 if key.family is Family.IPV4 else 6


def _number(line: CommandLine, name: str, default: int, largest: int = LARGEST) -> int:
    word = line.options.get(name)
    if word is None:
        return default
    return _read(word, lambda text: operands.number(text, 0, largest))


def _tunnel(line: CommandLine, method: Forwarding) -> Tunnel | None:
    options = line.options
    stated = [name for name in options if name in _TUNNEL]
    if method is not Forwarding.TUNNEL:
        if stated:
            raise CommandLineError(f"{stated[0]} is for -i", options[stated[0]])
        return None
    word = options.get("--tun-type")
    kinds = {kind.name.lower(): kind for kind in TunnelType}
    if word is not None and word.text not in kinds:
        raise CommandLineError(f"expected {', '.join(kinds)}, not {word.text!r}", word)
    kind = TunnelType.IPIP if word is None else kinds[word.text]
    for name in stated:
        if name not in _TAKEN_BY[kind]:
            told = kind.name.lower()
            raise CommandLineError(
                f"{name} is not for --tun-type {told}", options[name]
            )
    if kind is TunnelType.GUE and "--tun-port" not in options:
        raise CommandLineError("--tun-type gue needs --tun-port", options["--tun-type"])
    checksums = [name for name in operands.CHECKSUMS if name in options]
    if len(checksums) > 1:
        raise CommandLineError("more than one checksum mode", options[checksums[1]])
    return Tunnel(
        type=kind,
        port=_tunnel_port(line),
        flags=operands.CHECKSUMS[checksums[0]] if checksums else TunnelFlags.NOCSUM,
    )


_TAKEN_BY: Final = {
    TunnelType.IPIP: frozenset(("--tun-type",)),
    TunnelType.GRE: frozenset(("--tun-type", "--tun-nocsum", "--tun-csum")),
    TunnelType.GUE: _TUNNEL,
}


def _tunnel_port(line: CommandLine) -> int:
    word = line.options.get("--tun-port")
    if word is None:
        return 0
    return _read(word, lambda text: operands.number(text, 1, 65535))


def _check_address(address: Address, word: Word) -> None:
    if address.is_multicast or address.is_unspecified or address == _BROADCAST:
        raise CommandLineError(f"{address} is no real server's address", word)


def timeouts_of(line: CommandLine) -> Timeouts:
    """Read the three numbers of --set."""
    if len(line.operands) != 3:
        raise CommandLineError("--set takes three times in seconds", line.place)
    tcp, fin, udp = (
        timedelta(seconds=_read(word, lambda text: operands.number(text, 0, LARGEST)))
        for word in line.operands
    )
    return Timeouts(tcp=tcp, tcp_fin=fin, udp=udp)


def role_of(line: CommandLine) -> SyncRole:
    """Read which sync daemon is meant."""
    word = line.options[line.verb.value]
    roles = {role.name.lower(): role for role in SyncRole}
    if word.text not in roles:
        raise CommandLineError(f"expected master or backup, not {word.text!r}", word)
    return roles[word.text]


def daemon_of(line: CommandLine) -> SyncDaemon:
    """Read --start-daemon."""
    device = line.options.get("--mcast-interface")
    group = line.options.get("--mcast-group")
    return SyncDaemon(
        role=role_of(line),
        interface="eth0" if device is None else device.text,
        sync_id=_number(line, "--syncid", 0, 255),
        max_length=_number(line, "--sync-maxlen", 0, 65535),
        group=None if group is None else _read(group, ip_address),
        port=_number(line, "--mcast-port", 0, 65535),
        ttl=_number(line, "--mcast-ttl", 0, 255),
    )


def _read(word: Word, reader: Callable[[str], T]) -> T:
    try:
        return reader(word.text)
    except ValueError as error:
        raise CommandLineError(str(error), word) from None
