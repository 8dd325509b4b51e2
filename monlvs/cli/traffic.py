"""`monlvs director connections` and `stats`: what goes through the table."""

import json
from pathlib import Path

import click

from monlvs.cli.configuration import fail
from monlvs.cli.kernel import kernel_table

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command(epilog="Example: monlvs director connections --summary")
@click.option(
    "--summary", is_flag=True, help="Count them by real server and state instead."
)
@click.option(
    "--persistent-conn", is_flag=True, help="Print persistence engines and their data."
)
@json_option
def connections(*, summary: bool, persistent_conn: bool, as_json: bool) -> None:
    """List the connections that IPVS remembers, as `ipvsadm -Lcn` does.

    Exit status: 0 done, 1 the kernel refuses or has no IPVS, 2 a wrong command line.
    """
    from monlvs.director import connections as known

    try:
        found = known.parse(Path(known.PATH).read_text(encoding="ascii"))
    except FileNotFoundError:
        fail("this kernel has no IPVS (module ip_vs is not loaded)")
    except OSError as error:
        fail(f"{known.PATH}: {error.strerror}")
    except ValueError as error:
        fail(str(error))
    if as_json:
        told = known.summary_to_plain(found) if summary else known.to_plain(found)
        click.echo(json.dumps(told, indent=2))
    elif summary:
        click.echo(known.show_summary(found), nl=False)
    else:
        click.echo(known.show(found, engines=persistent_conn), nl=False)


@click.command(epilog="Example: monlvs director stats --rate")
@click.option("--rate", is_flag=True, help="Print rates instead of totals.")
@click.option("--exact", is_flag=True, help="Shorten no number to K, M, G or T.")
@json_option
def stats(*, rate: bool, exact: bool, as_json: bool) -> None:
    """Print what was counted, as `ipvsadm -Ln --stats` or `--rate` does.

    The kernel brings the numbers up to date every two seconds.

    Exit status: 0 done, 1 the kernel refuses or has no IPVS, 2 a wrong command line.
    """
    from monlvs.director import counts

    with kernel_table() as kernel:
        reading, info = kernel.traffic(), kernel.info
    if as_json:
        click.echo(json.dumps(counts.to_plain(reading), indent=2))
        return
    show = counts.show_rates if rate else counts.show_totals
    click.echo(show(reading, info, exact=exact), nl=False)
