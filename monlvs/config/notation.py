"""How values are written: types that pydantic reads from text, tables from a word.

What editors are told of plugins (`x-ref`) is put in by `schema`, which knows them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import ConfigDict, Field, PlainValidator

from monlvs.config import scalars
from monlvs.model.pool import KeepAtLeast
from monlvs.model.values import Address
from monlvs.model.watch import AlertAfter, AlertEvery, ExitRange

STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True, eq=False)
class Reads:
    """Marks a type that is spelled as text: its reader and its JSON Schema."""

    reader: Callable[[Any], Any]
    schema: dict[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Let the reader alone decide."""
        return PlainValidator(self.reader).__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        """Tell editors what the reader takes."""
        return dict(self.schema)


_TEXT = {"type": "string"}
_DURATION = {"type": "string", "pattern": scalars.DURATION_PATTERN}
_COUNT_OR_TEXT = {"type": ["integer", "string"]}

Duration: TypeAlias = Annotated[timedelta, Reads(scalars.duration, _DURATION)]
Positive: TypeAlias = Annotated[timedelta, Reads(scalars.positive_duration, _DURATION)]
Interval: TypeAlias = Annotated[timedelta, Reads(scalars.interval, _DURATION)]
AnyAddress: TypeAlias = Annotated[Address, Reads(scalars.address, _TEXT)]
Name: TypeAlias = Annotated[
    str, Reads(scalars.name, {**_TEXT, "pattern": "^[A-Za-z0-9._-]+$"})
]
Endpoint: TypeAlias = Annotated[
    tuple[Address, int | None], Reads(scalars.endpoint, _TEXT)
]
Exits: TypeAlias = Annotated[
    ExitRange, Reads(scalars.exits, {**_COUNT_OR_TEXT, "pattern": "^[0-9]+(-[0-9]+)?$"})
]
Every: TypeAlias = Annotated[AlertEvery, Reads(scalars.alertevery, _TEXT)]
After: TypeAlias = Annotated[AlertAfter, Reads(scalars.alertafter, _COUNT_OR_TEXT)]
AtLeast: TypeAlias = Annotated[
    KeepAtLeast,
    Reads(scalars.keep_at_least, {**_COUNT_OR_TEXT, "pattern": "^[0-9]+%$"}),
]
Netmask: TypeAlias = Annotated[int, Reads(scalars.netmask, _COUNT_OR_TEXT)]
Port: TypeAlias = Annotated[int, Field(ge=1, le=scalars.LAST_PORT)]
Count: TypeAlias = Annotated[int, Field(ge=1)]

Scheduler: TypeAlias = Literal[
    "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "mh", "sed", "nq", "fo",
    "ovf", "twos",
]  # fmt: skip
ServiceFlag: TypeAlias = Literal[
    "ops", "sh-fallback", "sh-port", "mh-fallback", "mh-port",
    "flag-1", "flag-2", "flag-3",
]  # fmt: skip
ForwardingWord: TypeAlias = Literal[
    "nat", "masq", "dr", "route", "tun", "tunnel", "local"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginSpec:
    """A monitor or an alert as the file names it: by name, or a table with options."""

    name: str
    options: dict[str, Any] = field(default_factory=dict)
    bare: bool = True
    """Whether it was a name alone."""


def plugin_spec(value: Any) -> PluginSpec:
    """Read a name, or a table with `name` and the plugin's options."""
    match value:
        case str():
            return PluginSpec(name=value)
        case {"name": str(name)}:
            options = {key: given for key, given in value.items() if key != "name"}
            return PluginSpec(name=name, options=options, bare=False)
        case {"name": other}:
            raise ValueError(
                f"expected a name in quotes as `name`, not {scalars.shown(other)}"
            )
        case dict():
            raise ValueError('expected a key `name`, such as { name = "http", … }')
        case _:
            pass
    raise ValueError(
        'expected a name, or a table such as { name = "http", … }, not '
        f"{scalars.shown(value)}"
    )


MONITOR_REF = {"x-ref": "monitor"}
ALERT_REF = {"x-ref": "alert"}
CHECK_REF = {"x-ref": "check"}
MAIL_REF = {"x-ref": "mail"}
LOG_REF = {"x-ref": "log"}
Monitor: TypeAlias = Annotated[PluginSpec, Reads(plugin_spec, MONITOR_REF)]
Alert: TypeAlias = Annotated[PluginSpec, Reads(plugin_spec, ALERT_REF)]
Check: TypeAlias = Annotated[PluginSpec, Reads(plugin_spec, CHECK_REF)]


def listed(value: Any) -> Any:
    """Let one value stand for a list of it."""
    return value if isinstance(value, list) else [value]


def server_table(value: Any) -> Any:
    """Let a real server be a mere "ADDRESS" or "ADDRESS:PORT"."""
    match value:
        case None | dict():
            return value
        case str():
            address, port = scalars.endpoint(value)
            told = {"address": str(address)}
            return told if port is None else told | {"port": port}
        case _:
            pass
    raise ValueError(
        'expected "ADDRESS", "ADDRESS:PORT" or a table such as '
        f'{{ address = "10.1.1.2", weight = 2 }}, not {scalars.shown(value)}'
    )


def mail_options(value: Any) -> dict[str, Any]:
    """Read an address, a list of them, or the options of the mail alert."""
    if isinstance(value, dict):
        return value
    if not all(isinstance(word, str) for word in listed(value)):
        raise ValueError(
            "expected a mail address, a list of them, or a table of the mail alert's "
            f"options, not {scalars.shown(value)}"
        )
    return {"to": listed(value)}


def log_options(value: Any) -> dict[str, Any] | None:
    """Read true, false, a path, or the options of the log alert; None: no log."""
    match value:
        case bool():
            return {} if value else None
        case str():
            return {"file": value}
        case dict():
            return value
        case _:
            pass
    raise ValueError(
        "expected true, the path of a file, or a table of the log alert's options, not "
        f"{scalars.shown(value)}"
    )


MailOptions: TypeAlias = Annotated[dict[str, Any], Reads(mail_options, MAIL_REF)]
LogOptions: TypeAlias = Annotated[dict[str, Any] | None, Reads(log_options, LOG_REF)]
