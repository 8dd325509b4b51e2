"""Writes docs/audit.md from the catalogue of findings.

`python -m tests.director.audit.page > docs/audit.md` brings the page up to date.
"""

from collections.abc import Iterator
from textwrap import fill

from monlvs.director.audit.catalogue import ENTRIES, Entry

HEAD = """# What an audit finds

`monlvs director audit -c FILE` looks at the director, as root, and asks the wire who else
answers for the VIPs; with `--servers` it looks at all real servers over SSH, too, and
`monlvs director realserver audit HOST... -c FILE` (on the director) looks at single ones.
Nothing is changed anywhere. Each finding says what is so, what it does to clients, and
the commands that mend it, for a shell on that machine.

Severity `lost`: some or all traffic goes nowhere. `risk`: nothing is lost now; it will be
when something else happens.

Exit status: 0 nothing found, 2 something found, 1 trouble: a wrong command line or
configuration, or nothing found where not everything could be looked at (it says what).
`--json` prints the same for programs. `--client ADDRESS` names a client to think of where
ways back are looked at; without, those that have connections now are thought of, and
wherever the director itself has routes to.

This page is made from the code (`monlvs/director/audit/catalogue/`); a test keeps both
alike.

| finding | on | severity | what is so |
|---|---|---|---|
"""


def page() -> str:
    """The page, as docs/audit.md has it."""
    return "".join([HEAD, *map(_row, ENTRIES), *_sections()])


def _row(entry: Entry) -> str:
    name = f"[`{entry.name}`](#{entry.name})"
    return f"| {name} | {entry.where} | {entry.severity} | {entry.title} |\n"


def _sections() -> Iterator[str]:
    for entry in ENTRIES:
        yield f"\n## {entry.name}\n\n"
        yield f"**{entry.title}** ({entry.where}; {entry.severity}).\n"
        yield f"{_filled(entry.why)}\n\n{_filled(f'*Cure:* {entry.cure}')}\n"


def _filled(text: str) -> str:
    return fill(text, 88, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    print(page(), end="")
