"""Options of monitors and alerts as the file spells them, to instances of the plugins.

A plugin's dataclass says what its options are. What it cannot say is that the file
spells a duration as text, so the file's shape of it is derived here.
"""

import dataclasses
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cache, lru_cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from monlvs import plugins
from monlvs.config.complaints import complaints
from monlvs.config.findings import Findings, choices
from monlvs.config.notation import STRICT, Duration, PluginSpec
from monlvs.config.positions import Path
from monlvs.config.scalars import shown
from monlvs.config.toml import as_json

# Subscripted with what is known only when a plugin is: no matter for a type checker.
_UNION: Any = Union

_KEPT = 1000
"""Instances that are remembered for the next that is spelled alike."""
_OPTION = re.compile(r"([a-z_]+): (.*)", re.DOTALL)


def build(
    known: plugins.Plugins,
    spec: PluginSpec,
    path: Path,
    findings: Findings,
    preset: Mapping[str, Any] | None = None,
) -> Any:
    """Make the plugin that `spec` at `path` asks for, or note why not and return None.

    `preset` is taken for options that the plugin has and the file does not state.
    """
    named = path if spec.bare else (*path, "name")
    if spec.name not in known:
        kind = "monitor" if known is plugins.monitors() else "alert"
        expected = choices(spec.name, list(known))
        findings.error(named, f"unknown {kind} {shown(spec.name)}: {expected}")
        return None
    try:
        plugin: Any = known[spec.name]
    except plugins.PluginError as error:
        findings.error(named, str(error))
        return None
    has = {option.name for option in plugins.options(plugin)}
    given = {k: v for k, v in (preset or {}).items() if k in has} | spec.options
    return make(plugin, given, path, findings)


def make(plugin: Any, given: dict[str, Any], path: Path, findings: Findings) -> Any:
    """Make an instance of `plugin` with the options `given`, or note what is wrong."""
    try:
        return _made(plugin, as_json(given))
    except ValidationError as error:
        for found in complaints(error.errors(), given, file_shape(plugin)):
            findings.error((*path, *found.path), found.message, at_key=found.at_key)
    except ValueError as error:
        # A plugin begins its complaint with the option that it is about.
        about = _OPTION.fullmatch(str(error))
        known = {option.name for option in plugins.options(plugin)}
        if about is not None and about[1] in known:
            findings.error((*path, about[1]), about[2])
        else:
            findings.error(path, str(error))
    return None


@lru_cache(maxsize=_KEPT)
def _made(plugin: Any, text: str) -> Any:
    """Make an instance; all checks that are spelled alike share one, as it is a value."""
    shape = file_shape(plugin)
    read = _adapter(plugin).validate_json(text)
    return plugin(**{f.name: getattr(read, f.name) for f in dataclasses.fields(shape)})


@cache
def file_shape(plugin: Any) -> type[Any]:
    """Derive the dataclass that reads a plugin's options from a file."""
    fields: list[Any] = []
    for option in plugins.options(plugin):
        default = dataclasses.MISSING if option.required else option.default
        field = dataclasses.field(default=default)
        fields.append((option.name, _spelled(option.type), field))
    return dataclasses.make_dataclass(
        plugin.__name__,
        fields,
        namespace={"__pydantic_config__": STRICT, "__doc__": plugin.__doc__},
        frozen=True,
        kw_only=True,
    )


def _spelled(annotation: Any) -> Any:
    """Put the file's spelling in the place of durations, wherever they stand."""
    if annotation is timedelta:
        return Duration
    origin, arguments = get_origin(annotation), get_args(annotation)
    if timedelta not in _flat(annotation):
        return annotation
    inner = tuple(_spelled(argument) for argument in arguments)
    if origin in (Union, UnionType):
        return _UNION[inner]
    return origin[inner] if origin is not None else annotation


def _flat(annotation: Any) -> tuple[Any, ...]:
    arguments = get_args(annotation)
    return (annotation, *(part for one in arguments for part in _flat(one)))


@cache
def _adapter(plugin: Any) -> TypeAdapter[Any]:
    return TypeAdapter(file_shape(plugin))
