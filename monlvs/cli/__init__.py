"""The `monlvs` command. Each subcommand is a module, imported when it is called."""

import sys
from importlib import import_module

import click

from monlvs import __version__

COMMANDS = {
    "daemon": "monlvs.cli.daemon",
    "check-config": "monlvs.cli.check",
    "test-monitor": "monlvs.cli.probe",
    "test-alert": "monlvs.cli.alert",
    "director": "monlvs.cli.director",
    "status": "monlvs.cli.status",
    "lab": "monlvs.cli.lab",
    "demo": "monlvs.cli.demo",
}
"""Name of each subcommand → the module whose `command` it is."""


class Commands(click.Group):
    """Knows its subcommands by name, so that `--help` alone imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the names in the order people need them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a subcommand."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = import_module(module).command
        assert isinstance(command, click.Command)
        return command


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="monlvs")
def command() -> None:
    """Watch a Linux Virtual Server's real servers and keep the IPVS table true.

    Example: monlvs daemon -c /etc/monlvs/mon_lvs.toml
    """


def main() -> None:
    """Run the command; an interrupt ends it without a traceback."""
    try:
        command(prog_name="monlvs")
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
