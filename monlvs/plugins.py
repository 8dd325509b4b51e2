"""Entry points to classes: which monitors and alerts there are, and what they take.

Rule 1: asking for names loads nothing; asking for one plugin loads that one alone.
Rule 2: a checkout that was never installed works as an installed distribution does.
"""

import ast
import dataclasses
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

MONITORS = "monlvs.monitors"
ALERTS = "monlvs.alerts"


class PluginError(Exception):
    """A plugin is registered and cannot be loaded; says which and why."""


class Plugins(Mapping[str, type[Any]]):
    """The plugins of one entry point group by name, each loaded when asked for.

    `[name]` raises KeyError for a name that is not registered and PluginError for one
    that cannot be loaded.
    """

    def __init__(self, targets: Mapping[str, str]) -> None:
        self._targets = dict(sorted(targets.items()))

    def __getitem__(self, name: str) -> type[Any]:
        return _load(name, self._targets[name])

    def __contains__(self, name: object) -> bool:
        return name in self._targets  # Mapping's own would load the plugin

    def __iter__(self) -> Iterator[str]:
        return iter(self._targets)

    def __len__(self) -> int:
        return len(self._targets)

    def target(self, name: str) -> str:
        """Return where a plugin is, as `module:attribute`, without loading it."""
        return self._targets[name]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of a plugin: a field of its dataclass."""

    name: str
    type: Any
    """The field's type, with the names in it resolved."""
    required: bool
    default: Any
    """Meaningful where the option is not required."""
    plugin: Any = dataclasses.field(repr=False)
    """The class that has it."""

    @property
    def doc(self) -> str:
        """What stands under the field; empty when nothing does.

        Read from the source when asked for, which no start of a daemon does.
        """
        return _docs(self.plugin).get(self.name, "")


@cache
def monitors() -> Plugins:
    """Return the registered monitors."""
    return Plugins(_targets(MONITORS))


@cache
def alerts() -> Plugins:
    """Return the registered alerts."""
    return Plugins(_targets(ALERTS))


def options(plugin: type[Any]) -> tuple[Option, ...]:
    """Return the options of a plugin class (or of any dataclass), in declared order."""
    kind: Any = plugin
    return _options(kind)


@cache
def _options(plugin: Any) -> tuple[Option, ...]:
    hints = get_type_hints(plugin, include_extras=True)
    return tuple(
        Option(
            name=field.name,
            type=hints[field.name],
            required=_default(field) is dataclasses.MISSING,
            default=_default(field),
            plugin=plugin,
        )
        for field in dataclasses.fields(plugin)
        if field.init
    )


def name_of(plugin: object) -> str:
    """Return the name that an instance's class is registered under, else its class's."""
    kind: Any = type(plugin)
    return _name(kind)


@cache
def _name(kind: Any) -> str:
    package, _, module = kind.__module__.rpartition(".")
    if package in (MONITORS, ALERTS):  # our own are named so; no metadata is read
        return str(module)
    where = f"{kind.__module__}:{kind.__qualname__}"
    known = ((group, name) for group in (monitors(), alerts()) for name in group)
    return next((n for group, n in known if group.target(n) == where), kind.__name__)


def _targets(group: str) -> dict[str, str]:
    from importlib.metadata import entry_points  # a tenth of a start's time

    installed = {entry.name: entry.value for entry in entry_points(group=group)}
    # What this source tree registers wins: metadata may be older than the tree.
    return installed | _checkout(group)


def _checkout(group: str) -> dict[str, str]:
    import tomllib

    declaration = Path(__file__).resolve().parent.parent / "pyproject.toml"
    try:
        project = tomllib.loads(declaration.read_text("utf-8"))["project"]
        if project["name"] != "monlvs":
            return {}
        return dict(project["entry-points"][group])
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _load(name: str, target: str) -> type[Any]:
    module, _, attribute = target.partition(":")
    try:
        plugin = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, SyntaxError) as error:
        raise PluginError(f"{name} ({target}) cannot be loaded: {error}") from error
    if not (isinstance(plugin, type) and dataclasses.is_dataclass(plugin)):
        raise PluginError(
            f"{name} ({target}) is not a dataclass, as a plugin has to be"
        )
    return plugin


def _default(field: "dataclasses.Field[Any]") -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


@cache
def _docs(plugin: Any) -> dict[str, str]:
    """Read the strings under the fields, which Python itself does not keep."""
    found: dict[str, str] = {}
    for owner in reversed(plugin.__mro__[:-1]):
        try:
            source = textwrap.dedent(inspect.getsource(owner))
            body = ast.parse(source).body[0]
        except (OSError, TypeError, SyntaxError, IndexError):
            continue
        if isinstance(body, ast.ClassDef):
            found |= dict(_documented(body))
    return found


def _documented(body: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for statement, following in zip(body.body, body.body[1:], strict=False):
        match statement, following:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, inspect.cleandoc(text)
            case _:
                pass
