"""What several commands do with a configuration: name it, load it, or say why not."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from monlvs.cli.streams import say

if TYPE_CHECKING:
    from monlvs.config import Source
    from monlvs.model.config import Config

DEFAULT = Path("/etc/monlvs/mon_lvs.toml")

TROUBLE, USAGE = 1, 2

config_option = click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path, readable=False),  # `load` says what is wrong
    default=DEFAULT,
    show_default=True,
    help="The configuration.",
)


def fail(words: str, *, status: int = TROUBLE) -> NoReturn:
    """Say on standard error why it does not go on, and exit."""
    say(f"monlvs: {words}")
    sys.exit(status)


def fail_usage(words: str) -> NoReturn:
    """Say what is wrong with the command line, and exit with 2."""
    fail(words, status=USAGE)


def load_or_exit(
    source: "Path | Source", *, status: int = USAGE, warn: bool = True
) -> "Config":
    """Load a configuration; print its problems, and exit if it has errors.

    Without `warn` what is merely odd in one that can be used is not told.
    """
    from monlvs.config import load

    config, problems = load(source) if isinstance(source, Path) else source.load()
    if warn or config is None:
        for problem in problems:
            say(str(problem))
    if config is None:
        sys.exit(status)
    return config
