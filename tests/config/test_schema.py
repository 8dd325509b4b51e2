"""The schema for editors takes what the reader takes and tells what every key means."""

import dataclasses
import tomllib
from typing import Any

import jsonschema
import pytest
from pydantic import TypeAdapter

from monlvs import plugins
from monlvs.config.notation import STRICT
from monlvs.config.options import file_shape
from monlvs.config.schema import schema, tables
from tests.config.spelled import lvs, watch
from tests.config.uncommented import SHIPPED, uncommented

SCHEMA = schema()
CHECKER = jsonschema.Draft202012Validator(SCHEMA)
PLUGINS = [*plugins.monitors().values(), *plugins.alerts().values()]


def errors(text: str) -> list[str]:
    return [error.message for error in CHECKER.iter_errors(tomllib.loads(text))]


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        SHIPPED.read_text("utf-8"),
        uncommented(),
        lvs(mail='["root"]', log='"/x"'),
        watch(),
    ],
    ids=["shipped", "uncommented", "short", "long"],
)
def test_what_the_reader_takes_it_takes(text: str) -> None:
    assert errors(text) == []


@pytest.mark.parametrize(
    "text",
    [
        lvs(colour='"blue"'),
        lvs(kind='"tunn"'),
        lvs(rise="0"),
        lvs(interval='"15"'),
        lvs(check='"htp"'),
        lvs(check='{ name = "http", prot = 80 }'),
        lvs(mail="{ to = 3 }"),
        watch('alert = ["page"]'),
        watch(service="rise = true"),
    ],
)
def test_it_refuses_a_mistake(text: str) -> None:
    assert errors(text) != []


def _properties(value: Any, where: str = "") -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    if isinstance(value, dict):
        properties = value.get("properties")
        if isinstance(properties, dict):
            found += [(f"{where}.{name}", told) for name, told in properties.items()]
        for key, inner in value.items():
            found += _properties(inner, f"{where}/{key}")
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            found += _properties(inner, f"{where}/{at}")
    return found


def test_every_key_is_described() -> None:
    properties = _properties(SCHEMA)

    assert len(properties) > 150
    assert [where for where, told in properties if not told.get("description")] == []


def test_there_is_no_null_in_toml() -> None:
    assert "null" not in str(SCHEMA)


@pytest.mark.parametrize("table", list(tables()), ids=lambda table: table.__name__)
def test_every_table_is_read_strictly(table: type[Any]) -> None:
    assert table.__dict__["__pydantic_config__"] is STRICT
    assert table.__doc__
    assert dataclasses.is_dataclass(table)
    assert [o.name for o in plugins.options(table) if not o.doc] == []


def test_strictly_means_no_unknown_key_and_no_guess() -> None:
    assert STRICT["extra"] == "forbid"
    assert STRICT["strict"]
    # To look for them costs a daemon's start more than all else that pydantic does.
    assert "use_attribute_docstrings" not in STRICT


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.__module__)
def test_every_plugin_is_read_strictly(plugin: type[Any]) -> None:
    shape = file_shape(plugin)

    assert plugin.__dict__["__pydantic_config__"] == dict(STRICT)
    assert shape.__dict__["__pydantic_config__"] is STRICT
    made = TypeAdapter(shape).json_schema()
    assert made["additionalProperties"] is False
    assert set(made["properties"]) == {o.name for o in plugins.options(plugin)}


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.__module__)
def test_no_option_is_called_what_the_file_needs_for_itself(plugin: type[Any]) -> None:
    taken = {"name", "service", "exits"}
    assert taken.isdisjoint(o.name for o in plugins.options(plugin))
