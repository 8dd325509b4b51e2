"""emailalert and its kin of an ldirectord.cf to the mail that monlvs sends."""

import re
from typing import Any, Final

from monlvs import plugins
from monlvs.config.importers.blueprint import Telling
from monlvs.config.importers.fitting import complaint
from monlvs.config.importers.ldirectord.words import Words

_ALL: Final = frozenset(("all", "starting", "running", "stopping", "reloading"))
_NAMED: Final = re.compile(r".*<([^<>]+)>\s*")


def telling(words: Words) -> Telling | None:
    """Return who gets mail of a virtual service and how often; None: nobody."""
    statuses = words.get("emailalertstatus", _ALL)
    to = words.get("emailalert")
    if to is None or "none" in statuses:
        return None
    mail: dict[str, Any] = {"to": [_bare(address) for address in to]}
    if sender := words.get("emailalertfrom"):
        mail["sender"] = _bare(sender)
    if server := words.get("smtp"):
        mail["server"] = server
    if (wrong := complaint(plugins.alerts(), "mail", mail)) is not None:
        words.notes.error(words.where("emailalert"), f"mail: {wrong}")
        return None
    if not statuses >= {"running"} and "all" not in statuses:
        words.notes.changed(
            words.where("emailalertstatus"),
            "emailalertstatus: mail is sent whenever a real server fails or recovers; "
            "starts and stops of the daemon change nothing, and nobody is told of them",
        )
    repeated = words.get("emailalertfreq", 0)
    every = f"{repeated}s ignore_summary" if repeated else None
    return Telling(mail=mail, alertevery=every)


def _bare(address: str) -> str:
    """Leave out the name of `NAME <ADDRESS>`."""
    found = _NAMED.fullmatch(address)
    return found[1] if found else address
