"""What a virtual service asks of its pool, to the model, with what cannot be.

Rule: what the kernel's scheduler would ignore or misread is refused with the reason.
"""

from typing import Any, Final

from monlvs.config.findings import Findings
from monlvs.config.positions import Path
from monlvs.config.spelling import BalancingTable
from monlvs.model.lvs import EntrySpec, RealServer
from monlvs.model.pool import Count, Damping, PoolPolicy, Share, WeightFrom

LARGEST_WEIGHT: Final = 65_535
"""The largest that ipvsadm(8) takes."""

_HASHING: Final = {
    "sh": "every change of a weight moves clients to other servers",
    "mh": "every change of a weight moves clients to other servers",
    "dh": "it does not share connections out by weight",
}
_WEIGHTLESS: Final = {
    "rr": "rr does not look at weights: expected wrr",
    "lc": "lc does not look at weights: expected wlc",
}
_OTHERWISE: Final = {
    "fo": "fo takes the highest weight for the first choice",
    "ovf": "ovf takes the weight for a number of connections",
}


def policy(table: BalancingTable, path: Path, findings: Findings) -> PoolPolicy:
    """Read what is asked of the pool; scheduler and options have to fit."""
    stated: dict[str, Any] = {
        word: value
        for word in ("keep_at_least", "drain", "slow_start")
        if (value := getattr(table, word)) is not None
    }
    if table.weight_from is not None:
        stated["weight_from"] = WeightFrom(table.weight_from)
    if (damping := table.damping) is not None:
        stated["damping"] = Damping(
            flaps=damping.flaps, within=damping.within, hold=damping.hold
        )
    _check_slow_start(table, path, findings)
    _check_weight_from(table, path, findings)
    return PoolPolicy(**stated)


def check_pool(
    asked: PoolPolicy,
    servers: list[EntrySpec],
    fallback: EntrySpec | None,
    path: Path,
    findings: Findings,
    *,
    whole: bool,
) -> None:
    """Note what cannot be with these servers; `whole`: all of them could be read."""
    if fallback is not None:
        _check_fallback(asked, servers, fallback.server, path, findings)
    if whole:
        _check_keep(asked, servers, path, findings)
    if asked.slow_start is None:
        return
    for spec in servers:
        if (spec.weight or 0) > LARGEST_WEIGHT:
            findings.error(
                (*path, "slow_start"),
                f"expected weights up to {LARGEST_WEIGHT} with slow_start, not "
                f"{spec.weight} ({spec.server})",
            )


def _check_slow_start(table: BalancingTable, path: Path, findings: Findings) -> None:
    if table.slow_start is None:
        return
    where = (*path, "slow_start")
    if table.slow_start.total_seconds() < 1:
        findings.error(where, "expected 1s or longer")
    scheduler = table.scheduler or "wlc"
    reason = _WEIGHTLESS.get(scheduler) or _OTHERWISE.get(scheduler)
    if scheduler in _HASHING:
        reason = f"{scheduler} hashes clients to servers, and {_HASHING[scheduler]}"
    if reason is not None:
        findings.error(
            where,
            f'no slow_start with scheduler = "{scheduler}": {reason}',
            at_key=True,
        )


def _check_weight_from(table: BalancingTable, path: Path, findings: Findings) -> None:
    scheduler = table.scheduler or "wlc"
    if table.weight_from == "check" and scheduler in (*_WEIGHTLESS, "dh"):
        findings.warning(
            (*path, "weight_from"),
            f'scheduler = "{scheduler}" knows no weights but 0 and others: of what '
            "checks report only drain and maint count",
        )


def _check_fallback(
    asked: PoolPolicy,
    servers: list[EntrySpec],
    fallback: RealServer,
    path: Path,
    findings: Findings,
) -> None:
    if any(spec.server == fallback for spec in servers):
        findings.error(
            (*path, "fallback"),
            f"{fallback} is a real server of this virtual service already",
        )
    if asked.keep_at_least is not None:
        findings.warning(
            (*path, "fallback"),
            "with keep_at_least failures never empty the pool: the fallback is in only "
            "while operators have taken out every server",
        )


def _check_keep(
    asked: PoolPolicy, servers: list[EntrySpec], path: Path, findings: Findings
) -> None:
    where = (*path, "keep_at_least")
    working = sum(spec.weight != 0 for spec in servers)
    match asked.keep_at_least:
        case Count(servers=count) if count > working:
            findings.error(
                where,
                f"expected at most {working}, the number of servers that may have "
                f"connections, not {count}",
            )
            return
        case Count(servers=count) if count == working > 1:
            pass
        case Share(percent=100):
            pass
        case _:
            return
    findings.warning(where, "no server is ever taken out: all of them are kept")
