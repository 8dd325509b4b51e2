"""Settings as the commands of ip(8), sysctl(8), modprobe(8), nft(8) and iptables(8).

For people to read and for scripts; every command is one line of sh.
"""

import shlex
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, assert_never

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
from monlvs.model.lvs import TunnelType


class Rules(StrEnum):
    """The program that writes the kernel's rules about packets."""

    NFT = "nft"
    IPTABLES = "iptables"
    IPTABLES_LEGACY = "iptables-legacy"


NFT_TABLE: Final = "monlvs"
"""Table of nftables, in the families ip and ip6, that holds monlvs's rules."""
NFT_CHAIN: Final = "postrouting"
NFT_SEGMENTS: Final = "lvs_mss"
"""Begins the name of a table of nftables that limits one address's segments."""
_LOCK_SECONDS: Final = 10
_ANY_DEVICE: Final = "$DEVICE"


def making(setting: Setting, rules: Rules = Rules.NFT) -> str:
    """Spell what makes it so on a machine that does not have it.

    A DeviceAddress without a device is spelled with $DEVICE. An nft rule goes into
    a chain that `nft_chain` makes.
    """
    match setting:
        case Module(name=name):
            line = f"modprobe {name}"
        case Sysctl(name=name, value=value):
            line = _sysctl(name, value)
        case TunnelDevice():
            line = f"ip link add {setting.device} {tunnel_words(setting)}"
        case GuePort():
            line = f"{_ip_fou('add', setting)} gue"
        case LinkUp(device=device):
            line = f"ip link set {device} up"
        case DeviceAddress():
            line = f"ip address add {_address(setting)}{lifetime(setting)}"
        case Route():
            line = f"ip{_six(setting.to.version)} route replace {_route(setting)}"
        case Masquerade():
            line = masquerading(setting, rules, add=True)
        case SegmentLimit():
            line = _limiting(setting, rules, add=True)
        case _:
            assert_never(setting)
    return line


def unmaking(
    setting: Setting, before: str | None = None, rules: Rules = Rules.NFT
) -> str | None:
    """Spell what undoes it; None: nothing does.

    `before` is the value that a variable had, or the route that was replaced, as
    ip-route(8) tells it. A module stays: others may use it by now.
    """
    line: str | None
    match setting:
        case Module():
            line = None
        case Sysctl(name=name):
            line = None if before is None else _sysctl(name, before)
        case TunnelDevice(device=device):
            line = f"ip link delete {device}"
        case GuePort():
            line = _ip_fou("del", setting)
        case LinkUp(device=device):
            line = f"ip link set {device} down"
        case DeviceAddress():
            line = f"ip address del {_address(setting)}"
        case Route():
            verb = "del" if before is None else "replace"
            told = _route(setting) if before is None else before
            line = f"ip{_six(setting.to.version)} route {verb} {told}"
        case Masquerade():
            line = masquerading(setting, rules, add=False)
        case SegmentLimit():
            line = _limiting(setting, rules, add=False)
        case _:
            assert_never(setting)
    return line


def masquerading(setting: Masquerade, rules: Rules, *, add: bool) -> str:
    """Spell the rule for `rules`; one of nft's is deleted with its whole table."""
    six = setting.source.version == 6
    if rules is Rules.NFT:
        family = "ip6" if six else "ip"
        if not add:
            return f"nft delete table {family} {NFT_TABLE}"
        leaving = "" if setting.device is None else f'oifname "{setting.device}" '
        rule = f"{family} saddr {setting.source} {leaving}masquerade"
        return f"nft add rule {family} {NFT_TABLE} {NFT_CHAIN} '{rule}'"
    program = rules.value.replace("ip", "ip6", 1) if six else rules.value
    verb = "-A" if add else "-D"
    return f"{program} -t nat {verb} {' '.join(iptables_rule(setting))}"


def iptables_rule(setting: Masquerade) -> Sequence[str]:
    """Spell the rule after -A, -C or -D."""
    leaving = [] if setting.device is None else ["-o", setting.device]
    source = ["-s", str(setting.source)]
    return ["POSTROUTING", *source, *leaving, "-j", "MASQUERADE"]


def segment_rule(setting: SegmentLimit) -> str:
    """Spell iptables' rule after -A or -D, as iptables-save(8) tells it."""
    prefix = 128 if setting.address.version == 6 else 32
    return (
        f"OUTPUT -s {setting.address}/{prefix} -p tcp -m tcp --tcp-flags SYN,RST SYN "
        f"-j TCPMSS --set-mss {setting.size}"
    )


def _limiting(setting: SegmentLimit, rules: Rules, *, add: bool) -> str:
    """Spell the rule for `rules`; with nft it has a table to itself, so that it can be
    deleted by a name."""
    six = setting.address.version == 6
    if rules is not Rules.NFT:
        program = rules.value.replace("ip", "ip6", 1) if six else rules.value
        verb = "-A" if add else "-D"
        return f"{program} -w {_LOCK_SECONDS} -t mangle {verb} {segment_rule(setting)}"
    family = "ip6" if six else "ip"
    table = f"{family} {NFT_SEGMENTS}_{str(setting.address).replace(':', '_')}"
    if not add:
        return f"nft delete table {table}"
    hook = "type filter hook output priority -150 ;"
    lines = (
        f"add table {table}",
        f"add chain {table} output {{ {hook} }}",
        f"add rule {table} output {family} saddr {setting.address} "
        f"tcp flags & (syn | rst) == syn tcp option maxseg size set {setting.size}",
    )
    return f"nft '{'; '.join(lines)}'"


def nft_chain(version: int) -> tuple[str, ...]:
    """Spell what makes the chain of nft's rules; harmless where it is."""
    family = "ip6" if version == 6 else "ip"
    hook = "type nat hook postrouting priority 100 ;"
    return (
        f"nft add table {family} {NFT_TABLE}",
        f"nft add chain {family} {NFT_TABLE} {NFT_CHAIN} '{{ {hook} }}'",
    )


def _sysctl(name: str, value: str) -> str:
    return f"sysctl -q -w {shlex.quote(f'{name}={value}')}"


def _address(setting: DeviceAddress) -> str:
    return f"{setting.interface} dev {setting.device or _ANY_DEVICE}"


def lifetime(setting: DeviceAddress) -> str:
    """IPv6 waits a second for others who have the address, and may choose any address
    as source unless it is deprecated (RFC 6724, rule 3)."""
    if setting.interface.version == 4:
        return ""
    return " nodad preferred_lft 0" if setting.virtual else " nodad"


def _route(setting: Route) -> str:
    via = "" if setting.via is None else f" via {setting.via}"
    device = "" if setting.device is None else f" dev {setting.device}"
    return f"{setting.to}{via}{device}"


def tunnel_words(setting: TunnelDevice) -> str:
    """Spell what follows the device's name in `ip link add`."""
    ends = "".join(
        f" {word} {address}"
        for word, address in (("local", setting.local), ("remote", setting.remote))
        if address is not None
    )
    six = setting.local is not None and setting.local.version == 6
    match setting.type:
        case TunnelType.GRE:
            kind = "ip6gre" if six else "gre"
            ends += " csum" if setting.checksum else ""
        case TunnelType.IPIP | TunnelType.GUE:  # GUE hands on what ipip takes
            kind = "ip6tnl mode any" if six else "ipip"
        case _:
            assert_never(setting.type)
    return f"type {kind}{ends}"


def _ip_fou(verb: str, setting: GuePort) -> str:
    return f"ip{_six(setting.version)} fou {verb} port {setting.port}"


def _six(version: int) -> str:
    return " -6" if version == 6 else ""
