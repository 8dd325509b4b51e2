"""What several commands do with a configuration: name it, load it, or say why not."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from monlvs.model.config import Config

DEFAULT = Path("/etc/monlvs/mon_lvs.toml")

config_option = click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path),
    default=DEFAULT,
    show_default=True,
    help="The configuration.",
)


def fail(words: str, *, status: int = 1) -> NoReturn:
    """Say on standard error why it does not go on, and exit."""
    click.echo(f"monlvs: {words}", err=True)
    sys.exit(status)


def fail_usage(words: str) -> NoReturn:
    """Say what is wrong with the command line, and exit with 2."""
    fail(words, status=2)


def load_or_exit(path: Path) -> "Config":
    """Load a configuration; print its problems, and exit with 2 if it has errors."""
    from monlvs.config import load

    config, problems = load(path)
    for problem in problems:
        click.echo(str(problem), err=True)
    if config is None:
        sys.exit(2)
    return config
