"""Directives of ldirectord that have no counterpart, and what there is instead."""

from typing import Final

from monlvs.config.importers.ldirectord.values import Stated
from monlvs.config.importers.ldirectord.words import Words
from monlvs.config.importers.notes import Notes

_INSTEAD: Final = {
    "autoreload": "autoreload: `systemctl reload monlvs` (SIGHUP) takes a changed file, "
    "or nothing of it where something is wrong",
    "callback": "callback: no program is run when the file changes",
    "execute": "execute: convert that file as well; one daemon can have all of them",
    "logfile": "logfile: each event is a line on standard error or in syslog, and "
    "`log = true` in a block appends alerts to a file",
    "maintenancedir": "maintenancedir: `monlvs disable HOST` stops checking a server, "
    "and operators' acts take it out of the table; no files are looked for",
}
_SAME: Final = {
    "fork": "fork: all checks run at once anyway",
    "supervised": "supervised: the daemon stays in the foreground anyway",
    "readdquiescent": "readdquiescent: with on_failure = quiesce a failing server's "
    "entry is kept with weight 0",
}
_LOST: Final = frozenset(("callback", "maintenancedir"))


def about_daemon(shared: dict[str, list[Stated]], notes: Notes) -> None:
    """Note what is said of the daemon and is otherwise with monlvs."""
    for word, told in (_INSTEAD | _SAME).items():
        for stated in shared.get(word, ()):
            if stated.value is False:
                continue  # it is switched off there, too
            note = notes.lost if word in _LOST else notes.changed
            note(stated.spot, told)
    _about_cleanstop(shared, notes)
    for stated in shared.get("fallbackcommand", ()):
        _about_command(stated, notes)


def about_service(words: Words) -> None:
    """Note the same of one virtual service."""
    notes = words.notes
    for stated in words.own.get("fallbackcommand", ()):
        _about_command(stated, notes)
    for stated in words.own.get("monitorfile", ()):
        notes.changed(
            stated.spot,
            "monitorfile: the journal has every event; `log` in a block appends alerts "
            "to a file",
        )
    for stated in words.own.get("load", ()):
        notes.lost(stated.spot, "load: ldirectord itself does nothing with it")
    _about_cleanstop(words.own, notes)


def _about_command(stated: Stated, notes: Notes) -> None:
    notes.lost(
        stated.spot,
        "fallbackcommand: no program is run when the last server of a pool goes; "
        "`fallback` puts a server in, and alerts of each service can run programs",
    )


def _about_cleanstop(where: dict[str, list[Stated]], notes: Notes) -> None:
    for stated in where.get("cleanstop", ()):
        if stated.value:
            notes.changed(
                stated.spot,
                "cleanstop: the table stays when the daemon stops; `monlvs director "
                "clear` takes out what it has put in",
            )
