"""Draws docs/states.md from the table of transitions.

`python -m tests.core.diagram > docs/states.md` brings the page up to date.
"""

from monlvs.core.transitions import TRANSITIONS, Move

MEANING = {
    Move.FIRST_SUCCESS: "nothing is told, unless `upalert_first` is set",
    Move.FIRST_FAILURE: "the outage begins; alerts go through the rules of their periods",
    Move.FAILED: "the outage begins; alerts go through the rules of their periods",
    Move.STILL_FAILING: "alerts go through the rules of their periods",
    Move.RECOVERED: "upalerts; acknowledgement and counters are forgotten",
    Move.STEADY: "nothing",
}

HEAD = """\
# The states of a service

Drawn from `monlvs/core/transitions.py`; a test keeps this page and that table alike.

A service starts `untested`. The verdict of a finished check moves it; an inconclusive
check, a check that could not be made properly, moves nothing and is not in the table.
"""


def page() -> str:
    """The whole page, as Markdown."""
    return f"{HEAD}\n{_mermaid()}\n{_table()}"


def _mermaid() -> str:
    arrows = (
        f"    {before.name} --> {after.name}: {verdict} ({_name(move)})"
        for (before, verdict), (after, move) in TRANSITIONS.items()
    )
    lines = ("```mermaid", "stateDiagram-v2", "    [*] --> UNTESTED", *arrows, "```")
    return "".join(f"{line}\n" for line in lines)


def _table() -> str:
    rows = (
        f"| {before.name} | {verdict} | {after.name} | {_name(move)} | {MEANING[move]} |"
        for (before, verdict), (after, move) in TRANSITIONS.items()
    )
    head = ("| from | verdict | to | move | what is told |", "|---|---|---|---|---|")
    return "".join(f"{line}\n" for line in (*head, *rows))


def _name(move: Move) -> str:
    return move.name.lower().replace("_", " ")


if __name__ == "__main__":
    print(page(), end="")
