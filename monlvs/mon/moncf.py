"""Reads mon.cf: text to a tree of blocks, by the lexical rules of mon(8) as they are.

A comment is a whole line; a backslash at the end joins the next line without a space; a
blank line ends a block, and so does a line that begins one. Where mon swallows such a
line (a `watch` right after a `hostgroup` becomes host names), it begins a block here,
with a warning. What mon passes over without a word is warned about too. Every problem
of the file is noted, not only the first.
"""

import re
from dataclasses import dataclass, field

from monlvs.mon.cfblocks import (
    AliasBlock,
    Assignment,
    Directive,
    Line,
    PeriodBlock,
    PlacedWord,
    ServiceBlock,
    Setting,
    Tree,
    WatchBlock,
    WordBlock,
)
from monlvs.mon.directives import period_head
from monlvs.mon.findings import Findings
from monlvs.mon.words import BLANKS, plain_words

SERVICE_KEYWORDS = frozenset(
    (
        *("interval", "failure_interval", "randskew", "traptimeout", "trapduration"),
        *("monitor", "redistribute", "description", "unack_summary"),
        *("exclude_hosts", "exclude_period", "allow_empty_group"),
        *("depend", "alertdepend", "monitordepend", "hostdepend"),
        *("dep_behavior", "dep_memory"),
    )
)
PERIOD_KEYWORDS = frozenset(
    (
        *("alert", "upalert", "startupalert", "ackalert", "disablealert"),
        *("alertevery", "alertafter", "numalerts", "upalertafter", "no_comp_alerts"),
    )
)
_WATCH_KEYWORDS = SERVICE_KEYWORDS | PERIOD_KEYWORDS | {"service", "period"}

_OPENING = re.compile(
    rf"(hostgroup|view|alias|watch)[{BLANKS}]+([A-Za-z0-9_.-]+)(.*)", re.DOTALL
)
_ASSIGNMENT = re.compile(rf"([A-Za-z0-9_]+)[{BLANKS}]*=(.*)", re.DOTALL)
_SETTING = re.compile(r"([A-Z_][A-Z0-9_]*)=(.*)", re.DOTALL)
_KEYWORD = re.compile(rf"([^{BLANKS}]+)(.*)", re.DOTALL)
_TAG = re.compile(r"[A-Za-z0-9_.-]+")
_CONTINUED = re.compile(rf"\\[{BLANKS}]*$")

_SWALLOWS = {
    "hostgroup": ("view", "alias", "watch"),
    "view": ("watch",),
    "alias": ("view", "watch"),
}
"""Lines that begin a block here and that mon takes for more of the block before."""


@dataclass(slots=True)
class _Period:
    line: int
    rest: str
    directives: list[Directive] = field(default_factory=list)


@dataclass(slots=True)
class _Service:
    line: int
    name: str
    directives: list[Directive] = field(default_factory=list)
    variables: list[Setting] = field(default_factory=list)
    periods: list[_Period] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    """What the periods are called."""


@dataclass(slots=True)
class _Block:
    """A block while it is read; which of the lists is used depends on the kind."""

    kind: str
    line: int
    tag: str
    words: list[PlacedWord] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    services: list[_Service] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    """What the services are called."""
    astray: bool = False
    """Whether a line before the first service was complained about."""


def parse(text: str, *, file: str = "mon.cf") -> Tree:
    """Read the text of a mon.cf; `file` is what problems call it.

    Never raises: what is wrong is in the tree's `problems`.
    """
    findings = Findings(file)
    lines, comments = logical_lines(text)
    reader = _Reader(findings)
    for line in lines:
        reader.read(line)
    return reader.tree(comments)


def logical_lines(text: str) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Return the joined lines of a mon.cf, blank ones included, and its comments."""
    lines: list[Line] = []
    comments: list[Line] = []
    started, begun = 0, ""
    for number, raw in enumerate(text.split("\n"), 1):
        part = raw.lstrip(BLANKS)
        if part.startswith("#"):
            # Not even a comment amidst a continued line ends it.
            comments.append(Line(number, part.rstrip(BLANKS)))
            continue
        started = started or number
        continued = _CONTINUED.search(part)
        if continued is not None:
            begun += part[: continued.start()]
            continue
        lines.append(Line(started, (begun + part).strip(BLANKS)))
        started, begun = 0, ""
    if started:
        lines.append(Line(started, begun.strip(BLANKS)))
    return tuple(lines), tuple(comments)


class _Reader:
    """Takes the logical lines of a file one by one."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._block: _Block | None = None
        self._cut: _Block | None = None
        self._blocks: list[_Block] = []
        self._assignments: list[Assignment] = []
        self._watched: set[str] = set()

    def read(self, line: Line) -> None:
        """Take the next line."""
        if not line.text:
            self._cut, self._block = self._block or self._cut, None
            return
        opening = _OPENING.fullmatch(line.text)
        if opening is not None:
            self._open(line, opening)
        elif self._block is None:
            self._at_top(line)
        elif self._block.kind == "watch":
            self._in_watch(self._block, line)
        elif self._block.kind == "alias":
            self._block.lines.append(line)
        else:
            self._block.words += _placed(line.number, line.text)

    def tree(self, comments: tuple[Line, ...]) -> Tree:
        """Return what was read."""
        return Tree(
            assignments=tuple(self._assignments),
            groups=tuple(_word_block(b) for b in self._of("hostgroup")),
            views=tuple(_word_block(b) for b in self._of("view")),
            aliases=tuple(
                AliasBlock(b.line, b.tag, tuple(b.lines)) for b in self._of("alias")
            ),
            watches=tuple(_watch_block(b) for b in self._of("watch")),
            comments=comments,
            problems=self._findings.problems(),
        )

    def _of(self, kind: str) -> list[_Block]:
        return [block for block in self._blocks if block.kind == kind]

    def _open(self, line: Line, opening: re.Match[str]) -> None:
        kind, tag, rest = opening.groups()
        before = self._block
        if before is not None and kind in _SWALLOWS.get(before.kind, ()):
            self._findings.warning(
                line.number,
                f"mon takes this line for more of {before.kind} {before.tag} (line "
                f"{before.line}): expected a blank line before it",
            )
        if rest and (kind in ("watch", "alias") or rest[0] not in BLANKS):
            self._findings.warning(
                line.number,
                f"expected nothing but letters, digits, - . _ in the tag of a {kind}; "
                f"it is {tag!r}, and [{rest.strip(BLANKS)}] follows it",
            )
        block = _Block(kind, line.number, tag)
        if kind == "watch":
            if tag in self._watched:
                self._findings.error(line.number, f"watch '{tag}' already defined")
            self._watched.add(tag)
        elif kind != "alias":
            block.words += _placed(line.number, rest)
        self._blocks.append(block)
        self._block = block

    def _at_top(self, line: Line) -> None:
        found = _ASSIGNMENT.fullmatch(line.text)
        if found is not None:
            name, value = found[1], found[2].strip(BLANKS)
            self._assignments.append(Assignment(line.number, name, value))
            return
        keyword, _ = _split(line.text)
        cut = self._cut
        if cut is not None and cut.kind == "watch" and keyword in _WATCH_KEYWORDS:
            self._findings.warning(
                line.number,
                f"passed over, as mon does: a blank line ended watch {cut.tag} (line "
                f"{cut.line}) before [{line.text}]",
            )
            return
        self._findings.warning(
            line.number,
            f"passed over, as mon does: [{line.text}]; expected hostgroup, view, alias "
            "or watch with a tag, or NAME = VALUE",
        )

    def _in_watch(self, watch: _Block, line: Line) -> None:
        keyword, rest = _split(line.text)
        setting = _SETTING.fullmatch(line.text)
        if keyword == "service":
            self._service(watch, line, rest)
        elif not watch.services:
            self._stray(watch, line, setting=setting is not None)
        elif setting is not None:
            watch.services[-1].variables.append(Setting(line.number, *setting.groups()))
        elif keyword == "period":
            self._period(watch, line, rest)
        else:
            self._directive(watch.services[-1], line, Directive(line[0], keyword, rest))

    def _service(self, watch: _Block, line: Line, name: str) -> None:
        if _TAG.fullmatch(name) is None:
            self._findings.error(line.number, f"invalid service tag '{name}'")
        elif name in watch.names:
            self._findings.error(
                line.number,
                f"service {name} already defined for watch group {watch.tag}",
            )
        watch.names.add(name)
        watch.services.append(_Service(line.number, name))

    def _stray(self, watch: _Block, line: Line, *, setting: bool) -> None:
        if setting:
            what = "environment variable defined without a service"
        elif watch.astray:
            return  # said once, that is enough
        else:
            what = "need to specify service in watch record"
            watch.astray = True
        self._findings.error(line.number, what)

    def _period(self, watch: _Block, line: Line, rest: str) -> None:
        service = watch.services[-1]
        key = period_head(rest).key
        if key in service.keys:
            self._findings.error(
                line.number,
                f"period '{key}' already defined for watch group {watch.tag} service "
                f"{service.name}",
            )
        service.keys.add(key)
        service.periods.append(_Period(line.number, rest))

    def _directive(self, service: _Service, line: Line, directive: Directive) -> None:
        known = PERIOD_KEYWORDS if service.periods else SERVICE_KEYWORDS
        if directive.keyword in known:
            place = service.periods[-1] if service.periods else service
            place.directives.append(directive)
            return
        hint = ""
        if directive.keyword in SERVICE_KEYWORDS:
            hint = ": expected before the first period of the service"
        elif directive.keyword in PERIOD_KEYWORDS:
            hint = ": expected in a period"
        self._findings.error(line.number, f"unknown syntax [{line.text}]{hint}")


def _split(text: str) -> tuple[str, str]:
    found = _KEYWORD.fullmatch(text)
    return (found[1], found[2].strip(BLANKS)) if found is not None else ("", "")


def _placed(line: int, text: str) -> list[PlacedWord]:
    return [PlacedWord(line, word) for word in plain_words(text)]


def _word_block(block: _Block) -> WordBlock:
    return WordBlock(block.line, block.tag, tuple(block.words))


def _watch_block(block: _Block) -> WatchBlock:
    return WatchBlock(
        block.line,
        block.tag,
        tuple(
            ServiceBlock(
                service.line,
                service.name,
                tuple(service.directives),
                tuple(service.variables),
                tuple(
                    PeriodBlock(period.line, period.rest, tuple(period.directives))
                    for period in service.periods
                ),
            )
            for service in block.services
        ),
    )
