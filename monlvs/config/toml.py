"""TOML text to the file's shape: syntax, types and unknown keys, all at once."""

import json
import re
import tomllib
from ast import literal_eval
from copy import deepcopy
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from monlvs.config.complaints import Complaint, complaints
from monlvs.config.findings import Findings
from monlvs.config.positions import Path, Position, Positions, dotted, find
from monlvs.config.spelling import FileTable

_PLACED = re.compile(
    r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL
)
_KEYS = re.compile(r"\((?:'[^']*',? ?)+\)")
"""How tomllib tells of a key path: as a tuple."""
# Where a refused table is replaced by None, so that the rest can still be checked.
_LISTS = frozenset(("lvs", "virtual_service", "period", "servers"))
_TABLES = frozenset(("watch", "service", "hostgroup", "hostgroups"))
_SINGLES = frozenset(("settings", "defaults"))
_TRIES = 8


def read(text: str, file: str) -> tuple[FileTable | None, Findings]:
    """Read the file's shape as far as it holds, with what is wrong about the rest.

    None means that nothing could be made of it.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return None, _syntax(str(error), text, file)
    except RecursionError:
        return None, _syntax("nested too deeply", text, file)
    # Most files have nothing wrong with them, and to look for places takes a while.
    findings = Findings(file, lambda: _places(text), document)
    if not document:
        findings.error(
            (),
            "the file says nothing: expected at least one [[lvs]] or "
            "[watch.GROUP.service.NAME]",
        )
        return None, findings
    return _shape(document, findings), findings


def _places(text: str) -> Positions:
    try:
        return find(text.replace("\r\n", "\n"))
    except RecursionError:
        return Positions()


@cache
def adapter() -> TypeAdapter[FileTable]:
    """Return what validates the file's shape; making it takes a while."""
    return TypeAdapter(FileTable)


def as_json(value: object) -> str:
    """Restate TOML values so that strict validation takes lists for tuples and the like.

    Dates and times, which no key takes, become empty tables.
    """
    return json.dumps(value, default=lambda _: {})


def _shape(document: dict[str, Any], findings: Findings) -> FileTable | None:
    whole = document
    for _ in range(_TRIES):
        try:
            return adapter().validate_json(as_json(document))
        except ValidationError as error:
            found = list(complaints(error.errors(), document, FileTable))
        if document is whole:  # what the file says stays as it is
            document = deepcopy(whole)
        for complaint in found:
            findings.error(complaint.path, complaint.message, at_key=complaint.at_key)
        for complaint in found:
            _cut(document, complaint)
    return None


def _cut(document: dict[str, Any], complaint: Complaint) -> None:
    """Take out what was complained about, and as little else as possible."""
    path = complaint.path
    if not complaint.unknown:
        while path and not _replaceable(path):
            path = path[:-1]
    path = path or complaint.path[:1]
    holder: Any = document
    for part in path[:-1]:
        holder = holder.get(part) if isinstance(holder, dict) else holder[part]
        if holder is None:
            return  # cut already
    if not path:
        document.clear()
    elif complaint.unknown or not _replaceable(path):
        holder.pop(path[-1], None)
    else:
        holder[path[-1]] = None


def _replaceable(path: Path) -> bool:
    if len(path) == 1:
        return path[0] in _SINGLES
    return path[-2] in (_LISTS if isinstance(path[-1], int) else _TABLES)


def _told(keys: re.Match[str]) -> str:
    return dotted(tuple(literal_eval(keys[0])))


def _syntax(message: str, text: str, file: str) -> Findings:
    placed = _PLACED.fullmatch(message)
    lines = text.split("\n")
    position = Position(len(lines), len(lines[-1]) + 1)
    if placed and placed[2]:
        position = Position(int(placed[2]), int(placed[3]))
    found = _KEYS.sub(_told, placed[1] if placed else message)
    findings = Findings(file, Positions(values={(): position}))
    findings.error((), f"not valid TOML: {found[:1].lower()}{found[1:]}")
    return findings
