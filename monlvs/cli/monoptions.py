"""mon's own options for `monlvs daemon`, with their letters and their meaning (mon(8))."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from monlvs.core.control import Kept

F = TypeVar("F", bound=Callable[..., Any])

MON_CF = Path("/etc/mon/mon.cf")
MON_VERSION = "mon-1.3.4"

_TEXTS = {
    "alertdir": ("-a", "DIRS", "Where alerts are looked for, with : between them."),
    "authfile": ("-A", "FILE", "Who may use which command, and who may send traps."),
    "basedir": ("-b", "DIR", "What relative directories are under."),
    "cfbasedir": ("-B", "DIR", "Where mon.cf, auth.cf and monusers.cf are."),
    "statedir": ("-D", "DIR", "State directory."),
    "logdir": ("-L", "DIR", "Log directory."),
    "syslog_facility": ("-O", "NAME", "Facility of syslog(3)."),
    "pidfile": ("-P", "FILE", "Process number; empty: it is not written."),
    "mondir": ("-s", "DIRS", "Where monitors are looked for, with : between them."),
}
_NUMBERS = {
    "histlength": ("-k", "Length of the histories."),
    "maxprocs": ("-m", "Programs running at once."),
    "serverport": ("-p", "TCP port for clients."),
    "trapport": ("-t", "UDP port for traps."),
}


def mon_options(command: F) -> F:
    """Give a command mon's options about the configuration; see `overrides`."""
    options = [
        click.option(letter, name, metavar=metavar, help=f"mon.cf: {told}")
        for name, (letter, metavar, told) in _TEXTS.items()
    ]
    options += [
        click.option(letter, name, type=click.IntRange(min=0), help=f"mon.cf: {told}")
        for name, (letter, told) in _NUMBERS.items()
    ]
    options += [
        click.option(
            "-r",
            "randstart",
            type=click.FloatRange(min=0, min_open=True),
            metavar="SECONDS",
            help="mon.cf: Time in which the first checks are made.",
        ),
        click.option(
            "-M",
            "m4",
            is_flag=False,
            flag_value="m4",
            metavar="[PATH]",
            help="mon.cf: m4 goes over the file first.",
        ),
    ]
    options += _beginnings()
    for option in reversed(options):
        command = option(command)
    return command


def _beginnings() -> list[Callable[[F], F]]:
    """Return the options about how the daemon starts; none of them is in a mon.cf."""
    return [
        click.option(
            "-l",
            "load",
            is_flag=False,
            flag_value="disabled",
            metavar="[disabled|opstatus|all]",
            help="mon: Read the state that mon or monlvs has saved.",
        ),
        click.option(
            "-S", "stopped", is_flag=True, help="mon: Start with the scheduler stopped."
        ),
        click.option(
            "-f", "background", is_flag=True, help="mon: Go to the background."
        ),
        click.option("-d", "debug", is_flag=True, help="mon: Tell everything."),
        click.option(
            "-i", "sleep", metavar="SECONDS", hidden=True, expose_value=False
        ),  # mon's main loop sleeps; ours does not
        click.option(
            "-v",
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=_tell_version,
            help="mon: Tell the version of mon that this stands for.",
        ),
    ]


def _tell_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        click.echo(MON_VERSION)
        context.exit()


def kept(word: str | None) -> "frozenset[Kept]":
    """Return what `-l` wants to be read; a word that mon does not know reads nothing."""
    from monlvs.core.control import Kept

    if word == "all":
        return frozenset(Kept)
    return frozenset(kind for kind in Kept if kind.value == word)


def overrides(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a command line says on top of a mon.cf, as `config.load` takes it."""
    stated = {name: value for name, value in given.items() if value is not None}
    for name in ("alertdir", "mondir"):
        if name in stated:
            stated[name] = tuple(part for part in stated[name].split(":") if part)
    if "randstart" in stated:
        stated["randstart"] = timedelta(seconds=stated["randstart"])
    if not stated.get("maxprocs", 1):
        del stated["maxprocs"]
    return stated


def default_file(default: Path, cfbasedir: str | None) -> Path:
    """Return the configuration to read where none is named: mon's, where only mon's is
    there."""
    candidates = [default, MON_CF]
    if cfbasedir is not None:
        candidates.insert(0, Path(cfbasedir) / "mon.cf")
    return next((path for path in candidates if path.exists()), default)
