"""A converted mon.cf says the same, and keeps its comments."""

from pathlib import Path

import pytest

from monlvs.config.convert import Conversion, convert
from monlvs.config.reading import load, parse
from tests.config.moncfs import Site
from tests.mon.stage import CORPUS, Stage

SCENARIOS = sorted(path.name for path in CORPUS.iterdir() if path.is_dir())


def converted(file: Path) -> Conversion:
    return convert(file, file.read_bytes())


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_recorded_configuration_is_equal_as_toml(
    name: str, tmp_path: Path
) -> None:
    stage = Stage(name, tmp_path)
    (file,) = [p for p in tmp_path.iterdir() if p.suffix in (".cf", ".m4")]
    conversion = converted(file)
    assert conversion.text is not None

    again, problems = parse(conversion.text, "mon.toml")

    assert stage.read()[0] is not None
    assert again is not None
    assert again == load(file)[0]
    assert not [p for p in problems if not p.warning]
    assert conversion.equal


EVERYTHING = """\
# Who made this, and why.
serverport = 2600
randstart = 10s
dtlogging = yes
clientallow = 127\\.0\\.0\\.\\d+

# The web servers
hostgroup web 10.1.1.2 10.1.1.3 10.1.1.3 *10.1.1.4
hostgroup gw.x 10.0.0.254
hostgroup empty

view front web gw.x

alias web
  web http "quoted" \\d

# What is watched
watch web
  # plain http
  service http
    # often
    interval 15s
    failure_interval 5s
    randskew 20s
    X_ONE=a "b"
    description The "shop" \\ café
    monitor http.monitor -p 8080 -m "a\\\\d"
    exclude_hosts 10.1.1.3 10.9.9.9
    exclude_period wd {Sun}
    depend SELF:ping && gw.x:ping
    hostdepend gw.x:ping
    dep_behavior m
    dep_memory 1.5m
    unack_summary y
    redistribute trap.alert -U u 10.7.7.7
    # office hours
    period OFFICE: wd {Mon-Fri} hr {9am-4pm}
      alertevery 1h observe_detail
      alertafter 2 30m
      numalerts 10
      upalertafter 90s
      # the boss
      alert exit=2-255 mail.alert boss@example.org
      alert mail.alert root
      upalert mail.alert root
      startupalert test.alert
      ackalert file.alert acks
      disablealert test.alert
      alert virtualserver.alert -V 10.0.0.1:80 -R 10.1.1.2 -F nat -W 2
      upalert virtualserver.alert -V 10.0.0.1:80 -R 10.1.1.2 -F nat -W 2
    period   none
      alertafter 5s
      no_comp_alerts
    period
      alert gone.alert
  service ping
    interval 1m
    allow_empty_group
    monitor fping.monitor
  service odd
    description
    monitor gone.monitor x
  service traps
    traptimeout 1h
    trapduration 10m
    alertdepend broken &&
# the gateway
watch gw.x
  service ping
    interval 2.5s
    monitor ping.monitor
# the end
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_everything_that_a_mon_cf_says_survives(site: Site) -> None:
    config = site.read(EVERYTHING)
    conversion = converted(site.root / "mon.cf")
    assert conversion.text is not None

    again, _ = parse(conversion.text, "mon.toml")

    assert again == config
    assert config is not None
    assert conversion.equal
    assert conversion.report == (
        "3 host groups, 5 services, 6 alert lines, 1 guards of table entries, 9 comments",
    )


def test_no_limit_for_programs_stays_none(site: Site) -> None:
    config = site.read("maxprocs = 0\n")
    assert config is not None
    assert config.mon is not None
    assert config.mon.maxprocs is None
    assert converted(site.root / "mon.cf").equal


def test_clients_are_shown_the_same_monitors_and_periods(site: Site) -> None:
    config = site.read(EVERYTHING)
    again, _ = parse(converted(site.root / "mon.cf").text or "", "mon.toml")
    assert config is not None
    assert again is not None

    for (_, one), (_, other) in zip(
        config.services().values(), again.services().values(), strict=True
    ):
        assert one.monitor_text == other.monitor_text
        assert one.exclude_text == other.exclude_text


def test_each_comment_stands_once_before_what_it_is_about(site: Site) -> None:
    site.read(EVERYTHING)
    lines = (converted(site.root / "mon.cf").text or "").split("\n")
    after = {
        line.strip(): lines[at + 1].strip()
        for at, line in enumerate(lines)
        if line.strip().startswith("#")
    }

    assert len(after) == 9
    assert after["# The web servers"] == "[hostgroup.web]"
    assert after["# What is watched"] == "# plain http"
    assert after["# the gateway"].startswith('[watch."gw.x".service.ping]')
    assert after["# plain http"].startswith("[watch.web.service.http]")
    assert after["# office hours"] == "[[watch.web.service.http.period]]"
    assert after["# the boss"].startswith('{ name = "mail", to = ["boss@example.org"]')


def test_comments_hold_what_toml_comments_may_not(site: Site) -> None:
    site.read("# a\x00b\x7f\tc\nwatch w\n service s\n")
    conversion = converted(site.root / "mon.cf")

    assert "# a\\x00b\\x7f\tc" in (conversion.text or "")
    assert conversion.equal


def test_a_file_with_errors_gives_none_and_all_problems(site: Site) -> None:
    site.read("watch web\n  service s\n    odd\n    interval 0\n")
    conversion = converted(site.root / "mon.cf")

    assert conversion.text is None
    assert len([p for p in conversion.problems if not p.warning]) == 2
