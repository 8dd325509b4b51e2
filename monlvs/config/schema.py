"""JSON Schema of mon_lvs.toml for editors, made from the classes that read it.

Descriptions are the strings under the fields; plugins bring their own options.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter

from monlvs import plugins
from monlvs.config import machinespelling, monspelling, pairspelling, spelling
from monlvs.config.options import file_shape
from monlvs.config.toml import adapter

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EXITS = {
    "type": ["integer", "string"],
    "description": 'Exit codes of the monitor that the alert is for, such as "1-3".',
}
_SERVICE = {
    "type": "string",
    "description": "Name of the service; the monitor's name unless set.",
}


def tables() -> Iterator[type[Any]]:
    """Yield every class that reads a table of the file, without the plugins."""
    modules = (spelling, machinespelling, pairspelling, monspelling)
    for module in modules:
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and dataclasses.is_dataclass(value)
                and value.__module__ == module.__name__
            ):
                yield value


def schema() -> dict[str, Any]:
    """Return the whole schema."""
    made = adapter().json_schema()
    definitions = made.setdefault("$defs", {})
    for table in tables():
        _describe(definitions.get(table.__name__, made), table)
    definitions |= _plugins()
    plain: dict[str, Any] = _plain(made)
    return {"$schema": DIALECT, "$id": "urn:monlvs:mon_lvs.toml"} | plain


def _describe(told: dict[str, Any], table: type[Any]) -> None:
    """Add what stands under the fields: pydantic would read all sources at each start."""
    properties = told.get("properties", {})
    for option in plugins.options(table):
        properties.get(option.name, {}).setdefault("description", option.doc)


def _plugins() -> dict[str, Any]:
    monitors, alerts = plugins.monitors(), plugins.alerts()
    return {
        "monitor": _choice(monitors, "monitor", {}),
        "check": _choice(monitors, "check", {"service": _SERVICE}),
        "alert": _choice(alerts, "alert", {"exits": _EXITS}),
        "mail": _mail(_options(alerts["mail"])),
        "log": {
            "anyOf": [
                {"type": "boolean"},
                {"type": "string"},
                _options(alerts["log"]),
            ]
        },
    }


def _mail(options: dict[str, Any]) -> dict[str, Any]:
    addresses = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    return {"anyOf": [{"type": "string"}, addresses, options]}


def _choice(
    known: plugins.Plugins, kind: str, further: Mapping[str, Any]
) -> dict[str, Any]:
    """A plugin by name alone, or a table of its name and options."""
    choices: list[dict[str, Any]] = [{"enum": list(known)}]
    for name in known:
        table = _options(known[name])
        table["title"] = f"{kind} {name}"
        named = {"const": name, "description": table.get("description", "")}
        table["properties"] = {"name": named, **further, **table["properties"]}
        if kind == "check":  # the real server's port is taken
            table["required"] = [w for w in table.get("required", []) if w != "port"]
        table["required"] = ["name", *table.get("required", [])]
        choices.append(table)
    return {"anyOf": choices}


def _options(plugin: Any) -> dict[str, Any]:
    made = TypeAdapter(file_shape(plugin)).json_schema()
    _describe(made, plugin)
    nested = made.pop("$defs", {})
    inlined: dict[str, Any] = _inlined(made, nested)
    return inlined


def _inlined(value: Any, nested: Mapping[str, Any]) -> Any:
    match value:
        case {"$ref": str(ref)} if ref.removeprefix("#/$defs/") in nested:
            rest = {key: told for key, told in value.items() if key != "$ref"}
            inner = nested[ref.removeprefix("#/$defs/")]
            return _inlined({**inner, **rest}, nested)
        case dict():
            return {key: _inlined(inner, nested) for key, inner in value.items()}
        case list():
            return [_inlined(inner, nested) for inner in value]
        case _:
            return value


def _plain(value: Any) -> Any:
    """Take out what TOML does not have (null) and pydantic's names for fields."""
    match value:
        case {"x-ref": str(name), **rest}:
            return {"$ref": f"#/$defs/{name}", **{str(k): v for k, v in rest.items()}}
        case dict():
            found = {
                key: _plain(inner)
                for key, inner in value.items()
                if not (key == "default" and inner is None)
                and not (
                    key == "title" and isinstance(inner, str) and "Table" not in inner
                )
            }
            return _without_null(found)
        case list():
            return [_plain(inner) for inner in value]
        case _:
            return value


def _without_null(found: dict[str, Any]) -> dict[str, Any]:
    members = found.get("anyOf")
    if not isinstance(members, list):
        return found
    left = [member for member in members if member != {"type": "null"}]
    if len(left) > 1:
        return found | {"anyOf": left}
    del found["anyOf"]
    return {**left[0], **found}
