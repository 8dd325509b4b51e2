"""An example of every type that a record is made of, built from its annotations."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from ipaddress import IPv4Address, IPv6Address
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

_SIMPLE: dict[object, Any] = {
    str: "text",
    int: 7,
    float: 2.5,
    bool: True,
    datetime: datetime(2026, 1, 5, 12, 0, tzinfo=UTC),
    timedelta: timedelta(seconds=90),
    IPv4Address: IPv4Address("192.0.2.1"),
    IPv6Address: IPv6Address("2001:db8::1"),
}


def examples(kind: Any) -> Iterator[Any]:
    """Build values of `kind`: one for each member of each union in it."""
    if kind in _SIMPLE:
        yield _SIMPLE[kind]
    elif kind is NoneType:
        yield None
    elif get_origin(kind) in (Union, UnionType):
        for choice in get_args(kind):
            yield from examples(choice)
    elif get_origin(kind) is not None:
        yield from _collections(kind)
    elif issubclass(kind, Enum):
        yield from kind
    elif is_dataclass(kind):
        yield from _instances(kind)
    elif issubclass(kind, tuple):
        yield kind("web", "http")
    else:
        raise TypeError(f"no example of {kind}")


def _collections(kind: Any) -> Iterator[Any]:
    first, *rest = get_args(kind)
    if get_origin(kind) is tuple:
        if rest == [...]:
            yield ()
            yield from ((value, value) for value in examples(first))
        else:
            yield tuple(next(examples(part)) for part in get_args(kind))
    elif get_origin(kind) is frozenset:
        yield frozenset({next(examples(first))})
    elif issubclass(get_origin(kind), Mapping):
        value = next(examples(rest[0]))
        yield MappingProxyType({next(examples(first)): value})
    else:
        raise TypeError(f"no example of {kind}")


def _instances(kind: Any) -> Iterator[Any]:
    """Vary one field after the other around a first instance."""
    hints = get_type_hints(kind)
    chosen = {field.name: hints[field.name] for field in fields(kind) if field.init}
    first = {name: next(examples(hint)) for name, hint in chosen.items()}
    yield kind(**first)
    for name, hint in chosen.items():
        for value in examples(hint):
            yield kind(**first | {name: value})
    if all(f.default is not MISSING for f in fields(kind)):
        yield kind()
