"""`monlvs lab`: a whole LVS in one process, to look at and to break."""

import asyncio
import sys
import time

import click

from monlvs.cli.groups import Group
from monlvs.lab import Kind, Lab, LabError
from monlvs.lab.shell import HELP, obey
from monlvs.lab.story import tell

KINDS = {"nat": Kind.NAT, "dr": Kind.DR, "tun": Kind.TUN, "localnode": Kind.LOCALNODE}


def kind_option(function: click.decorators.FC) -> click.decorators.FC:
    """Add `--kind`."""
    return click.option(
        "--kind",
        type=click.Choice(list(KINDS)),
        default="nat",
        show_default=True,
        help="Which kind of LVS.",
    )(function)


@click.group(cls=Group, epilog="Example: monlvs lab demo --kind dr")
def command() -> None:
    """Boot a whole LVS in one process, without root.

    A client, a director and three real servers, on a kernel of their own.

    Needs Debian's user-mode-linux, ipvsadm, iproute2, kmod, iptables, curl and
    busybox-static.
    """


@command.command(epilog="Example: monlvs lab demo --kind dr")
@kind_option
def demo(kind: str) -> None:
    """Show the whole story: cable out, entry gone, cable in, entry back.

    Exit status: 0 when no client lost anything after the entry had left, 1 when one did
    or when the lab cannot be run, 130 after Ctrl-C.
    """
    began = time.monotonic()

    def say(words: str) -> None:
        click.echo(f"{time.monotonic() - began:6.2f} s  {words}")

    async def play() -> int:
        say("booting")
        async with Lab.open(KINDS[kind]) as lab:
            return (await tell(lab, say)).lost_after

    try:
        lost = asyncio.run(play())
    except LabError as error:
        click.echo(f"monlvs lab: {error}", err=True)
        sys.exit(1)
    sys.exit(1 if lost else 0)


@command.command(epilog="Example: echo 'director ipvsadm -Ln' | monlvs lab up")
@kind_option
@click.option("--table", is_flag=True, help="Fill the IPVS table by ipvsadm first.")
def up(kind: str, *, table: bool) -> None:
    """Boot the LVS and take commands from standard input.

    Exit status: 0 at its end, 1 when the lab cannot be run, 130 after Ctrl-C.
    """
    try:
        lab = Lab.boot(KINDS[kind], table=table)
    except LabError as error:
        click.echo(f"monlvs lab: {error}", err=True)
        sys.exit(1)
    try:
        click.echo(f"{lab.kind.value}: {', '.join(lab.topology.hosts)}; VIP {lab.vip}")
        click.echo(f"{HELP}quit                    end it")
        _take_commands(lab)
    finally:
        lab.halt()


def _take_commands(lab: Lab) -> None:
    prompt = "lab> " if sys.stdin.isatty() else ""
    while True:
        click.echo(prompt, nl=False)
        line = sys.stdin.readline()  # not in a thread: Ctrl-C has to end it
        if not line or line.split() in (["quit"], ["exit"]):
            return
        try:
            answer = asyncio.run(obey(lab, line))
        except LabError as error:
            answer = str(error)
        if answer:
            click.echo(answer.rstrip("\n"))
