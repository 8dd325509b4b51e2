"""`monlvs test-alert`: what would be sent or changed; `--send` does it."""

import asyncio
import json
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from monlvs.cli.configuration import fail, fail_usage
from monlvs.cli.streams import say

if TYPE_CHECKING:
    from monlvs.model.plugin import Occasion

LONGEST = 1024 * 1024
"""Characters of standard input that are read."""
NOTHING_SENT = "(nothing was sent; --send does it)"
NO_TEXT = "a test of monlvs test-alert\nNothing has failed.\n"
_OWN = ("--send", "--up", "--json", "--group", "--service", "--host")
SETTINGS = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.command(
    context_settings=SETTINGS,
    epilog="Examples: echo hello | monlvs test-alert mail root, "
    "monlvs test-alert --send --up mail root, "
    "monlvs test-alert --json log, "
    "monlvs test-alert virtualserver -V 192.168.1.1:23 -R 10.1.1.2:23",
)
@click.option("--up", "-u", is_flag=True, help="Tell a recovery, not a failure.")
@click.option("--send", is_flag=True, help="Do it.")
@click.option(
    "-g", "--group", default="test", show_default=True, help="The group to tell of."
)
@click.option(
    "-s", "--service", default="test", show_default=True, help="The service to tell of."
)
@click.option("-h", "--host", "hosts", multiple=True, help="A failing host.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.argument("name")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[OPTION]...")
def command(  # noqa: PLR0913  one per option
    name: str,
    words: tuple[str, ...],
    group: str,
    service: str,
    hosts: tuple[str, ...],
    *,
    up: bool,
    send: bool,
    as_json: bool,
) -> None:
    """Show what the alert NAME would send or change; nothing happens without --send.

    Options are NAME=VALUE, or the letters and words that mon's program of that name
    takes. Options of test-alert itself stand before NAME. The text is read from standard
    input unless that is a terminal; its first line is the summary.

    Exit status: 0 fine, 1 not delivered, 2 wrong options.
    """
    from monlvs import plugins
    from monlvs.cli.words import build

    if words[:1] == ("-u",):  # `./mail.alert -u root`, as mon's own are called
        up, words = True, words[1:]
    misplaced = [word for word in words if word in _OWN]
    if misplaced and name != "external":
        fail_usage(f"{misplaced[0]} is test-alert's own: expected it before {name!r}")
    alert = build(plugins.alerts(), name, words)
    occasion = _occasion(group, service, hosts, up=up)
    if not as_json:
        click.echo(alert.preview(occasion), nl=False)
    if send and not hasattr(alert, "send"):
        fail_usage(f"{name} is a declaration that the daemon keeps; it cannot be sent")
    trouble = _send(alert, occasion) if send else None
    if as_json:
        sent = send and trouble is None
        click.echo(
            json.dumps(_plain(name, alert, occasion, trouble, sent=sent), indent=2)
        )
    if trouble is not None:
        fail(f"{name}: not delivered: {trouble}")
    if not as_json:
        told = f"sent to {alert.destination}" if send else NOTHING_SENT
        say(told)


def _send(alert: Any, occasion: "Occasion") -> str | None:
    """Deliver it; return why it could not be."""
    from monlvs.model.plugin import AlertError

    try:
        asyncio.run(alert.send(occasion))
    except AlertError as error:
        return str(error)
    return None


def _plain(
    name: str, alert: Any, occasion: "Occasion", trouble: str | None, *, sent: bool
) -> dict[str, object]:
    return {
        "alert": name,
        "kind": occasion.kind.value,
        "group": occasion.group,
        "service": occasion.service,
        "hosts": list(occasion.failed),
        "time": occasion.time.isoformat(timespec="milliseconds"),
        "text": occasion.text,
        "destination": getattr(alert, "destination", None),
        "preview": alert.preview(occasion),
        "sent": sent,
        "trouble": trouble,
    }


def _occasion(
    group: str, service: str, hosts: tuple[str, ...], *, up: bool
) -> "Occasion":
    from monlvs.model.plugin import AlertKind, Occasion
    from monlvs.model.status import OpStatus
    from monlvs.runtime.clock import now

    moment: datetime = now().utc
    return Occasion(
        kind=AlertKind.UP if up else AlertKind.FAILURE,
        group=group,
        service=service,
        hosts=hosts or ("127.0.0.1",),
        failed=hosts or ("127.0.0.1",),
        time=moment,
        text=_text() or NO_TEXT,
        exit=0 if up else 1,
        opstatus=OpStatus.OK if up else OpStatus.FAIL,
        first_failure=moment,
        outage=timedelta(0) if up else None,
        last_failure=moment,
    )


def _text() -> str:
    if sys.stdin.isatty():
        return ""
    try:
        text = sys.stdin.read(LONGEST + 1)
    except OSError as error:  # a directory, say
        fail_usage(f"standard input cannot be read: {error.strerror}")
    if len(text) > LONGEST:
        say(f"monlvs: the text is cut after {LONGEST} characters")
    return text[:LONGEST]
