"""Dependency expressions: text to a tree, and whether one holds (mon(8), "depend").

The language is the boolean part of Perl's, as mon gives it to Perl; from what binds
least to what binds most:

    or xor      and      not      ||      &&      !      0  1  group:service  ( … )

A parent holds while it is good and, recursively, its own expressions hold. What cannot
be decided (no proper expression, or one that leads back to itself or too deep) does not
hold, as in mon, and the answer says so.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from monlvs.model.depend import (
    AllOf,
    AnyOf,
    Constant,
    Depend,
    DependBehavior,
    Dependencies,
    Expression,
    Not,
    OneOf,
    Parent,
)
from monlvs.model.status import OpStatus
from monlvs.model.values import Host
from monlvs.model.watch import ServiceKey

RECURSION_LIMIT = 10
"""mon's default for dep_recur_limit."""

NO_DEPENDENCY = "NONE"
"""What clients are shown for a service without an expression."""

_GOOD = frozenset(
    (
        OpStatus.OK,
        OpStatus.COLDSTART,
        OpStatus.WARMSTART,
        OpStatus.UNKNOWN,
        OpStatus.UNTESTED,
    )
)
_SELF = re.compile(r"(?<![\w.:-])SELF:")
_DEEPEST = 50
_TOKEN = re.compile(
    r"[ \t\r\n\f\v]*(?:"
    r"(?P<parent>[A-Za-z0-9_.-]+:[A-Za-z0-9_.-]+)"
    r"|(?P<sign>&&|\|\||!|\(|\))"
    r"|(?P<word>(?:and|or|xor|not|0|1)(?![A-Za-z0-9_.:-]))"
    r"|(?P<end>$)"
    r"|(?P<bad>[^ \t\r\n\f\v]+))"
)


class DependSyntaxError(ValueError):
    """An expression does not follow the grammar; says what was found and expected."""


class _UndecidedError(Exception):
    """There is no saying whether an expression holds."""


def read(text: str, group: str) -> Depend:
    """Read an expression of a service of `group`, for which SELF stands.

    Raises DependSyntaxError; `unreadable` makes what mon makes of such a text.
    """
    whole = expand_self(text, group)
    return Depend(text=whole, expression=parse(whole))


def unreadable(text: str, group: str) -> Depend:
    """Return a dependency that never holds, for a text that is no expression."""
    return Depend(text=expand_self(text, group), expression=None)


def expand_self(text: str, group: str) -> str:
    """Put the group where an expression says SELF."""
    return _SELF.sub(lambda _: f"{group}:", text)


def parse(text: str) -> Expression:
    """Read an expression such as `gw:ping && !(a:b || a:c)`. Raises DependSyntaxError."""
    parser = _Parser(text)
    expression = parser.lowest()
    parser.expect_end()
    return expression


def services(text: str) -> tuple[ServiceKey, ...]:
    """Return the services that a text names, each once, in order; the text may be no
    proper expression."""
    words = (token["parent"] for token in _TOKEN.finditer(text))
    return tuple(dict.fromkeys(_key(word) for word in words if word))


def expressions(
    dependencies: Dependencies, behavior: DependBehavior
) -> tuple[Depend, ...]:
    """Return what a service depends on as far as `behavior` goes."""
    special = {
        DependBehavior.ALERT: dependencies.alertdepend,
        DependBehavior.MONITOR: dependencies.monitordepend,
        DependBehavior.HOSTS: dependencies.hostdepend,
    }[behavior]
    general = dependencies.depend if dependencies.behavior is behavior else None
    return tuple(found for found in (general, special) if found is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentState:
    """What an evaluation needs to know of a service that is depended on."""

    good: bool
    """See `is_good`."""
    depends: tuple[Depend, ...] = ()
    """Its own expressions of the same behaviour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Whether expressions hold, and what speaks against it."""

    holds: bool
    bad: tuple[ServiceKey, ...] = ()
    """Services that were looked at and did not hold."""
    loop: tuple[ServiceKey, ...] = ()
    """Services that lead back to the first of them, where some do."""
    too_deep: bool = False
    """Whether the limit of recursion was met."""
    unreadable: tuple[str, ...] = ()
    """Texts that are no proper expressions."""


Lookup = Callable[[ServiceKey], ParentState | None]
"""Tells the state of a service; None: there is no such service."""


def is_good(
    status: OpStatus,
    *,
    last_failure: float | None = None,
    memory: timedelta | None = None,
    now: float = 0.0,
) -> bool:
    """Say whether a parent in this state is good.

    `last_failure` and `now` are seconds of one monotonic clock; with a `memory`
    (dep_memory) a parent is bad for that long after its last failure.
    """
    if status not in _GOOD:
        return False
    if memory is None or last_failure is None:
        return True
    return now - last_failure >= memory.total_seconds()


def evaluate(
    depends: Sequence[Depend], lookup: Lookup, *, limit: int = RECURSION_LIMIT
) -> Evaluation:
    """Say whether all of `depends` hold.

    A service that does not exist is bad. What leads back to itself, or through more
    than `limit` parents, does not hold.
    """
    run = _Run(lookup, limit)
    try:
        holds = run.all_hold(depends)
    except _UndecidedError:
        holds = False
    return Evaluation(
        holds=holds,
        bad=tuple(key for key, held in run.known.items() if not held),
        loop=run.loop,
        too_deep=run.too_deep,
        unreadable=tuple(run.unreadable),
    )


def suppressed_hosts(hosts: Iterable[Host], summaries: Iterable[str]) -> set[Host]:
    """Return the hosts that a failing parent's summary names.

    mon looks for the letters anywhere, so that it takes `10.0.0.1` out for
    `10.0.0.10`; here the whole name has to stand there.
    """
    texts = tuple(summaries)
    return {host for host in hosts if any(_names(text, host) for text in texts)}


def _names(text: str, host: Host) -> bool:
    # A name ends before the colon or the full stop of a sentence, not inside another.
    colon = ":" if ":" in host else ""
    before, after = rf"(?<![\w.{colon}-])", rf"(?![\w-]|[.{colon}]\w)"
    return re.search(before + re.escape(host) + after, text) is not None


class _Run:
    """One evaluation; every service is decided once."""

    def __init__(self, lookup: Lookup, limit: int) -> None:
        self._lookup = lookup
        self._limit = limit
        self._path: list[ServiceKey] = []
        self.known: dict[ServiceKey, bool] = {}
        self.loop: tuple[ServiceKey, ...] = ()
        self.too_deep = False
        self.unreadable: list[str] = []

    def all_hold(self, depends: Sequence[Depend]) -> bool:
        """Decide expressions, as far as is needed."""
        for depend in depends:
            if depend.expression is None:
                self.unreadable.append(depend.text)
                raise _UndecidedError
            if not self._holds(depend.expression):
                return False
        return True

    def _holds(self, expression: Expression) -> bool:
        match expression:
            case Constant(value=value):
                return value
            case Parent(group=group, service=service):
                return self._service(ServiceKey(group, service))
            case Not(operand=operand):
                return not self._holds(operand)
            case AllOf(operands=operands):
                return all(self._holds(operand) for operand in operands)
            case AnyOf(operands=operands):
                return any(self._holds(operand) for operand in operands)
            case OneOf(first=first, second=second):
                return self._holds(first) is not self._holds(second)
            case _:
                assert_never(expression)

    def _service(self, key: ServiceKey) -> bool:
        if key in self.known:
            return self.known[key]
        if key in self._path:
            self.loop = tuple(self._path[self._path.index(key) :])
            raise _UndecidedError
        if len(self._path) >= self._limit:
            self.too_deep = True
            raise _UndecidedError
        state = self._lookup(key)
        self._path.append(key)
        held = state is not None and state.good and self.all_hold(state.depends)
        self._path.pop()
        self.known[key] = held
        return held


class _Parser:
    """Recursive descent, one method for each strength of binding."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._depth = 0
        self._kind, self._word = "", ""
        self._advance()

    def lowest(self) -> Expression:
        """Read what `or` and `xor` join; they bind alike, from the left."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise DependSyntaxError(f"expected at most {_DEEPEST} parentheses")
        left = self._conjunction()
        while self._word in ("or", "xor"):
            join = _any if self._word == "or" else OneOf
            self._advance()
            left = join(left, self._conjunction())
        self._depth -= 1
        return left

    def expect_end(self) -> None:
        """Refuse anything that follows."""
        if self._kind != "end":
            raise self._unexpected("expected && || and or xor, or the end")

    def _conjunction(self) -> Expression:
        left = self._negation("not", self._disjunction)
        while self._word == "and":
            self._advance()
            left = _all(left, self._negation("not", self._disjunction))
        return left

    def _disjunction(self) -> Expression:
        left = self._product()
        while self._word == "||":
            self._advance()
            left = _any(left, self._product())
        return left

    def _product(self) -> Expression:
        left = self._negation("!", self._operand)
        while self._word == "&&":
            self._advance()
            left = _all(left, self._negation("!", self._operand))
        return left

    def _negation(self, sign: str, inner: Callable[[], Expression]) -> Expression:
        negative = False
        while self._word == sign:
            negative = not negative
            self._advance()
        operand = inner()
        return Not(operand) if negative else operand

    def _operand(self) -> Expression:
        kind, word = self._kind, self._word
        if kind == "parent":
            self._advance()
            return Parent(*_key(word))
        if word in ("0", "1"):
            self._advance()
            return Constant(word == "1")
        if word == "(":
            self._advance()
            inner = self.lowest()
            if self._word != ")":
                raise self._unexpected("expected )")
            self._advance()
            return inner
        raise self._unexpected("expected group:service, 0, 1, ! or (")

    def _advance(self) -> None:
        token = _TOKEN.match(self._text, self._position)
        assert token is not None  # `bad` takes whatever nothing else does
        self._position = token.end()
        self._kind = token.lastgroup or "end"
        self._word = token[self._kind]

    def _unexpected(self, expected: str) -> DependSyntaxError:
        found = f"not {self._word!r}" if self._kind != "end" else "and not the end"
        return DependSyntaxError(f"{expected}, {found} in: {self._text[:200]}")


def _key(word: str) -> ServiceKey:
    group, _, service = word.partition(":")
    return ServiceKey(group, service)


def _all(left: Expression, right: Expression) -> Expression:
    return AllOf((*(left.operands if isinstance(left, AllOf) else (left,)), right))


def _any(left: Expression, right: Expression) -> Expression:
    return AnyOf((*(left.operands if isinstance(left, AnyOf) else (left,)), right))
