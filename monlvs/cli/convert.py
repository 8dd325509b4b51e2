"""`monlvs convert`: another program's configuration as a mon_lvs.toml."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monlvs.cli.configuration import TROUBLE, USAGE, fail
from monlvs.cli.streams import say

if TYPE_CHECKING:
    from monlvs.config.importers.formats import Format

_FORMATS = ("mon", "ldirectord", "keepalived", "ipvsadm")


@click.command(
    epilog="Examples: monlvs convert /etc/mon/mon.cf -o mon_lvs.toml; monlvs convert "
    "/etc/keepalived/keepalived.conf; ipvsadm -Sn > rules; monlvs convert rules"
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write to this file, which must not be there yet; else to standard output.",
)
@click.option(
    "--from",
    "stated",
    type=click.Choice(_FORMATS),
    help="Whose configuration FILE is; else its content and its name tell.",
)
@click.option("-M", "m4", metavar="PATH", help="m4 goes over a mon.cf first.")
@click.option(
    "--config-id",
    metavar="ID",
    help="Which lines with @ID of a keepalived.conf count; else this host's name.",
)
def command(
    file: Path,
    output: Path | None,
    stated: str | None,
    m4: str | None,
    config_id: str | None,
) -> None:
    """Write FILE as TOML: the same configuration, with its comments.

    FILE is a mon.cf, an ldirectord.cf, a keepalived.conf, or rules as `ipvsadm -S`
    prints them. What was carried and what was not, and what to do instead, goes to
    standard error, with file and line. The result is read again, and compared.

    Of a mon.cf, programs stand in it with the paths where they are found now, and
    monlvs's own monitors and alerts where they run in the place of mon's. What a
    keepalived.conf says of VRRP stays keepalived's.

    Exit status: 0 when the result says what FILE says, apart from what was reported; 1
    when it does not or nothing could be written, 2 when FILE has errors.
    """
    from monlvs.config.importers.formats import Format, detect, is_toml
    from monlvs.config.source import UnreadableError, octets

    try:
        data = octets(file, kind="configuration")
        format_ = Format(stated) if stated else detect(file.name, data)
        if not stated and format_ is Format.MON and is_toml(file.name, data):
            fail(
                f"{file}: this is TOML already: expected a mon.cf, an ldirectord.cf, a "
                "keepalived.conf, or rules as `ipvsadm -S` prints them; `monlvs "
                "check-config` says whether it is a configuration",
                status=USAGE,
            )
        if m4 is not None:
            format_ = Format.MON
        match format_:
            case Format.MON:
                _mon(file, data, output, m4)
            case Format.IPVSADM:
                _ipvsadm(file, data, output)
            case _:
                _imported(file, data, output, format_, config_id)
    except UnreadableError as error:
        fail(f"{file}: {error}", status=USAGE)


def _mon(file: Path, data: bytes, output: Path | None, m4: str | None) -> None:
    from monlvs.config.convert import convert

    conversion = convert(file, data, {"m4": m4})
    for problem in conversion.problems:
        say(str(problem))
    if conversion.text is None:
        sys.exit(USAGE)
    _put(output, conversion.text)
    for words in conversion.report:
        say(f"{file}: {words}")
    if not conversion.equal:
        fail("the result does not say the same as the mon.cf", status=TROUBLE)


def _imported(
    file: Path,
    data: bytes,
    output: Path | None,
    format_: "Format",
    config_id: str | None,
) -> None:
    from monlvs.config.importers.conversion import import_text
    from monlvs.config.site import this_site

    text = data.decode("utf-8", "replace")
    imported = import_text(text, str(file), format_, this_site(config_id))
    for problem in imported.problems:
        say(str(problem))
    if imported.failed and imported.text is None:
        sys.exit(USAGE)
    if imported.text is not None:
        _put(output, imported.text)
    for words in imported.report:
        say(f"{file}: {words}")
    if imported.text is None:
        sys.exit(TROUBLE)
    if not imported.equal:
        fail(f"the result does not say the same as the {format_.value} file")


def _ipvsadm(file: Path, data: bytes, output: Path | None) -> None:
    from monlvs.cli.tables import read_rules

    text, left_out = read_rules(data.decode("utf-8", "replace"), str(file), None)
    _put(output, text)
    sys.exit(TROUBLE if left_out else 0)


def _put(output: Path | None, text: str) -> None:
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text)


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        fail(f"{path}: there already; it was not touched")
    except OSError as error:
        fail(f"{path}: {error.strerror}")
