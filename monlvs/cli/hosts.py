"""What commands for real servers have in common: which hosts, and how one logs in."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from monlvs.cli.configuration import USAGE, fail
from monlvs.cli.streams import say

if TYPE_CHECKING:
    from monlvs.director.machine.surroundings import Surroundings
    from monlvs.director.remote.destination import Destination
    from monlvs.director.remote.ssh import SshOptions
    from monlvs.model.config import Config

F = TypeVar("F", bound=Callable[..., object])

_HOSTS = (
    click.argument("hosts", nargs=-1, metavar="[[USER@]HOST[:PORT]]..."),
    click.option(
        "--all",
        "everyone",
        is_flag=True,
        help="Every real server of the configuration.",
    ),
)
_LOGIN = (
    click.option(
        "-i",
        "--identity",
        "keys",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        multiple=True,
        help="A private key; else those of the agent, ~/.ssh/config and ~/.ssh.",
    ),
    click.option("-l", "--login", help="The user to log in as, where HOST names none."),
    click.option(
        "-p",
        "--port",
        type=click.IntRange(1, 65535),
        help="The port of SSH, where HOST names none.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0.1),
        default=20.0,
        show_default=True,
        help="Seconds until a host has to have let us in.",
    ),
    click.option(
        "--known-hosts",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        multiple=True,
        help="A file of host keys; else ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts.",
    ),
)


def host_options(command: F) -> F:
    """Give a command `hosts`, `everyone`, `keys`, `login`, `port`, `timeout` and
    `known_hosts`."""
    return _with((*_HOSTS, *_LOGIN), command)


def login_options(command: F) -> F:
    """Give a command `keys`, `login`, `port`, `timeout` and `known_hosts`."""
    return _with(_LOGIN, command)


def _with(options: Sequence[Callable[[F], F]], command: F) -> F:
    for option in reversed(options):
        command = option(command)
    return command


def ssh_options(
    keys: Sequence[Path], known_hosts: Sequence[Path], timeout: float
) -> "SshOptions":
    """Turn the options into how one logs in."""
    from monlvs.director.remote.ssh import SshOptions

    return SshOptions(
        keys=tuple(keys), known_hosts=tuple(known_hosts), login_limit=timeout
    )


def destinations(  # noqa: PLR0913  one option each
    config: "Config",
    director: "Surroundings",
    hosts: Sequence[str],
    *,
    everyone: bool,
    login: str | None,
    port: int | None,
    status: int = USAGE,
) -> "tuple[Destination, ...]":
    """List the hosts that are meant; exits with `status` where none is, or one is none."""
    from dataclasses import replace

    from monlvs.director.machine.roles import roles_of, servers_of
    from monlvs.director.remote.destination import Destination, read_destination

    if everyone == bool(hosts):
        fail("expected either hosts or --all", status=status)
    try:
        found = [read_destination(text) for text in hosts]
    except ValueError as error:
        fail(str(error), status=status)
    if everyone:
        servers = servers_of(roles_of(config, director))
        found = [Destination(host=str(address)) for address in servers]
        if not found:
            words = "the configuration has no real servers besides the director"
            fail(words, status=status)
    return tuple(
        dict.fromkeys(
            replace(each, user=each.user or login, port=each.port or port)
            for each in found
        )
    )


def director_here(config: "Config") -> "Surroundings":
    """Return this machine's networks, if it is the director; else what says nothing."""
    from monlvs.director.machine.looking import look_around
    from monlvs.director.machine.roles import is_director
    from monlvs.director.machine.surroundings import Surroundings

    try:
        around = look_around()
    except OSError as error:
        say(f"monlvs: this machine was not looked at: {error}")
        return Surroundings()
    return around if is_director(around, config) else Surroundings()
