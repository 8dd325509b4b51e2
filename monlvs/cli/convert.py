"""`monlvs convert`: a mon.cf as a mon_lvs.toml."""

import sys
from pathlib import Path

import click

from monlvs.cli.configuration import TROUBLE, USAGE, fail
from monlvs.cli.streams import say


@click.command(epilog="Example: monlvs convert /etc/mon/mon.cf -o mon_lvs.toml")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write to this file, which must not be there yet; else to standard output.",
)
@click.option("-M", "m4", metavar="PATH", help="m4 goes over the file first.")
def command(file: Path, output: Path | None, m4: str | None) -> None:
    """Write the mon.cf FILE as TOML: the same configuration, with its comments.

    Programs stand in it with the paths where they are found now, and monlvs's own
    monitors and alerts where they run in the place of mon's. What was done, and whatever
    is odd about FILE, goes to standard error. The result is read again, and compared.

    Exit status: 0 when both say the same, 1 when they do not or nothing could be
    written, 2 when FILE has errors.
    """
    from monlvs.config.convert import convert
    from monlvs.config.source import UnreadableError, octets

    try:
        conversion = convert(file, octets(file, kind="mon.cf"), {"m4": m4})
    except UnreadableError as error:
        fail(f"{file}: {error}", status=USAGE)
    for problem in conversion.problems:
        say(str(problem))
    if conversion.text is None:
        sys.exit(USAGE)
    if output is None:
        click.echo(conversion.text, nl=False)
    else:
        _write(output, conversion.text)
    for words in conversion.report:
        say(f"{file}: {words}")
    if not conversion.equal:
        fail("the result does not say the same as the mon.cf", status=TROUBLE)


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        fail(f"{path}: there already; it was not touched")
    except OSError as error:
        fail(f"{path}: {error.strerror}")
