"""Options of plugins as words of a command line: `-o port=8080`, and mon's letters."""

import re
import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

from monlvs.cli.configuration import USAGE, fail_usage
from monlvs.cli.streams import say

if TYPE_CHECKING:
    from monlvs.plugins import Plugins

_OPTION = re.compile(r"-.|[a-z_-]+=")
"""What looks like an option, be there one of that name or not."""
_NUMBER = re.compile(r"-?[0-9]{1,18}")
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
        close = get_close_matches(name, list(known), n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        fail_usage(f"there is no {name!r}{hint}; there are: {', '.join(known)}")
    except PluginError as error:
        fail_usage(str(error))
    known_options = options(plugin)
    types = {option.name: option.type for option in known_options}
    letters: Mapping[str, str] = getattr(plugin, "letters", {})
    own, rest = _split(name, words)
    given, loose = _given(own, types, letters)
    given |= _positional(name, (*loose, *rest), given, types)
    missing = [o.name for o in known_options if o.required and o.name not in given]
    if missing:
        fail_usage("; ".join(f"the option {o} is missing: {o}=VALUE" for o in missing))
    findings = Findings(name, Positions())
    made = make(plugin, given, (), findings)
    if made is None:
        for problem in findings.problems():
            say(f"monlvs: {problem}")
        sys.exit(USAGE)
    return made


def _split(name: str, words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Split off a program with its arguments, which are not ours to read."""
    if name != "external":
        return words, ()
    at = next((i for i, w in enumerate(words) if not _OPTION.match(w)), len(words))
    return words[:at], words[at:]


def _given(
    words: Sequence[str], types: Mapping[str, Any], letters: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """Return the options among words, and the words that are none."""
    given: dict[str, Any] = {}
    loose: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        option, value = _option(word, letters)
        if option not in types or (value is None and not word.startswith("-")):
            loose.append(word)
            continue
        if value is None and option == "backup" and _ends(queue):
            option, value = "build", "yes"  # ipvs.alert's -B without an address
        if value is None:
            value = _argument(word, types[option], queue)
        given[option] = _read(value, types[option])
    return given, loose


def _option(word: str, letters: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the option that a word names, and its value where the word has it, too."""
    option, equals, value = word.lstrip("-").partition("=")
    if word.startswith("-") and not word.startswith("--") and word[1:2] in letters:
        return letters[word[1]], word[2:] or None  # -p 80, -p80
    return option.replace("-", "_"), value if equals else None


def _ends(queue: Sequence[str]) -> bool:
    return not queue or _OPTION.match(queue[0]) is not None


def _positional(
    name: str,
    words: Sequence[str],
    given: Mapping[str, Any],
    types: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what words without an option's name are for; exit with 2 if nothing."""
    found: dict[str, Any] = {}
    rest = list(words)
    if rest and name == "external" and "command" not in given:
        found["command"] = rest.pop(0)
    if not rest:
        return found
    option = REST.get(name, "")
    wrong = rest if option not in types else [w for w in rest if _is_strange(name, w)]
    if not wrong and len(rest) > 1 and not _is_list(types[option]):
        wrong = rest[1:]
    if wrong:
        fail_usage(_unknown(name, wrong[0], list(types)))
    return found | {option: rest if _is_list(types[option]) else rest[0]}


def _is_strange(name: str, word: str) -> bool:
    return name != "external" and _OPTION.match(word) is not None


def _unknown(name: str, word: str, known: Sequence[str]) -> str:
    listed = f"it has: {', '.join(known)}"
    if not _OPTION.match(word):
        return f"{name} has no use for {word!r}; {listed}"
    option = word.lstrip("-").partition("=")[0].replace("-", "_")
    close = get_close_matches(option, known, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return f"{name} has no option {option!r}{hint}; {listed}"


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
    if int in kinds and _NUMBER.fullmatch(value):
        return int(value)
    return value
