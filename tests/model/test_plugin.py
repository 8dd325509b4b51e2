"""Every plugin keeps the rules of plugins: they are how its options get to people."""

import json
import pickle
from dataclasses import FrozenInstanceError
from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from monlvs.model.plugin import Alert
from monlvs.plugins import alerts, monitors, options
from monlvs.wire.monitor import Exchanger, Prober, Runner, Surveyor, Sweeper

KINDS = (Exchanger, Sweeper, Surveyor, Runner, Prober)
SAMPLES: dict[str, dict[str, Any]] = {
    "tcp": {"port": 80},
    "agent": {"port": 9999},
    "dns": {"zone": ["example.org"]},
    "external": {"command": "x"},
    "file": {"file": "/var/log/alerts"},
    "mail": {"to": ["root"]},
    "udp": {"port": 53},
    "trap": {"to": ["127.0.0.1"]},
    "virtualserver": {"virtual": "10.0.0.1:80"},
}
PLUGINS = [*monitors().values(), *alerts().values()]
every_plugin = pytest.mark.parametrize("plugin", PLUGINS, ids=lambda p: p.__module__)


def given(plugin: type[Any], **more: object) -> str:
    """Return what a configuration would say, in JSON."""
    name = plugin.__module__.rpartition(".")[2]
    return json.dumps(SAMPLES.get(name, {}) | more)


def sample(plugin: type[Any]) -> Any:
    """Read an instance as a configuration would."""
    return TypeAdapter(plugin).validate_json(given(plugin))


def test_the_plugins_of_the_first_hour_are_there() -> None:
    assert set(monitors()) >= {"fping", "telnet", "http", "tcp", "external"}
    assert set(alerts()) >= {"log", "mail", "virtualserver", "external"}


@every_plugin
def test_it_is_a_frozen_value_that_can_be_sent_to_another_process(
    plugin: type[Any],
) -> None:
    one, other = sample(plugin), sample(plugin)
    assert one == other
    assert hash(one) == hash(other)
    assert pickle.loads(pickle.dumps(one)) == one
    with pytest.raises(FrozenInstanceError):
        setattr(one, options(plugin)[0].name, None)


@pytest.mark.parametrize("plugin", monitors().values(), ids=lambda p: p.__module__)
def test_a_monitor_does_exactly_one_kind_of_work(plugin: type[Any]) -> None:
    monitor = sample(plugin)
    assert len([kind for kind in KINDS if isinstance(monitor, kind)]) == 1


@pytest.mark.parametrize("name", sorted(alerts()))
def test_an_alert_can_be_sent_unless_it_only_declares(name: str) -> None:
    assert isinstance(sample(alerts()[name]), Alert) == (name != "virtualserver")


@every_plugin
def test_every_option_is_described_and_nothing_else_is_in_the_schema(
    plugin: type[Any],
) -> None:
    schema = TypeAdapter(plugin).json_schema()
    assert sorted(schema["properties"]) == sorted(o.name for o in options(plugin))
    assert schema["additionalProperties"] is False
    assert plugin.__doc__
    assert [option.name for option in options(plugin) if not option.doc] == []


@every_plugin
def test_an_unknown_option_is_an_error(plugin: type[Any]) -> None:
    with pytest.raises(ValidationError, match="no_such_option"):
        TypeAdapter(plugin).validate_json(given(plugin, no_such_option=1))


@every_plugin
def test_true_is_no_number_and_a_number_is_no_text(plugin: type[Any]) -> None:
    for option in options(plugin):
        if option.type is timedelta:  # of which a number of seconds is one spelling
            continue
        wrong = True if "int" in str(option.type) else 7
        with pytest.raises(ValidationError, match=option.name):
            TypeAdapter(plugin).validate_json(given(plugin, **{option.name: wrong}))


@every_plugin
def test_letters_stand_for_options_that_there_are(plugin: type[Any]) -> None:
    letters: dict[str, str] = getattr(plugin, "letters", {})
    assert set(letters.values()) <= {option.name for option in options(plugin)}
