"""Groups that answer a slip with the name that was meant; commands that answer by status."""

from difflib import get_close_matches
from typing import Any

import click

from monlvs.cli.configuration import TROUBLE


class Group(click.Group):
    """Says which subcommand was probably meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the subcommand that `args` begin with, and the rest of them."""
        word = args[0]
        if word not in self.list_commands(ctx) and not word.startswith("-"):
            close = get_close_matches(word, self.list_commands(ctx), n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise click.UsageError(f"No such command {word!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


class WrongCommandLine(click.UsageError):
    """A wrong command line of a command whose 2 says something else."""

    exit_code = TROUBLE


class Verdict(click.Command):
    """A command whose status 2 is an answer: a wrong command line ends with 1."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the command line."""
        try:
            return super().make_context(*args, **kwargs)
        except click.UsageError as error:
            raise WrongCommandLine(error.format_message(), error.ctx) from None
