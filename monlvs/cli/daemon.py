"""`monlvs daemon`: watch, tell, and keep the table true, in the foreground."""

import gc
import logging
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from monlvs.cli.background import go_to_background
from monlvs.cli.configuration import DEFAULT, fail, load_or_exit
from monlvs.cli.monoptions import default_file, kept, mon_options, overrides
from monlvs.runtime.logbook import Logbook
from monlvs.server.reserved import Reserved

LEVELS = ["debug", "info", "warning", "error", "critical"]


class _Lines(logging.Formatter):
    """One line per message; with systemd's level prefix where it reads along."""

    def __init__(self, *, journal: bool) -> None:
        pattern = (
            "%(message)s" if journal else "%(asctime)s %(levelname)-8s %(message)s"
        )
        super().__init__(pattern, "%Y-%m-%d %H:%M:%S")
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, prefixed as sd-daemon(3) reads it."""
        line = super().format(record)
        if not self._journal:
            return line
        severity = {50: 2, 40: 3, 30: 4, 20: 6}.get(record.levelno, 7)
        return f"<{severity}>{line}"


def set_up_logging(level: str, *, journal: bool) -> None:
    """Send the log to standard error."""
    handler = Logbook(sys.stderr)
    handler.setFormatter(_Lines(journal=journal))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("monlvs").setLevel(level.upper())
    logging.logProcesses = False  # a getpid(2) for each line, which no line tells


@click.command(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: monlvs daemon -c /etc/monlvs/mon_lvs.toml",
)
@click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path, readable=False),  # loading it says what is wrong
    help=f"The configuration: a TOML file or a mon.cf.  [default: {DEFAULT}, else "
    "/etc/mon/mon.cf]",
)
@click.option(
    "--log-level",
    type=click.Choice(LEVELS, case_sensitive=False),
    default="info",
    show_default=True,
    help="Tell this and what is graver.",
)
@click.option("--journal", is_flag=True, help="Prefix lines with levels for systemd.")
@click.option(
    "--shadow",
    is_flag=True,
    help="Only look, beside whoever does the work: check, send no alert, change no "
    "table, open no port, and tell what would have been done.",
)
@mon_options
def command(  # noqa: PLR0913  mon's options are many
    config: Path | None,
    log_level: str,
    load: str | None,
    *,
    journal: bool,
    shadow: bool,
    stopped: bool,
    background: bool,
    debug: bool,
    **mon: Any,
) -> None:
    """Watch the real servers and keep the director's table true.

    Stays in the foreground. SIGHUP reads the configuration again (a broken one changes
    nothing), SIGTERM and SIGINT end it and leave the table as it is.

    Exit status: 0 after SIGTERM or SIGINT; 1 when it cannot be started (no IPVS where
    table = "kernel", another daemon on the state directory); 2 when the configuration
    has problems.
    """
    # A SIGHUP that comes before there is somebody to take it must not end us.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    set_up_logging("debug" if debug else log_level, journal=journal)
    path, stated = config or default_file(DEFAULT, mon["cfbasedir"]), overrides(mon)
    gc.disable()  # what is imported stays; the daemon, once built, turns it on again
    with Reserved() as reserved:
        if not shadow:
            reserved.reserve(path, stated)
        how = {"load": kept(load), "stopped": stopped, "reserved": reserved}
        _run((path, stated, shadow), how, background=background)


def _run(
    where: tuple[Path, Mapping[str, Any], bool],
    how: Mapping[str, Any],
    *,
    background: bool,
) -> None:
    """Load a `Source` and run the daemon; `how` is its `Beginning`."""
    import asyncio

    from monlvs import daemon
    from monlvs.config import Source
    from monlvs.director.table import TableError
    from monlvs.runtime.lock import LockedError
    from monlvs.server.guard import AuthFileError
    from monlvs.server.server import ServerError

    begun = _begun()  # before a daemon goes to the background: its child begins later
    source = Source(*where)
    loaded = load_or_exit(source)
    if background:
        output = loaded.mon.monerrfile if loaded.mon else os.devnull
        how = {**how, "ready": go_to_background(output)}
    beginning = daemon.Beginning(**how, begun=begun)
    try:
        asyncio.run(daemon.run(loaded, source=source, beginning=beginning))
    except LockedError as error:
        fail(f"another daemon ({error}) runs on {loaded.settings.state_dir}")
    except (TableError, ServerError, AuthFileError) as error:
        fail(str(error))


def _begun() -> float | None:
    """Return the monotonic time when this process was started; None without a /proc."""
    from monlvs.runtime import clock

    try:
        return clock.now().mono - (clock.since_boot() - clock.begun())
    except OSError:
        return None
