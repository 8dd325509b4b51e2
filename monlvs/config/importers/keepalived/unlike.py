"""Keywords of virtual servers that have no counterpart, and what there is instead."""

from typing import Final

from monlvs.config.importers.keepalived.keywords import Read, latest
from monlvs.config.importers.notes import Notes

_LOST: Final = {
    "quorum_up": "quorum_up: no program is run when a pool has enough servers again; "
    "alerts of each real server's services can run programs",
    "quorum_down": "quorum_down: no program is run when a pool has too few servers; "
    "alerts of each real server's services can run programs",
    "ha_suspend": "ha_suspend: checks go on while the director does not have the "
    "address, so that its table is true when it gets it",
    "sorry_server_inhibit": "sorry_server_inhibit: the fallback is not in the table "
    "while there are servers",
}
_CHANGED: Final = {
    "alpha": "alpha: a real server that is not in the table comes in at its first "
    "success; one that is there stays until a check fails",
    "omega": "omega: nothing is run at a stop, and the table stays as it is",
    "warmup": "warmup: first checks are spread over the interval (`spread` in "
    "[settings])",
    "hysteresis": "hysteresis: `rise`, `fall` and `damping` keep a server that comes "
    "and goes out of the way",
}


def about_virtual(read: Read, notes: Notes) -> None:
    """Note what is otherwise with a virtual server."""
    for word, told in _LOST.items():
        if (stated := latest(word, read)) is not None:
            notes.lost(stated.spot, told)
    for word, told in _CHANGED.items():
        if (stated := latest(word, read)) is not None:
            notes.changed(stated.spot, told)
    quorum = latest("quorum", read)
    if quorum is None or quorum.value == 1:
        return
    what = f"quorum {quorum.value}: "
    if latest("sorry_server", read) is None:
        notes.changed(quorum.spot, what + "servers that work are in, however few")
    else:
        notes.lost(
            quorum.spot,
            what + "the sorry server is in when no server is left, not when there are "
            "fewer than that; those that work stay in until then",
        )


def about_server(read: Read, notes: Notes) -> None:
    """Note what is otherwise with a real server."""
    for word in ("alpha", "warmup"):
        if (stated := latest(word, read)) is not None:
            notes.changed(stated.spot, _CHANGED[word])
    for word in ("notify_up", "notify_down"):
        stated = latest(word, read)
        if stated is None:
            continue
        notes.changed(
            stated.spot,
            f"{word}: the program gets mon's arguments after its own (-s SERVICE -g "
            "GROUP -h HOSTS -t TIME) and what was found on standard input; it runs as "
            "the daemon's user",
        )
