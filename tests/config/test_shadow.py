"""A shadow checks and decides as the configuration says, and has nothing of others'."""

from datetime import timedelta

from monlvs.config.shadow import shadowed
from tests.config.moncfs import Site

CF = """\
pidfile = /run/mon.pid
statedir = {root}/state
dtlogging = yes
historicfile = history
syslog_facility = local3
monremote = /usr/bin/remote

hostgroup web a b

watch web
  service http
    interval 1m
    monitor x.monitor
    traptimeout 5m
    period
      alert x.alert
"""


def test_only_what_it_would_write_or_wait_for_differs(tmp_path) -> None:
    site = Site(tmp_path)
    config = site.read(CF.format(root=tmp_path))
    assert config is not None
    assert config.mon is not None

    shadow = shadowed(config)

    assert shadow.settings.state_dir == f"{tmp_path}/state/shadow"
    assert shadow.settings.pid_file is None
    assert shadow.mon is not None
    assert shadow.mon.statedir == f"{tmp_path}/state/shadow"
    assert not shadow.mon.dtlogging
    assert shadow.mon.historicfile is None
    assert shadow.mon.monremote is None
    assert not shadow.mon.syslog_facility
    (before,), (after,) = config.watches, shadow.watches
    assert after.services[0].traptimeout is None
    assert before.services[0].traptimeout == timedelta(minutes=5)
    assert after.services[0].periods == before.services[0].periods
    assert shadow.guards == config.guards
