"""What pydantic found wrong, in the words of the configuration."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from pydantic_core import ErrorDetails

from monlvs.config.findings import choices
from monlvs.config.positions import Path
from monlvs.config.scalars import shown

_NOUNS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a smaller number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "a string in quotes",
    "list_type": "a list",
    "tuple_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a table",
    "dataclass_type": "a table",
    "greater_than_equal": "{ge} or more",
    "greater_than": "more than {gt}",
    "less_than_equal": "{le} or less",
    "less_than": "less than {lt}",
    "too_short": "at least {min_length} in the list",
    "recursion_loop": "less nesting",
}
_CLOSED = ("literal_error", "enum")
_WORD = re.compile(r"'([^']*)'")


class Complaint(NamedTuple):
    """One thing that is wrong with a table, placed inside it."""

    path: Path
    message: str
    at_key: bool = False
    """Whether the key itself is wrong, and not its value."""
    unknown: bool = False
    """Whether the key should not be there at all."""


def complaints(
    errors: list[ErrorDetails], data: object, shape: type[Any]
) -> Iterator[Complaint]:
    """Restate what validating `data` as `shape` found; one complaint for each place."""
    wanted: dict[Path, list[str]] = {}
    for error in errors:
        loc = error["loc"]
        match error["type"]:
            case "missing" | "missing_argument" | "missing_keyword_only_argument":
                message = f'the key "{loc[-1]}" is missing'
                yield Complaint(_existing(loc[:-1], data), message, at_key=True)
            case "unexpected_keyword_argument" | "extra_forbidden":
                message = f'unknown key "{loc[-1]}": {_expected_keys(shape, loc[:-1], loc[-1])}'
                yield Complaint(loc, message, at_key=True, unknown=True)
            case "value_error":
                reason = str(error.get("ctx", {}).get("error", error["msg"]))
                yield Complaint(_existing(loc, data), reason)
            case _:
                path = _existing(loc, data)
                wanted.setdefault(path, []).append(_noun(error, _at(path, data)))
    for path, nouns in wanted.items():
        told = " or ".join(dict.fromkeys(nouns))
        yield Complaint(path, f"expected {told}, not {shown(_at(path, data))}")


def _noun(error: ErrorDetails, found: object) -> str:
    context = error.get("ctx", {})
    if error["type"] in _CLOSED:
        words = _WORD.findall(str(context.get("expected", "")))
        close = get_close_matches(str(found).lower(), words, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        return f"{'one of ' if len(words) > 1 else ''}{', '.join(words)}{hint}"
    noun = _NOUNS.get(error["type"])
    return noun.format_map(context) if noun else f"something else ({error['msg']})"


def _expected_keys(shape: type[Any], path: Path, word: object) -> str:
    fields = dataclasses.fields(_shape_at(shape, path))
    return choices(str(word), [field.name for field in fields if field.init])


def _shape_at(shape: type[Any], path: Path) -> type[Any]:
    """Follow keys and indexes through the declared types."""
    found: Any = shape
    for part in path:
        if dataclasses.is_dataclass(found):
            found = _stated(get_type_hints(found)[str(part)])
        else:
            found = _stated(get_args(found)[-1])
    assert isinstance(found, type)
    return found


def _stated(annotation: Any) -> Any:
    """Leave out `None` where it stands beside the type that counts."""
    if isinstance(annotation, UnionType) or get_origin(annotation) is Union:
        return next(member for member in get_args(annotation) if member is not NoneType)
    return annotation


def _existing(path: Path, data: object) -> Path:
    """Cut off what pydantic adds to a path for its own purposes, such as union members."""
    found = data
    for depth, part in enumerate(path):
        match found:
            case Mapping() if part in found:
                found = found[part]
            case list() if isinstance(part, int) and part < len(found):
                found = found[part]
            case _:
                return path[:depth]
    return path


def _at(path: Path, data: Any) -> object:
    for part in path:
        data = data[part]
    return data
