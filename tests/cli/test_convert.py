"""`monlvs convert` writes, reports and refuses."""

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from monlvs.cli.convert import command
from monlvs.config import load

MON_CF = """\
mondir = /nowhere
alertdir = /nowhere
statedir = /var/lib/mon
# the web server
hostgroup web 10.1.1.2

watch web
  service http
    interval 10s
    monitor http.monitor
    period
      alert mail.alert root
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mon.cf"
    path.write_text(MON_CF)
    return path


def test_the_text_goes_to_standard_output_and_the_report_beside_it(file: Path) -> None:
    result = CliRunner().invoke(command, [str(file)])

    assert result.exit_code == 0
    said = tomllib.loads(result.stdout)
    assert said["hostgroups"] == {"web": ["10.1.1.2"]}
    assert said["watch"]["web"]["service"]["http"]["interval"] == "10s"
    assert "# the web server" in result.stdout
    assert "1 host groups, 1 services, 1 alert lines, 1 comments" in result.stderr


def test_the_file_it_writes_says_the_same(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "mon_lvs.toml"
    result = CliRunner().invoke(command, [str(file), "-o", str(out)])

    assert (result.exit_code, result.stdout) == (0, "")
    assert load(out)[0] == load(file)[0]


def test_no_file_is_overwritten(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "mon_lvs.toml"
    out.write_text("mine")
    result = CliRunner().invoke(command, [str(file), "-o", str(out)])

    assert result.exit_code == 1
    assert "there already" in result.stderr
    assert out.read_text() == "mine"


def test_a_broken_file_gives_its_problems_and_no_text(file: Path) -> None:
    file.write_text(MON_CF + "      odd\n")
    result = CliRunner().invoke(command, [str(file)])

    assert (result.exit_code, result.stdout) == (2, "")
    assert "mon.cf:13: unknown syntax [odd]" in result.stderr


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [str(tmp_path / "gone.cf")])

    assert result.exit_code == 2
    assert result.stderr.endswith(
        "gone.cf: cannot be read: No such file or directory\n"
    )
