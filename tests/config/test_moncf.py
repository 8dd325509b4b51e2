"""A mon.cf becomes the model: programs, paths, defaults, what is odd and where."""

from datetime import timedelta
from pathlib import Path

import pytest

from monlvs.alerts.external import External as ExternalAlert
from monlvs.config import Source, load
from monlvs.model.depend import DependBehavior
from monlvs.model.mon import Alias, View
from monlvs.model.watch import ExitRange, ServiceKey
from monlvs.monitors.external import External
from tests.config.moncfs import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_programs_are_found_where_the_file_says(site: Site) -> None:
    monitor = site.program("some.monitor")
    alert = site.program("some.alert")
    service = site.service(
        "    interval 20s\n    monitor some.monitor -x 'two words' ;;\n"
        "    period P: wd {Mon-Fri}\n      alert exit=2-3 some.alert a 'b c'\n"
    )

    assert site.problems == ()
    assert service.monitor == External(
        command=monitor, args=("-x", "two words"), hosts=False
    )
    assert service.monitor_text == "some.monitor -x 'two words' ;;"
    (line,) = service.periods[0].alerts
    assert line.alert == ExternalAlert(command=alert, args=("a", "b c"))
    assert (line.exits, line.program, line.arguments) == (
        ExitRange(2, 3), alert, "a 'b c'",
    )  # fmt: skip


def test_a_program_has_three_intervals_and_at_least_a_minute(site: Site) -> None:
    site.program("some.monitor")

    short = site.service("    interval 5s\n    monitor some.monitor\n")
    long = site.service("    interval 1h\n    monitor some.monitor\n")

    assert short.timeout == timedelta(minutes=1)
    assert long.timeout == timedelta(hours=3)


def test_missing_programs_are_warned_about_and_their_lines_left_out(site: Site) -> None:
    site.program("there.alert")
    site.program("sleeping.alert", mode=0o644)
    service = site.service(
        "    interval 5s\n    monitor gone.monitor\n    period\n"
        "      alert gone.alert\n      alert there.alert\n      alert sleeping.alert\n"
    )

    assert service.monitor is None
    assert service.monitor_text == "gone.monitor"
    assert len(service.periods[0].alerts) == 1
    root = site.root
    assert site.problems == (
        f"11: gone.monitor not found in one of ({root}/mon.d)",
        f"13: gone.alert not found in one of ({root}/alert.d)",
        f"15: sleeping.alert not found in one of ({root}/alert.d)",
    )


def test_errors_are_all_told_and_give_no_configuration(site: Site) -> None:
    config = site.read(
        "watch web\n  service s\n    nonsense\n    interval 0\nfoo = 1\n"
    )

    assert config is None
    errors = [problem for problem in site.problems if "!" in problem.split()[0]]
    assert [error.split("!")[0] for error in errors] == ["8", "9", "10"]


def test_exit_codes_that_no_program_has_are_warned_about(site: Site) -> None:
    site.program("some.alert")
    service = site.service(
        "    period\n      alert exit=3-1 some.alert\n      alert exit=2-300 some.alert\n"
    )

    assert [line.exits for line in service.periods[0].alerts] == [ExitRange(2, 255)]
    assert site.problems == (
        "11: this counts for nothing: no exit code is from 3 to 1",
    )


def test_dependencies_have_the_files_defaults_and_may_be_unreadable(site: Site) -> None:
    config = site.read(
        "dep_behavior = m\ndep_memory = 5m\nhostgroup web 10.1.1.2\n\nwatch web\n"
        "  service a\n    depend SELF:b && gw:ping\n"
        "  service b\n    dep_behavior hm\n    depend gw:ping &&\n"
    )
    assert config is not None
    a, b = (each for _, each in config.services().values())

    assert a.dependencies.depend is not None
    assert a.dependencies.depend.text == "web:b && gw:ping"
    assert a.dependencies.behavior is DependBehavior.MONITOR
    assert a.dependencies.memory == timedelta(minutes=5)
    assert b.dependencies.behavior is DependBehavior.HOSTS
    assert b.dependencies.depend is not None
    assert b.dependencies.depend.expression is None
    assert any(p.startswith("15: this counts as failing") for p in site.problems)


def test_views_aliases_and_unwatched_groups_are_kept_for_clients(site: Site) -> None:
    config = site.read(
        "hostgroup web a b\n\nhostgroup rest *c d\n\nview v web rest\n\n"
        "alias x\n  web http\n  more\n\nwatch web\n  service s\n"
    )
    assert config is not None

    assert [watch.group.name for watch in config.watches] == ["web", "rest"]
    assert config.watches[1].group.disabled == {"c"}
    assert config.views == (View(name="v", groups=("web", "rest")),)
    assert config.aliases == (Alias(name="x", lines=("web http", "more")),)


def test_the_command_line_beats_the_file(site: Site) -> None:
    config = site.read(
        "serverport = 2000\nmaxprocs = 7\n", serverport=3000, authfile="a"
    )
    assert config is not None
    assert config.mon is not None

    assert config.mon.serverport == 3000
    assert config.mon.authfile == f"{site.root}/etc/a"
    assert config.settings.max_programs == 7
    assert config.settings.state_dir == f"{site.root}/state"


@pytest.mark.parametrize("name", ["mon.cf", "monitoring.conf", "nameless"])
def test_a_file_is_known_by_its_name_or_by_what_is_in_it(site: Site, name: str) -> None:
    config = site.read("hostgroup web a\n\nwatch web\n  service s\n", name=name)

    assert config is not None
    assert config.mon is not None


def test_bytes_that_are_no_utf8_are_latin1(site: Site) -> None:
    file = site.root / "mon.cf"
    file.write_bytes(b"watch web\n service s\n  description M\xfcnchen\n")
    config, _ = load(file)

    assert config is not None
    assert config.services()[ServiceKey("web", "s")][1].description == "München"


def test_a_source_can_be_read_again(site: Site) -> None:
    site.read("watch web\n  service s\n")
    source = Source(site.root / "mon.cf", {"trapport": 4000})
    config, _ = source.load()

    assert config is not None
    assert config.mon is not None
    assert config.mon.trapport == 4000
    assert str(source) == str(site.root / "mon.cf")


def test_m4_goes_over_a_file_of_that_name_and_lines_keep_their_places(
    site: Site,
) -> None:
    (site.root / "more.cf").write_text("  service t\n    nonsense\n")
    config = site.read(
        "define(`LIST',`a\nb')dnl\nhostgroup web LIST\n\nwatch web\n"
        "  service s\n    odd\n"
        f"include({site.root}/more.cf)dnl\n",
        name="mon.m4",
    )

    assert config is None
    assert "12! unknown syntax [odd]" in site.problems
    assert "2! unknown syntax [nonsense]" in site.problems


def test_m4s_own_errors_are_placed(site: Site) -> None:
    config = site.read("include(/no/such/file)\n", m4="m4")

    assert config is None
    assert [problem.split(":")[0] for problem in site.problems] == ["6! m4"]


def test_a_missing_m4_is_told(site: Site) -> None:
    config = site.read("watch web\n  service s\n", m4="/no/such/m4")

    assert config is None
    assert site.problems == (
        "None! needs m4, and /no/such/m4 cannot be run: No such file or directory",
    )
