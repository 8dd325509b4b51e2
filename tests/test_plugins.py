"""What is registered is what is there, and asking for one loads that one alone."""

import importlib.metadata
import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from monlvs.monitors.http import Http
from monlvs.plugins import (
    ALERTS,
    MONITORS,
    PluginError,
    Plugins,
    alerts,
    monitors,
    name_of,
    options,
)

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
HEAVY = ("pydantic", "aiohttp", "asyncssh", "aiosmtplib", "pyroute2", "apscheduler")


def modules(folder: str) -> set[str]:
    return {
        f"monlvs.{folder}.{path.stem}"
        for path in (ROOT / "monlvs" / folder).glob("*.py")
        if not path.stem.startswith("_") and _registers(path)
    }


def _registers(path: Path) -> bool:
    return "OPTION_RULES" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("folder", "group"), [("monitors", MONITORS), ("alerts", ALERTS)]
)
def test_every_file_is_registered_under_its_name(folder: str, group: str) -> None:
    registered = PROJECT["entry-points"][group]

    assert {target.partition(":")[0] for target in registered.values()} == modules(
        folder
    )
    for name, target in registered.items():
        assert target == f"monlvs.{folder}.{name}:{name.title()}"


@pytest.mark.parametrize(
    ("known", "group"), [(monitors(), MONITORS), (alerts(), ALERTS)]
)
def test_what_is_found_is_what_is_registered(known: Plugins, group: str) -> None:
    registered = PROJECT["entry-points"][group]
    assert {n: known.target(n) for n in known if n in registered} == registered
    for name in registered:
        assert known[name].__name__ == name.title()


def in_a_fresh_python(program: str, *flags: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, *flags, "-c", program], check=True, text=True, cwd="/",
        stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return done.stdout.split()


def test_names_alone_load_nothing() -> None:
    loaded = in_a_fresh_python(
        "import sys; from monlvs.plugins import monitors, alerts\n"
        "names = [*monitors(), *alerts(), 'http' in monitors(), len(alerts())]\n"
        "print(*sys.modules)"
    )
    assert [
        m for m in loaded if m.startswith(("monlvs.monitors", "monlvs.alerts"))
    ] == []


@pytest.mark.parametrize("name", sorted(PROJECT["entry-points"][MONITORS]))
def test_one_monitor_loads_no_other_and_nothing_heavy(name: str) -> None:
    loaded = in_a_fresh_python(
        f"import sys; from monlvs.plugins import monitors; monitors()[{name!r}]\n"
        "print(*sys.modules)"
    )
    others = {monitors().target(n).partition(":")[0] for n in monitors()}
    others.discard(monitors().target(name).partition(":")[0])
    assert others.isdisjoint(loaded)
    assert [m for m in loaded if m.partition(".")[0] in HEAVY] == []


def test_a_checkout_that_is_not_installed_knows_its_plugins() -> None:
    # -S: no site-packages, so no metadata of any distribution.
    names = in_a_fresh_python(
        "from monlvs.plugins import monitors, alerts; print(*monitors(), *alerts())",
        "-S",
    )
    assert set(names) >= {"http", "fping", "mail", "log"}


def test_a_distribution_of_somebody_else_adds_a_plugin(tmp_path: Path) -> None:
    info = tmp_path / "theirs-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[monlvs.monitors]\nradius = theirs:Radius\n"
    )
    (tmp_path / "theirs.py").write_text(
        "import dataclasses\n@dataclasses.dataclass\nclass Radius: pass\n"
    )
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from monlvs.plugins import monitors; print(*monitors(), monitors()['radius'])"
    )
    assert {"radius", "http"} <= set(in_a_fresh_python(program))
    assert importlib.metadata.version("pytest")  # this process is as it was


def test_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        monitors()["htp"]


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("monlvs.monitors.absent:Absent", "No module named"),
        ("monlvs.monitors.http:Absent", "has no attribute 'Absent'"),
        ("monlvs.plugins:monitors", "is not a dataclass"),
        ("monlvs.plugins:Plugins", "is not a dataclass"),
    ],
)
def test_a_plugin_that_cannot_be_loaded_is_told(target: str, why: str) -> None:
    with pytest.raises(PluginError, match=why):
        Plugins({"x": target})["x"]


@dataclass(frozen=True, kw_only=True)
class Above:
    """Has an option that others share."""

    port: int
    """Where to connect."""


@dataclass(frozen=True, kw_only=True)
class Below(Above):
    """Has options of every kind."""

    words: tuple[str, ...] = ()
    """Said
    on two lines."""
    pause: "float | None" = None
    kept: list[int] = field(default_factory=lambda: [1])
    """Made anew each time."""
    _inner: int = field(init=False, default=0)


def test_options_are_the_fields_with_the_strings_under_them() -> None:
    assert [(o.name, o.type, o.required, o.doc) for o in options(Below)] == [
        ("port", int, True, "Where to connect."),
        ("words", tuple[str, ...], False, "Said\non two lines."),
        ("pause", float | None, False, ""),
        ("kept", list[int], False, "Made anew each time."),
    ]
    assert options(Below)[3].default == [1]


def test_an_instance_knows_its_registered_name() -> None:
    assert name_of(Http()) == "http"
    assert name_of(Below(port=1)) == "Below"
