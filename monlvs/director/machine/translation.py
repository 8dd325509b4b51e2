"""Rules that translate what real servers send: nftables, else iptables.

Rule: with nftables they stand in a table of our own, each with a comment that it is
known by; iptables is asked for the rule itself, whoever made it.
"""

import json
import os
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from monlvs.director.machine.commands import (
    NFT_CHAIN,
    NFT_TABLE,
    Rules,
    iptables_rule,
    nft_chain,
)
from monlvs.director.machine.programs import ProgramError, run
from monlvs.director.machine.settings import Masquerade

_LOCK_SECONDS: Final = "10"


def program() -> Rules | None:
    """Find the program that the kernel has the parts for; None: it has none.

    nft where a table can be made in its family `ip` (it is not, only checked).
    """
    try:
        run(["nft", "--check", "add", "table", "ip", NFT_TABLE])
    except ProgramError as error:
        attempts = _without_nft(there=not error.missing)
    else:
        return Rules.NFT
    for rules in attempts:
        if _runs([_saving(rules), "-t", "nat"]):
            return rules
    if os.geteuid() == 0:
        return None
    # Who may not have modules loaded is told of what root would take.
    return next((each for each in attempts if _runs([each.value, "-V"])), None)


def _runs(argv: Sequence[str]) -> bool:
    try:
        run(argv)
    except ProgramError:
        return False
    return True


def _without_nft(*, there: bool) -> tuple[Rules, ...]:
    """List what may do where nft does not.

    iptables may be the one that writes nftables, as its version tells (iptables-nft(8)).
    It lists rules even where the kernel would take none, as it has just told nft.
    """
    try:
        writes_nftables = "nf_tables" in run(["iptables", "-V"])
    except ProgramError:
        writes_nftables = True
    if writes_nftables and there:
        return (Rules.IPTABLES_LEGACY,)
    return (Rules.IPTABLES, Rules.IPTABLES_LEGACY)


def present(wanted: Collection[Masquerade], rules: Rules) -> frozenset[Masquerade]:
    """Tell which of the rules are there."""
    if rules is Rules.NFT:
        told = {version: _comments(version) for version in _versions(wanted)}
        return frozenset(
            each for each in wanted if _comment(each) in told[each.source.version]
        )
    listed = {version: _listed(version, rules) for version in _versions(wanted)}
    return frozenset(
        each
        for each in wanted
        if " ".join(iptables_rule(each)) in listed[each.source.version]
    )


def add(rule: Masquerade, rules: Rules) -> None:
    """Make the rule. Raises ProgramError."""
    if rules is not Rules.NFT:
        run([_iptables(rule, rules), *_NAT, "-A", *iptables_rule(rule)])
        return
    version = rule.source.version
    family = _family(version)
    leaving = "" if rule.device is None else f'oifname "{rule.device}" '
    lines = [line.removeprefix("nft ").replace("'", "") for line in nft_chain(version)]
    lines.append(
        f"add rule {family} {NFT_TABLE} {NFT_CHAIN} {family} saddr {rule.source} "
        f'{leaving}masquerade comment "{_comment(rule)}"'
    )
    run(["nft", "-f", "-"], stdin="\n".join([*lines, ""]))


def remove(rule: Masquerade, rules: Rules) -> None:
    """Delete the rule, and our table with its last one. Raises ProgramError."""
    if rules is not Rules.NFT:
        run([_iptables(rule, rules), *_NAT, "-D", *iptables_rule(rule)])
        return
    version = rule.source.version
    chain = [_family(version), NFT_TABLE, NFT_CHAIN]
    known = _rules(version)
    for each in known:
        if each.get("comment") == _comment(rule):
            run(["nft", "delete", "rule", *chain, "handle", str(each["handle"])])
    if all(each.get("comment") == _comment(rule) for each in known):
        run(["nft", "delete", "table", *chain[:2]])


_NAT: Final = ("-w", _LOCK_SECONDS, "-t", "nat")


def _versions(rules: Iterable[Masquerade]) -> set[int]:
    return {each.source.version for each in rules}


def _family(version: int) -> str:
    return "ip6" if version == 6 else "ip"


def _comment(rule: Masquerade) -> str:
    return f"{rule.source} {rule.device or 'any device'}"


def _comments(version: int) -> frozenset[str]:
    return frozenset(str(each.get("comment")) for each in _rules(version))


def _rules(version: int) -> list[dict[str, Any]]:
    """List our chain's rules; without the chain there are none."""
    chain = [_family(version), NFT_TABLE, NFT_CHAIN]
    try:
        told = json.loads(run(["nft", "-j", "list", "chain", *chain]))
    except (ProgramError, ValueError):
        return []
    return [each["rule"] for each in told.get("nftables", ()) if "rule" in each]


def _listed(version: int, rules: Rules) -> frozenset[str]:
    """List rules as they are spelled after -A. It takes no lock, as -C does, which only
    root can have."""
    try:
        told = run([_saving(rules, version), "-t", "nat"])
    except ProgramError:
        return frozenset()
    return frozenset(line.removeprefix("-A ") for line in told.splitlines())


def _saving(rules: Rules, version: int = 4) -> str:
    return f"{rules.value if version == 4 else _six(rules)}-save"


def _six(rules: Rules) -> str:
    return rules.value.replace("ip", "ip6", 1)


def _iptables(rule: Masquerade, rules: Rules) -> str:
    return rules.value if rule.source.version == 4 else _six(rules)
