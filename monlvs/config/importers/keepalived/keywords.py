"""Which keywords may stand in which block, and how what follows them is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from monlvs.config.importers.keepalived import values
from monlvs.config.importers.keepalived.blocks import Statement
from monlvs.config.importers.notes import Notes, Spot

Readers = Mapping[str, Callable[[values.Words], Any]]

_WEIGHT: Final = values.number(0, 2**31 - 1)
_COUNT: Final = values.number(0, 2**31 - 1)
_TIMING: Final[Readers] = {
    "delay_loop": values.timer,
    "connect_timeout": values.timer,
    "retry": _COUNT,
    "delay_before_retry": values.timer,
    "warmup": values.timer,
    "alpha": values.truth,
}
_BOTH: Final[Readers] = {
    **_TIMING,
    "lvs_method": values.method,
    "lb_kind": values.method,
    "smtp_alert": values.truth,
    "virtualhost": values.one,
    "snmp_name": values.text,
    "inhibit_on_failure": values.truth,
}
FLAGS: Final = (
    "flag-1", "flag-2", "flag-3", "sh-port", "sh-fallback", "mh-port", "mh-fallback", "ops",
)  # fmt: skip
VIRTUAL: Final[Readers] = {
    **_BOTH,
    **dict.fromkeys(FLAGS, values.nothing),
    "lvs_sched": values.one,
    "lb_algo": values.one,
    "persistence_engine": values.one,
    "persistence_timeout": values.persistence,
    "persistence_granularity": values.granularity,
    "protocol": values.protocol,
    "ha_suspend": values.nothing,
    "omega": values.nothing,
    "quorum": values.number(1, 2**31 - 1),
    "hysteresis": _COUNT,
    "quorum_up": values.script,
    "quorum_down": values.script,
    "ip_family": values.one,
    "sorry_server": values.endpoint,
    "sorry_server_inhibit": values.nothing,
    "sorry_server_lvs_method": values.method,
    "real_server": values.endpoint,
}
REAL: Final[Readers] = {
    **_BOTH,
    "weight": _WEIGHT,
    "notify_up": values.script,
    "notify_down": values.script,
    "uthreshold": values.number(0, 2**31 - 1),
    "lthreshold": values.number(0, 2**31 - 1),
}
CHECKERS: Final = (
    "HTTP_GET", "SSL_GET", "TCP_CHECK", "SMTP_CHECK", "DNS_CHECK", "MISC_CHECK",
    "BFD_CHECK", "UDP_CHECK", "PING_CHECK", "FILE_CHECK",
)  # fmt: skip
_CONNECTION: Final[Readers] = {
    "connect_ip": values.address,
    "connect_port": values.port,
    "bindto": values.address,
    "bind_to": values.address,
    "bind_if": values.one,
    "bind_port": values.port,
    "fwmark": values.mark,
}
_CHECKER: Final[Readers] = {
    **_CONNECTION,
    **_TIMING,
    "nb_get_retry": _COUNT,
    "log_all_failures": values.truth,
}
_WEB: Final[Readers] = {
    **_CHECKER,
    "http_protocol": values.one,
    "fast_recovery": values.truth,
    "virtualhost": values.one,
    "enable_sni": values.truth,
    "tls_compliant": values.truth,
    "url": values.nothing,
}
URL: Final[Readers] = {
    "path": values.one,
    "digest": values.one,
    "status_code": values.statuses,
    "virtualhost": values.one,
    "regex": values.text,
    "regex_no_match": values.nothing,
    "regex_options": values.anything,
    "regex_stack": values.anything,
    "regex_min_offset": values.anything,
    "regex_max_offset": values.anything,
    "tls_compliant": values.truth,
}
HOST: Final[Readers] = {**_CONNECTION, "connect_timeout": values.timer}
BY_CHECKER: Final[Mapping[str, Readers]] = {
    "HTTP_GET": _WEB,
    "SSL_GET": _WEB,
    "TCP_CHECK": _CHECKER,
    "SMTP_CHECK": {**_CHECKER, "helo_name": values.text, "host": values.nothing},
    "DNS_CHECK": {**_CHECKER, "type": values.one, "name": values.one},
    "MISC_CHECK": {
        **_TIMING,
        "misc_path": values.script,
        "misc_timeout": values.timer,
        "misc_dynamic": values.truth,
        "user": values.text,
        "log_all_failures": values.truth,
    },
    "BFD_CHECK": {"name": values.one, "alpha": values.truth},
    "PING_CHECK": _CHECKER,
    "UDP_CHECK": {
        **_CHECKER,
        "payload": values.text,
        "require_reply": values.anything,
        "min_reply_length": _COUNT,
        "max_reply_length": _COUNT,
    },
    "FILE_CHECK": {
        "track_file": values.one,
        "weight": values.anything,
        "dynamic": values.anything,
    },
}


@dataclass(frozen=True, slots=True)
class Stated:
    """A value, where it stands, and the block after it."""

    value: Any
    spot: Spot
    statement: Statement


Read = Mapping[str, list[Stated]]


def read_block(statements: list[Statement], readers: Readers, notes: Notes) -> Read:
    """Read the statements of a block by keyword; one that is not known is told of."""
    found: dict[str, list[Stated]] = {}
    for each in statements:
        reader = readers.get(each.keyword)
        if reader is None:
            if each.keyword not in CHECKERS:
                notes.lost(each.spot, f"{each.keyword}: no such keyword is known here")
            continue
        try:
            value = reader(each.arguments)
        except ValueError as error:
            notes.error(each.spot, f"{each.keyword}: {error}")
        else:
            found.setdefault(each.keyword, []).append(Stated(value, each.spot, each))
    return found


def latest(keyword: str, *blocks: Read) -> Stated | None:
    """Return what the first of `blocks` that has it states last."""
    for block in blocks:
        if keyword in block:
            return block[keyword][-1]
    return None
