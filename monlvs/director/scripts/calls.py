"""Settings and tables as calls of the functions in functions.sh: pure."""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from monlvs.director import spelling
from monlvs.director.machine.commands import lifetime, tunnel_words
from monlvs.director.machine.settings import (
    DeviceAddress,
    GuePort,
    LinkUp,
    Masquerade,
    Module,
    Route,
    SegmentLimit,
    Setting,
    Sysctl,
    TunnelDevice,
)
from monlvs.director.order import sorted_keys, sorted_servers
from monlvs.model.lvs import Table

_QUIET = ("net.ipv4.conf.all.arp_ignore", "net.ipv4.conf.all.arp_announce")


def calls(settings: Iterable[Setting], *, hidden: bool = False) -> Iterator[str]:
    """Spell settings; `hidden`: VIPs are those of a real server.

    What a real server does about ARP is one call, and so are the masquerades of a family.
    """
    sources: dict[str, list[Masquerade]] = {}
    for setting in settings:
        match setting:
            case Masquerade(source=source):
                family = "ip6" if source.version == 6 else "ip"
                sources.setdefault(family, []).append(setting)
            case Sysctl(name=name) if hidden and name in _QUIET:
                if name == _QUIET[0]:
                    yield "keep_quiet"
            case _:
                yield _call(setting, hidden=hidden)
    for family, rules in sources.items():
        yield _line("masquerade", family, *(str(rule.source) for rule in rules))


def table_calls(table: Table) -> Iterator[str]:
    """Spell the virtual services of a table, and their real servers."""
    for key in sorted_keys(table):
        pool = table[key]
        service = pool.service
        name = spelling.key_option(key)
        words = ["-s", service.scheduler, *spelling.persistence_words(service)]
        if (flags := spelling.printed_flags(service)) is not None:
            words += ["-b", flags]
        yield _line("virtual_service", name, " ".join(words))
        for server in sorted_servers(pool.entries):
            entry = pool.entries[server]
            where = f"{name} -r {spelling.endpoint(server.address, server.port)}"
            how = " ".join(spelling.entry_words(entry, thresholds=False))
            limits = " ".join(spelling.threshold_words(entry))
            yield _line("real_server", where, how, *([limits] if limits else []))


def _call(setting: Setting, *, hidden: bool) -> str:
    match setting:
        case Module(name=name):
            words: Sequence[str] = ("load", name)
        case Sysctl(name=name, value=value):
            words = ("set_variable", name, value)
        case TunnelDevice(device=device):
            words = ("have_device", device, tunnel_words(setting))
        case GuePort(port=port, version=version):
            words = ("open_gue", f"-{version}", str(port))
        case LinkUp(device=device):
            words = ("set_up", device)
        case DeviceAddress():
            words = _address(setting, hidden=hidden)
        case Route():
            words = _route(setting)
        case Masquerade():
            words = ("masquerade", str(setting.source))
        case SegmentLimit(address=address, size=size):
            words = ("limit_segments", str(address), str(size))
        case _:
            assert_never(setting)
    return _line(*words)


def _address(setting: DeviceAddress, *, hidden: bool) -> Sequence[str]:
    interface, more = str(setting.interface), lifetime(setting).split()
    if setting.device is None:
        return ("have_vip", interface, *more)
    verb = "hidden_vip" if hidden and setting.virtual else "have_address"
    return (verb, interface, setting.device, *more)


def _route(setting: Route) -> Sequence[str]:
    family = f"-{setting.to.version}"
    to = "default" if setting.to.prefixlen == 0 else str(setting.to)
    via = [] if setting.via is None else ["via", str(setting.via)]
    device = [] if setting.device is None else ["dev", setting.device]
    return ("have_route", family, to, " ".join([*via, *device]))


def _line(*words: str) -> str:
    return shlex.join(words)
