"""~SEQ(NAME, FIRST, STEP, LAST) and ~LST(NAME, VALUE, …) in front of a line."""

import re
from typing import Final

_HEAD: Final = re.compile(r"~(SEQx?|LST)\(([^()]*)\)\s*(.*)", re.DOTALL)
_NAME: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_ITEM: Final = re.compile(r"\{[^{}]*\}|[^,{}]+")
_MOST: Final = 65_536


def rounds(text: str) -> tuple[list[dict[str, str]], str]:
    """Return the parameters of each round, and the line that is repeated.

    Raises ValueError saying what was expected.
    """
    found = _HEAD.fullmatch(text)
    if found is None:
        raise ValueError(
            f"expected ~SEQ(NAME, FIRST, STEP, LAST) or ~LST(NAME, VALUE, …), not {text!r}"
        )
    kind, inner, rest = found[1], found[2], found[3]
    made = (
        _listed(inner) if kind == "LST" else _counted(inner, hexadecimal=kind[3:] != "")
    )
    return made, rest


def _counted(inner: str, *, hexadecimal: bool) -> list[dict[str, str]]:
    name, *words = [word.strip() for word in inner.split(",")]
    if not _NAME.fullmatch(name) or not 1 <= len(words) <= 3:
        raise ValueError(f"expected ~SEQ(NAME, FIRST, STEP, LAST), not ~SEQ({inner})")
    numbers = [_number(word) for word in words]
    last = numbers[-1]
    first = numbers[0] if len(numbers) > 1 else (1 if last > 0 else -1)
    step = numbers[1] if len(numbers) > 2 else (1 if last >= first else -1)
    if step == 0 or abs(last - first) // abs(step) > _MOST:
        raise ValueError(f"expected steps to an end, {_MOST} at most, in ~SEQ({inner})")
    spelled = "{:x}" if hexadecimal else "{}"
    stop = last + (1 if step > 0 else -1)
    return [{name: spelled.format(value)} for value in range(first, stop, step)]


def _number(word: str) -> int:
    try:
        return int(word, 0) if word.lower().startswith(("0x", "-0x")) else int(word)
    except ValueError:
        raise ValueError(f"expected a number in ~SEQ, not {word!r}") from None


def _listed(inner: str) -> list[dict[str, str]]:
    items = [item.strip() for item in _ITEM.findall(inner) if item.strip()]
    if len(items) < 2:
        raise ValueError(f"expected ~LST(NAME, VALUE, …), not ~LST({inner})")
    names = _several(items[0])
    if not all(_NAME.fullmatch(name) for name in names):
        raise ValueError(f"expected names of parameters, not {items[0]!r}")
    made = []
    for item in items[1:]:
        values = _several(item) if len(names) > 1 else [item]
        if len(values) != len(names):
            raise ValueError(f"expected {len(names)} values in ~LST, not {item!r}")
        made.append(dict(zip(names, values, strict=True)))
    return made


def _several(item: str) -> list[str]:
    return [word.strip() for word in item.strip("{}").split(",")]
