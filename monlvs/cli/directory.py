"""Which daemon is spoken with: by its state directory, or by its configuration."""

from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from monlvs.cli.configuration import fail_usage, load_or_exit

DIRECTORIES = (Path("/var/lib/monlvs"), Path("/var/lib/mon"))
_BY_CONFIGURATION = "monlvs.cli.directory"

Command = TypeVar("Command", bound=Any)


def _usual() -> Path:
    """Return where a daemon runs by its usual configuration, mon's where only that does."""
    from monlvs.server.console import SOCKET

    running = (path for path in DIRECTORIES if (path / SOCKET).exists())
    return next(running, DIRECTORIES[0])


def _take(context: click.Context, _: click.Parameter, config: Path | None) -> None:
    """Read the state directory of the daemon that runs by `config`."""
    if config is None or context.resilient_parsing:  # a shell completes the line
        return
    loaded = load_or_exit(config, warn=False)
    context.meta[_BY_CONFIGURATION] = Path(loaded.settings.state_dir)


def _choose(context: click.Context, option: click.Parameter, stated: Path) -> Path:
    found: Path | None = context.meta.get(_BY_CONFIGURATION)
    if found is None:
        return stated
    source = context.get_parameter_source(option.name or "")
    if source is ParameterSource.COMMANDLINE and stated != found:
        fail_usage(
            f"--state-dir {stated}: the daemon of -c has {found}; one of them is enough"
        )
    return found


state_dir_option = click.option(
    "--state-dir",
    "directory",
    type=click.Path(path_type=Path),
    default=_usual,
    envvar="MONLVS_STATE_DIR",
    callback=_choose,
    help="The daemon's settings.state_dir.  [default: $MONLVS_STATE_DIR, or "
    "/var/lib/monlvs, or /var/lib/mon where a daemon runs by a mon.cf]",
)


def directory_option(command: Command) -> Command:
    """Give a command its daemon's state directory, as `directory`."""
    by_configuration = click.option(
        "-c",
        "--config",
        type=click.Path(path_type=Path, readable=False),  # `load` says what is wrong
        is_eager=True,
        expose_value=False,
        callback=_take,
        help="The daemon's configuration, instead of --state-dir.",
    )
    return by_configuration(state_dir_option(command))
