"""The house rules that no linter checks."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = sorted((ROOT / "monlvs").rglob("*.py"))
SOURCES = PACKAGE + sorted((ROOT / "tests").rglob("*.py"))
SOURCES += sorted((ROOT / "bench").rglob("*.py"))
EMPTY_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "base",
    "manager",
}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_a_file_stays_under_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_a_module_has_a_name_that_says_something(path: Path) -> None:
    assert path.stem not in EMPTY_NAMES


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_nothing_is_mocked_and_no_test_is_skipped(path: Path) -> None:
    if path == Path(__file__):
        return
    text = path.read_text()

    for word in (
        "unittest.mock",
        "mark.skip",
        "mark.xfail",
        "pytest.skip(",
        "importorskip",
    ):
        assert word not in text


@pytest.mark.parametrize("path", PACKAGE, ids=named)
def test_a_module_says_its_job_in_its_first_line(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_every_test_file_mirrors_a_module() -> None:
    modules = {p.relative_to(ROOT / "monlvs").with_suffix("") for p in PACKAGE}
    packages = {module.parent for module in modules}
    strays = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        relative = path.relative_to(ROOT / "tests")
        if len(relative.parts) == 1 or relative.parts[0] in ("e2e", "bench", "soak"):
            continue
        module = relative.with_name(relative.stem.removeprefix("test_"))
        if module not in modules and relative.parent not in packages:
            strays.append(str(relative))

    assert strays == []
