"""`monlvs director rc-scripts`: the LVS-HOWTO's scripts, for hosts without monlvs."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monlvs.cli.configuration import config_option, fail, load_or_exit
from monlvs.cli.hosts import director_here
from monlvs.cli.streams import say

if TYPE_CHECKING:
    from monlvs.director.scripts.writing import Script
    from monlvs.model.config import Config
    from monlvs.model.values import Address

MODE = 0o755


@click.command(
    "rc-scripts", epilog="Example: monlvs director rc-scripts -c mon_lvs.toml -d rc.d"
)
@config_option
@click.option(
    "-d",
    "--directory",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="Where they are written; here unless set.",
)
@click.option("--print", "shown", is_flag=True, help="Print them, and write nothing.")
def rc_scripts(config: Path, directory: Path, *, shown: bool) -> None:
    """Write the scripts rc.ipvs_*director and rc.ipvs_*server for VS-NAT, VS-TUN, VS-DR.

    They are plain sh and need no monlvs: `start` makes an LVS with every real server in
    it, `stop` puts back what was there before. Those that the configuration needs are
    written; what was left out is told on standard error, and so is what whoever runs
    them has to know. An older file is replaced if monlvs wrote it.

    Exit status: 0 written, 1 a file cannot be written or is somebody else's, 2 a wrong
    command line or configuration.
    """
    made, left_out = _made(load_or_exit(config), str(config))
    for script in made:
        if shown:
            click.echo(script.text, nl=False)
        else:
            _write(directory / script.name, script.text)
        for remark in script.remarks:
            say(f"{script.name}: {remark}")
    for words in left_out:
        say(f"left out: {words}")


def _made(config: "Config", source: str) -> "tuple[list[Script], list[str]]":
    from monlvs.director.declared import declared_table
    from monlvs.director.scripts.kinds import Kind, kinds_of, part_of, with_guarded
    from monlvs.director.scripts.writing import Part, scripts

    config, guarded = with_guarded(config)
    for key in guarded:
        say(f"{key}: the configuration guards it and does not say how it is made: wlc")
    kinds = kinds_of(config)
    gateways = _gateways(config)
    made: list[Script] = []
    left_out: list[str] = []
    for kind in Kind:
        if kind not in kinds.values():
            left_out.append(
                f"rc.ipvs_{kind}director, rc.ipvs_{kind}server: no real server is of "
                f"{kind.told}"
            )
            continue
        own = part_of(config, kind, kinds)
        table, refusals = asyncio.run(declared_table(own))
        for refusal in refusals:
            say(f"rc.ipvs_{kind}director: would be refused: {refusal}")
        part = Part(kind=kind, config=own, table=table, gateways=gateways)
        written = scripts(part, source)
        if len(written) == 1:
            left_out.append(
                f"rc.ipvs_{kind}server: all of {kind.told} is LocalNode, where the "
                "director serves itself"
            )
        made += written
    return made, left_out


def _gateways(config: "Config") -> "dict[Address, Address]":
    """What is stated, or found here where this machine is the director."""
    from monlvs.director.machine.roles import gateways_of

    stated, missing = gateways_of(config)
    if not missing:
        return stated
    return {**gateways_of(config, director_here(config))[0], **stated}


def _write(path: Path, text: str) -> None:
    from monlvs.director.scripts.writing import MARK

    try:
        if path.exists() and MARK not in path.read_text("utf-8", "replace"):
            fail(
                f"{path}: is not monlvs's: expected no such file, or another --directory"
            )
        aside = path.with_name(f".{path.name}.new")
        aside.write_text(text, "utf-8")
        aside.chmod(MODE)
        aside.replace(path)
    except OSError as error:
        fail(f"{path}: {error.strerror}")
    click.echo(str(path))
