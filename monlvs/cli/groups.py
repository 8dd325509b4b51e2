"""A group of subcommands that answers a slip with the name that was meant."""

from difflib import get_close_matches

import click


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
