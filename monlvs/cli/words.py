"""Options of plugins as words of a command line: `-o port=8080`, and mon's letters."""

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

import click

from monlvs.cli.configuration import fail_usage

if TYPE_CHECKING:
    from monlvs.plugins import Plugins

REST = {"mail": "to", "log": "file", "external": "args"}
"""The option that words without a letter are for, as mon's programs take them."""
TRUE = {
    "yes": True,
    "true": True,
    "on": True,
    "no": False,
    "false": False,
    "off": False,
}


def build(known: "Plugins", name: str, words: Sequence[str]) -> Any:
    """Make a plugin from `name=value` words and mon's letters; exit with 2 if it can't.

    What is wrong is said on standard error, each with what was expected.
    """
    from monlvs.config.findings import Findings
    from monlvs.config.options import make
    from monlvs.config.positions import Positions
    from monlvs.plugins import PluginError, options

    try:
        plugin = known[name]
    except KeyError:
        fail_usage(f"there is no {name!r}; there are: {', '.join(known)}")
    except PluginError as error:
        fail_usage(str(error))
    types = {option.name: option.type for option in options(plugin)}
    letters: Mapping[str, str] = getattr(plugin, "letters", {})
    given = _given(name, words, types, letters)
    findings = Findings(name, Positions())
    made = make(plugin, given, (), findings)
    if made is None:
        for problem in findings.problems():
            click.echo(f"monlvs: {problem}", err=True)
        sys.exit(2)
    return made


def _given(
    name: str,
    words: Sequence[str],
    types: Mapping[str, Any],
    letters: Mapping[str, str],
) -> dict[str, Any]:
    given: dict[str, Any] = {}
    rest: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        option, equals, value = word.lstrip("-").partition("=")
        option = letters.get(option, option.replace("-", "_"))
        if word.startswith("-") and option in types:
            if not equals:
                value = _argument(word, types[option], queue)
        elif not (equals and option in types and not rest):
            rest.append(word)
            continue
        given[option] = _read(value, types[option])
    if rest:
        option = REST.get(name, "")
        if any(word.startswith("-") for word in rest) or option not in types:
            fail_usage(f"{name} has no option {rest[0]!r}; it has: {', '.join(types)}")
        if name == "external" and "command" not in given:
            given["command"] = rest.pop(0)
        given[option] = rest if _is_list(types[option]) else rest[0]
    return given


def _argument(word: str, kind: Any, queue: list[str]) -> str:
    if kind is bool:
        return "yes"
    if not queue:
        fail_usage(f"{word} wants an argument")
    return queue.pop(0)


def _is_list(kind: Any) -> bool:
    return "tuple" in str(kind)


def _read(value: str, kind: Any) -> Any:
    """Read a word as the type asks; what does not fit is left for the reader to refuse."""
    if _is_list(kind):
        return [_scalar(part, kind) for part in value.split(",")]
    return _scalar(value, kind)


def _scalar(value: str, kind: Any) -> Any:
    kinds = {kind, *get_args(kind), *(a for b in get_args(kind) for a in get_args(b))}
    if bool in kinds and value.lower() in TRUE:
        return TRUE[value.lower()]
    if int in kinds and value.lstrip("-").isdigit():
        return int(value)
    return value
