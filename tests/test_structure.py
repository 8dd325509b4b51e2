"""The house rules that no linter checks."""

import ast
from collections.abc import Callable, Iterable
from pathlib import Path

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
DODGES = (
    "unittest.mock",
    "mark.skip",
    "mark.xfail",
    "pytest.skip(",
    "importorskip",
)


def those(paths: Iterable[Path], wrong: Callable[[Path], object]) -> list[str]:
    """Name the files that break a rule."""
    return [str(path.relative_to(ROOT)) for path in paths if wrong(path)]


def test_there_are_files_to_look_at() -> None:
    assert len(PACKAGE) > 100
    assert len(SOURCES) > len(PACKAGE) + 100


def test_a_file_stays_under_400_lines() -> None:
    assert those(SOURCES, lambda path: len(path.read_text().splitlines()) > 400) == []


def test_a_module_has_a_name_that_says_something() -> None:
    assert those(SOURCES, lambda path: path.stem in EMPTY_NAMES) == []


def test_nothing_is_mocked_and_no_test_is_skipped() -> None:
    rules = Path(__file__)

    def dodges(path: Path) -> bool:
        text = path.read_text()
        return path != rules and any(word in text for word in DODGES)

    assert those(SOURCES, dodges) == []


def test_a_module_says_its_job_in_its_first_line() -> None:
    def mute(path: Path) -> bool:
        return not ast.get_docstring(ast.parse(path.read_text()))

    assert those(PACKAGE, mute) == []


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
