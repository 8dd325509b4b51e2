"""The `monlvs` command. Each subcommand is a module, imported when it is called."""

import os
import sys
from collections.abc import Callable
from importlib import import_module

import click
from click.exceptions import Exit

from monlvs import __version__
from monlvs.cli.groups import Group
from monlvs.cli.streams import drop_unwritten, mend, say

COMMANDS = {
    "daemon": ("daemon", "Watch the real servers and keep the director's table true."),
    "check-config": ("check", "Read FILE and print every problem with its place."),
    "convert": ("convert", "Write a mon.cf, keepalived.conf, … as TOML."),
    "test-monitor": ("probe", "Check HOSTs once."),
    "test-alert": ("alert", "Show what the alert NAME would send or change."),
    "status": ("console:status", "Say what fails and which real servers are out."),
    "why": ("console:why", "Say why a service, host or real server is as it is."),
    "ack": ("console:ack", "Stop the alerts of a failing service until it recovers."),
    "unack": ("console:unack", "End an acknowledgement."),
    "disable": ("console:disable", "Silence a service, or check a host no more."),
    "enable": ("console:enable", "End a disable; release latched entries."),
    "drain": ("pool:drain", "Give real servers no new connections."),
    "maintenance": ("pool:maintenance", "Take real servers out."),
    "force-up": ("pool:force_up", "Have real servers in, whatever checks say."),
    "release": ("pool:release", "Let checks decide on real servers again."),
    "role": ("role", "Say what this director is now: master, backup or fault."),
    "director": ("director", "Look at the director's IPVS table, plan it, apply it."),
    "lab": ("lab", "Boot a whole LVS in one process, without root."),
    "demo": ("demo", "Run the daemon on three small HTTP servers, with a live view."),
}
"""Name of each subcommand → the module with its `command`, and what it does."""

TROUBLE = 1
INTERRUPTED = 130
BROKEN_PIPE = 141


class Commands(Group):
    """Knows its subcommands by name, so that `--help` alone imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the names in the order people need them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a subcommand."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(f"monlvs.cli.{module}"), name or "command")
        assert isinstance(command, click.Command)
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """List the subcommands from the table above."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, does) for name, (_, does) in COMMANDS.items()])


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: monlvs daemon -c /etc/monlvs/mon_lvs.toml",
)
@click.version_option(__version__, prog_name="monlvs")
def command() -> None:
    """Watch a Linux Virtual Server's real servers and keep the IPVS table true.

    Exit status of every command: 0 fine; 1 trouble, or something is down; 2 a wrong
    command line or configuration; 130 interrupted by Ctrl-C. `COMMAND --help` tells
    what else there is.
    """


def main() -> None:
    """Run the command and exit; whatever went wrong outside of us is one clear line."""
    mend()
    status = _status(_run)
    status = max(status, _status(sys.stdout.flush))
    drop_unwritten()
    sys.exit(status)


def _run() -> None:
    if "_MONLVS_COMPLETE" in os.environ:  # the shell asks what could come next
        command(prog_name="monlvs")
    with command.make_context("monlvs", sys.argv[1:]) as context:
        command.invoke(context)


def _status(act: Callable[[], None]) -> int:
    """Do something; return the exit status that its end asks for."""
    try:
        act()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except Exit as end:  # of click: after --help, say
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        return BROKEN_PIPE
    except OSError as error:
        say(f"monlvs: {_told(error)}")
        return TROUBLE
    return 0


def _told(error: OSError) -> str:
    words = error.strerror or str(error)
    return f"{error.filename}: {words}" if error.filename is not None else words
