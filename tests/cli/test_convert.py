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


KEEPALIVED = """\
# the shop
virtual_server 10.0.0.1 80 {
    protocol TCP
    include_me_not 3
    real_server 10.1.1.2 80 {
        TCP_CHECK { }
    }
}
@north virtual_server 10.0.0.2 80 { protocol TCP
@north     real_server 10.1.1.2 80 { TCP_CHECK { } } }
"""


def test_a_keepalived_conf_is_converted_and_what_is_not_carried_is_told(
    tmp_path: Path,
) -> None:
    given = tmp_path / "given"
    given.write_text(KEEPALIVED)
    out = tmp_path / "mon_lvs.toml"
    result = CliRunner().invoke(
        command, [str(given), "-o", str(out), "--config-id", "north"]
    )

    assert (result.exit_code, result.stdout) == (0, "")
    assert [each["vip"] for each in tomllib.loads(out.read_text())["lvs"]] == [
        "10.0.0.1:80",
        "10.0.0.2:80",
    ]
    assert f"{given}:4: warning: not carried: include_me_not" in result.stderr
    assert "carried: 2 virtual services, 2 real servers, 2 checks" in result.stderr
    config, problems = load(out)
    assert config is not None
    assert problems == ()


def test_included_files_are_found_beside_the_file_that_includes_them(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "conf.d"
    folder.mkdir()
    (folder / "a.conf").write_text(KEEPALIVED)
    given = tmp_path / "keepalived.conf"
    given.write_text("include conf.d/{a,b}.conf\n")
    result = CliRunner().invoke(command, [str(given)])

    assert result.exit_code == 0
    assert "10.0.0.1:80" in result.stdout
    assert f"{folder}/a.conf:4: warning: not carried" in result.stderr


def test_an_ldirectord_cf_with_errors_gives_them_all_and_no_text(
    tmp_path: Path,
) -> None:
    given = tmp_path / "ldirectord.cf"
    given.write_text("virtual = 10.0.0.1\nchektimeout = 3\n")
    result = CliRunner().invoke(command, [str(given)])

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{given}:1: virtual: expected ADDRESS:PORT" in result.stderr
    assert f"{given}:2: unknown directive chektimeout: did you mean" in result.stderr


def test_a_file_without_virtual_services_gives_nothing(tmp_path: Path) -> None:
    given = tmp_path / "keepalived.conf"
    given.write_text("vrrp_instance V {\n}\n")
    out = tmp_path / "mon_lvs.toml"
    result = CliRunner().invoke(command, [str(given), "-o", str(out)])

    assert result.exit_code == 1
    assert "left where it is: vrrp_instance V" in result.stderr
    assert "nothing is written" in result.stderr
    assert not out.exists()


def test_rules_of_ipvsadm_are_converted_as_director_import_does(tmp_path: Path) -> None:
    given = tmp_path / "rules"
    given.write_text(
        "-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.1.1.2:80 -m -w 3\n"
    )
    result = CliRunner().invoke(command, [str(given)])

    assert result.exit_code == 0
    (virtual,) = tomllib.loads(result.stdout)["virtual_service"]
    assert virtual["servers"][0]["weight"] == 3
    assert "carried: 1 virtual service with 1 real server" in result.stderr


def test_whose_file_it_is_can_be_stated(tmp_path: Path) -> None:
    given = tmp_path / "odd"
    given.write_text("checktimeout = 3\n")
    result = CliRunner().invoke(command, [str(given), "--from", "ldirectord"])

    assert result.exit_code == 1
    assert "no virtual service" in result.stderr


@pytest.mark.parametrize(
    ("name", "text"), [("mon_lvs.toml", "nonsense"), ("mon.cf", "[settings]\nx = 1\n")]
)
def test_what_is_toml_already_is_not_read_as_a_mon_cf(
    name: str, text: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text)
    ended = CliRunner().invoke(command, [str(path)])

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"monlvs: {path}: this is TOML already: expected a ")
