"""global_defs of a keepalived.conf: who gets mail, and what is keepalived's own business."""

import re
from dataclasses import dataclass
from typing import Any, Final

from monlvs import plugins
from monlvs.config.importers.blueprint import Telling
from monlvs.config.importers.fitting import complaint
from monlvs.config.importers.keepalived import values
from monlvs.config.importers.keepalived.blocks import Statement
from monlvs.config.importers.keepalived.keywords import (
    Read,
    Readers,
    latest,
    read_block,
)
from monlvs.config.importers.notes import Notes
from monlvs.config.tomltext import duration

_NAMED: Final = re.compile(r".*<([^<>]+)>\s*")
_KEYWORDS: Final[Readers] = {
    "notification_email": values.anything,
    "notification_email_from": values.text,
    "smtp_server": values.anything,
    "smtp_connect_timeout": values.timer,
    "smtp_helo_name": values.text,
    "smtp_alert": values.truth,
    "smtp_alert_checker": values.truth,
    "no_checker_emails": values.truth,
    "router_id": values.text,
    "lvs_timeouts": values.anything,
    "lvs_sync_daemon": values.text,
    "lvs_flush": values.anything,
    "lvs_flush_on_stop": values.anything,
    "script_user": values.text,
    "checker_log_all_failures": values.truth,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What all virtual servers have in common."""

    telling: Telling | None = None
    mails: bool = True
    """Whether a real server that says nothing of it is told of."""


def defaults(blocks: list[Statement], notes: Notes) -> Defaults:
    """Read all `global_defs`."""
    known = [each for block in blocks for each in block.inner()]
    ours = [each for each in known if each.keyword in _KEYWORDS]
    for block in blocks:
        others = [e.keyword for e in block.inner() if e.keyword not in _KEYWORDS]
        if others:
            told = ", ".join(dict.fromkeys(others))
            notes.left(block.spot, f"global_defs: {told}")
    read = read_block(ours, _KEYWORDS, notes)
    _about_table(read, notes)
    stated = latest("smtp_alert_checker", read) or latest("smtp_alert", read)
    return Defaults(
        telling=_telling(read, notes),
        mails=True if stated is None else bool(stated.value),
    )


def _telling(read: Read, notes: Notes) -> Telling | None:
    asked = read.get("notification_email", [])
    to = [
        _bare(word)
        for stated in asked
        for each in stated.statement.inner()
        for word in each.words
    ]
    if not to:
        return None
    server = latest("smtp_server", read)
    if server is None:
        notes.changed(
            asked[0].spot,
            "notification_email without smtp_server: keepalived sends no mail; state "
            "`mail` in the blocks for mail through the local sendmail",
        )
        return None
    mail: dict[str, Any] = {"to": list(dict.fromkeys(to))}
    if (sender := latest("notification_email_from", read)) is not None:
        mail["sender"] = _bare(sender.value)
    if (router := latest("router_id", read)) is not None:
        mail["prefix"] = f"[{router.value}]"
    mail["server"] = _server(server.value)
    limit = latest("smtp_connect_timeout", read)
    if limit is not None and limit.value:
        mail["timeout"] = duration(limit.value)
    if (wrong := complaint(plugins.alerts(), "mail", mail)) is not None:
        notes.error(asked[0].spot, f"mail: {wrong}")
        return None
    return Telling(mail=mail)


def _server(words: values.Words) -> str:
    """Spell HOST [PORT] as the mail alert does."""
    host = words[0] if words else ""
    if ":" in host:
        host = f"[{host}]"
    return f"{host}:{words[1]}" if len(words) > 1 else host


def _bare(address: str) -> str:
    """Leave out the name of `NAME <ADDRESS>`."""
    found = _NAMED.fullmatch(address)
    return found[1] if found else address


def _about_table(read: Read, notes: Notes) -> None:
    if (timeouts := latest("lvs_timeouts", read)) is not None:
        notes.lost(
            timeouts.spot,
            f"lvs_timeouts {' '.join(timeouts.value)}: `monlvs director timeouts` sets "
            "them",
        )
    if (daemon := latest("lvs_sync_daemon", read)) is not None:
        notes.left(
            daemon.spot,
            "lvs_sync_daemon: keepalived can keep it beside VRRP, or `monlvs director "
            "sync start` starts it",
        )
    for word in ("lvs_flush", "lvs_flush_on_stop"):
        if (flush := latest(word, read)) is not None:
            notes.changed(
                flush.spot,
                f"{word}: the table is adopted at the start and stays at the stop; "
                "`monlvs director clear` empties it of what monlvs has put in",
            )
