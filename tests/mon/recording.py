"""Puts down what a daemon did as the corpus does, so that two of them compare equal.

Times become `<run:N>`, the last run of the service that had begun by then, or `<T>`;
what differs from run to run (timers, durations, the process's number) is left out.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from tests.mon.replay import Played, Replay

_UNTOLD = {"MON_FIRST_SUCCESS", "MON_LOGDIR", "MON_STATEDIR", "MON_CFBASEDIR"}
_FLEETING = {
    "timer",
    "monitor_duration",
    "monitor_running",
    "failure_duration",
    "last_check",
}
_LASTING = {
    "group",
    "service",
    "opstatus",
    "exitval",
    "last_summary",
    "ack",
    "ackcomment",
    "depend",
    "hostdepend",
    "monitordepend",
    "alertdepend",
    "monitor",
    "exclude_hosts",
    "exclude_period",
    "randskew",
    "last_traphost",
}
"""Fields that are compared in the middle of a scenario; at its end all are."""
_DATE = r"[A-Z][a-z]{2}%s[A-Z][a-z]{2}(?:%s)+\d{1,2}%s\d\d:\d\d:\d\d%s\d{4}"
_DATES = [re.compile(_DATE.replace("%s", blank)) for blank in (" ", r"\\20")]
_EPOCH = re.compile(r"(?:(?<=\\20)|(?<![\d.]))(1[6-9]\d{8})(?!\d)")
_END = re.compile(r"[25]\d\d |<EOF>")
_HISTORY = re.compile(r"(?:\w*alert\\20)?(\S+?)\\20(\S+?)\\20\d{10}\\20")


class Recording:
    """A played scenario in the corpus's words."""

    def __init__(self, replay: Replay, told: Played) -> None:
        self._spec = replay.spec
        self._directory = str(replay.directory)
        self._told = told
        self._limits = dict(self._spec.get("limits", {}))
        untils = self._spec.get("until") or []
        for until in untils if isinstance(untils, list) else [untils]:
            self._limits.setdefault(until["mon"], until["run"])

    def monitors(self) -> dict[str, list[dict[str, Any]]] | None:
        """Return the runs by service, or None where they are not compared."""
        mode = self._spec.get("monitor_calls", "full")
        if mode == "none":
            return None
        found: dict[str, list[dict[str, Any]]] = {}
        for run in sorted(self._told.runs, key=lambda r: (r["key"], r["run"])):
            if self._counts(run) and run["key"] not in self._spec.get("ignore", ()):
                entry = {"argv": run["argv"]}
                if mode != "argv":
                    entry["env"] = self._variables(run)
                found.setdefault(run["key"], []).append(entry)
        return found

    def alerts(self) -> dict[str, list[dict[str, Any]]]:
        """Return the alerts by service; those of one event in a fixed order."""
        found: dict[str, list[dict[str, Any]]] = {}
        for alert in filter(self._counts, self._told.alerts):
            key = alert["key"]
            entry = {
                "prog": alert["prog"],
                "argv": [self._text(word, key) for word in alert["argv"]],
                "env": self._variables(alert),
                "stdin": self._text(alert["stdin"], key),
            }
            if self._spec.get("actions") and not self._spec.get("no_action_tags"):
                entry["action"] = alert["action"]
            if not self._spec.get("no_run_tags"):
                entry["run"] = alert["run"]
            found.setdefault(key, []).append(entry)
        for alerts in found.values():
            alerts.sort(key=_order)
        return found

    def replies(self) -> list[dict[str, Any]]:
        """Return the answers to commands; lists are in no order."""
        found = []
        for reply in self._told.replies:
            lines = [self._line(line, final=reply["final"]) for line in reply["told"]]
            if reply["cmd"].startswith("list "):
                lines = _sorted(lines)
            found.append({"cmd": reply["cmd"], "reply": lines})
        return found

    def _counts(self, entry: dict[str, Any]) -> bool:
        return bool(entry["run"] <= self._limits.get(entry["key"], entry["run"]))

    def _variables(self, entry: dict[str, Any]) -> dict[str, str]:
        dropped = _UNTOLD | set(self._spec.get("drop_env", ()))
        return {
            name: self._text(value, entry["key"])
            for name, value in entry["env"].items()
            if name not in dropped and name.startswith(("MON_", "X_"))
        }

    def _line(self, line: str, *, final: bool) -> Any:
        if not (line.startswith("group=") and " service=" in line):
            named = _HISTORY.match(line)
            return self._text(line, ".".join(named.groups()) if named else None)
        fields = dict(part.partition("=")[::2] for part in line.split(" "))
        key = f"{fields.get('group')}.{fields.get('service')}"
        dropped = _FLEETING | set(self._spec.get("drop_fields", ()))
        return {
            name: self._text(value, key)
            for name, value in fields.items()
            if name not in dropped and (final or name in _LASTING)
        }

    def _text(self, text: str, key: str | None) -> str:
        text = text.replace(self._directory, "@DIR@")
        for date in _DATES:
            text = date.sub("<ctime>", text)
        text = re.sub(r"^([25]20 reset PID )\d+@\S+", r"\1<pid>@<host>", text)
        return _EPOCH.sub(lambda found: self._stamp(int(found[1]), key), text)

    def _stamp(self, time: int, key: str | None) -> str:
        starts = self._told.starts.get(key or "")
        if not starts or self._spec.get("coarse_time"):
            return "<T>"
        return f"<run:{max((n for at, n in starts if at <= time), default=0)}>"


def _order(alert: dict[str, Any]) -> tuple[int, int, str]:
    told = json.dumps(alert, sort_keys=True)
    return alert.get("run", 0), alert.get("action", 0), told


def _sorted(lines: Iterable[Any]) -> list[Any]:
    body, tail = list[Any](), list[Any]()
    for line in lines:
        ends = isinstance(line, str) and _END.match(line)
        (tail if ends else body).append(line)
    return sorted(body, key=lambda line: json.dumps(line, sort_keys=True)) + tail
