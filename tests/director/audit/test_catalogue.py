"""The catalogue is whole: every finding is made, tested, and on the page."""

import ast
from pathlib import Path

import pytest

import monlvs.director.audit as package
from monlvs.director.audit.catalogue import ENTRIES, found
from monlvs.director.machine.findings import Severity
from tests.director.audit.page import page

PAGE = Path(__file__).parents[3] / "docs" / "audit.md"
NAMES = [entry.name for entry in ENTRIES]


def made() -> list[str]:
    """The names that the code makes findings of."""
    calls = (
        node
        for path in Path(package.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "found"
    )
    return [ast.literal_eval(call.args[0]) for call in calls]


def test_every_finding_has_one_entry_and_every_entry_is_made() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert set(made()) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_finding_is_made_in_some_test(name: str) -> None:
    others = set(Path(__file__).parent.glob("test_*.py")) - {Path(__file__)}

    assert any(f'"{name}"' in path.read_text() for path in others)


def test_the_documentation_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), (
        "run `python -m tests.director.audit.page > docs/audit.md`"
    )


def test_a_finding_tells_what_is_so_why_and_the_cure() -> None:
    finding = found("tunnel-down", "rs1", "tunl0 is down", fix=["ip link set tunl0 up"])

    assert finding.severity is Severity.LOST
    assert str(finding).splitlines() == [
        "LOST rs1: tunl0 is down  [tunnel-down]",
        "     What the director wraps is not unwrapped: connections hang.",
        "     # ip link set tunl0 up",
    ]
