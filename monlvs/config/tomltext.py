"""Values to TOML text."""

import dataclasses
import json
import re
from datetime import timedelta
from enum import Enum
from typing import Any

from monlvs import plugins

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def key(*parts: str) -> str:
    """Spell a key path."""
    return ".".join(part if _BARE.fullmatch(part) else text(part) for part in parts)


def text(value: str) -> str:
    """Spell a string in one line."""
    # JSON's escapes are TOML's, which wants DEL escaped besides.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def duration(value: timedelta) -> str:
    """Spell a time value, in the largest unit that it is a whole number of."""
    seconds = value.total_seconds()
    for letter, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        if seconds >= size and not seconds % size:
            return f"{int(seconds // size)}{letter}"
    return f"{value / timedelta(milliseconds=1):.3f}".rstrip("0").rstrip(".") + "ms"


def spelled(value: Any) -> str:
    """Spell a value of a plugin's option, or of a setting."""
    match value:
        case bool():
            return "true" if value else "false"
        case Enum():
            return spelled(value.value)
        case str():
            return text(value)
        case timedelta():
            return text(duration(value))
        case int() | float():
            return repr(value)
        case dict():
            pairs = (f"{key(name)} = {spelled(inner)}" for name, inner in value.items())
            return f"{{ {', '.join(pairs)} }}" if value else "{}"
        case _:
            return f"[{', '.join(spelled(inner) for inner in value)}]"


def plugin(instance: Any, **further: Any) -> str:
    """Spell a monitor or an alert: its name, or a table with the options it states."""
    stated = {
        option.name: value
        for option in plugins.options(type(instance))
        if (value := getattr(instance, option.name)) != option.default
        or option.required
    }
    name = plugins.name_of(instance)
    if not stated and not further:
        return text(name)
    return spelled({"name": name} | stated | further)


def stated(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass that have not their default."""
    return {
        field.name: found
        for field in dataclasses.fields(value)
        if (found := getattr(value, field.name)) != field.default
    }
