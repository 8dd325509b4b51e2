"""`monlvs check-config`: is this configuration right, and if not, what is wrong where."""

import json
import sys

import click


@click.command(epilog="Example: monlvs check-config /etc/monlvs/mon_lvs.toml")
@click.argument("file", type=click.Path(readable=False), required=False)
@click.option("--json", "as_json", is_flag=True, help="Tell problems as JSON.")
@click.option(
    "--schema", is_flag=True, help="Print the JSON Schema of the file for editors."
)
def command(file: str | None, *, as_json: bool, schema: bool) -> None:
    """Read FILE and print every problem with its place.

    Exit status: 0 when the daemon would take it (warnings are printed), 2 when not.
    """
    if schema:
        from monlvs.config.schema import schema as make

        click.echo(json.dumps(make(), indent=2, ensure_ascii=False))
        return
    if file is None:
        raise click.UsageError("Missing argument 'FILE'.")
    from monlvs.config import load

    config, problems = load(file)
    if as_json:
        told = [
            {
                "file": problem.place.file,
                "line": problem.place.line,
                "column": problem.place.column,
                "key": problem.place.key,
                "message": problem.message,
                "warning": problem.warning,
            }
            for problem in problems
        ]
        click.echo(
            json.dumps({"valid": config is not None, "problems": told}, indent=2)
        )
    else:
        for problem in problems:
            click.echo(str(problem))
        if config is not None:
            click.echo(
                f"{file}: {len(config.services())} services, "
                f"{len(config.virtual_services)} virtual services, "
                f"{len(config.guards)} guards: fine"
            )
    if config is None:
        sys.exit(2)
