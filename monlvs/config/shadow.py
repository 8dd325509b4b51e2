"""A configuration as a daemon runs it that only looks (`monlvs daemon --shadow`).

It runs beside whoever does the work: nothing of theirs is written, no file and no port
is taken that they have. What only traps can tell is not known, as traps go to them.
"""

from dataclasses import replace
from pathlib import Path

from monlvs.model.config import Config, Settings
from monlvs.model.mon import MonSettings
from monlvs.model.watch import Watch

FOLDER = "shadow"
"""Under the state directory: a shadow's own."""


def shadowed(config: Config) -> Config:
    """Return what a shadow runs of `config`; it checks and decides the same."""
    return replace(
        config,
        settings=_settings(config.settings),
        watches=tuple(map(_watch, config.watches)),
        machine=None,
        pair=None,
        mon=None if config.mon is None else _mon(config.mon),
    )


def _settings(settings: Settings) -> Settings:
    own = str(Path(settings.state_dir, FOLDER))
    return replace(settings, state_dir=own, pid_file=None)


def _mon(mon: MonSettings) -> MonSettings:
    return replace(
        mon,
        statedir=str(Path(mon.statedir, FOLDER)),
        pidfile=None,
        dtlogging=False,
        historicfile=None,
        syslog_facility="",
        monremote=None,
    )


def _watch(watch: Watch) -> Watch:
    services = (replace(each, traptimeout=None) for each in watch.services)
    return replace(watch, services=tuple(services))
