"""What this machine knows of programs and files."""

from pathlib import Path

from monlvs.config.site import this_site
from monlvs.model.lvs import Family, Protocol


def test_programs_are_those_of_mon_that_are_installed() -> None:
    site = this_site()
    assert site.program("fping.monitor") == "/usr/lib/mon/mon.d/fping.monitor"
    assert site.program("no.monitor") is None


def test_names_are_the_systems() -> None:
    names = this_site().names
    assert str(names.host("localhost", Family.IPV4)) == "127.0.0.1"
    assert names.port("http", Protocol.TCP) == 80


def test_patterns_mean_files_beside_the_one_that_has_them(tmp_path: Path) -> None:
    for name in ("a.conf", "b.conf", "c.txt"):
        (tmp_path / name).write_text(name)
    files = this_site("x").files

    assert [Path(name).name for name, _ in files("*.conf", str(tmp_path))] == [
        "a.conf",
        "b.conf",
    ]
    assert [text for _, text in files("{b,c}.{conf,txt}", str(tmp_path))] == [
        "b.conf",
        "c.txt",
    ]
    assert [text for _, text in files(f"{tmp_path}/c.txt", "/nowhere")] == ["c.txt"]
    assert list(files("nothing", str(tmp_path))) == []
    (tmp_path / "folder").mkdir()
    assert list(files("folder", str(tmp_path))) == []
