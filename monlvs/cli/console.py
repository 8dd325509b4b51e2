"""`monlvs status`, `why`, `ack`, `unack`, `disable`, `enable`: talk to the daemon."""

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import click

from monlvs.cli.configuration import fail, fail_usage
from monlvs.cli.directory import directory_option
from monlvs.cli.moments import lasted, local
from monlvs.cli.pairview import is_bad, print_pair

Plain = dict[str, Any]
ENDS = "Exit status: 0 done, 1 no daemon answers or it refuses, 2 a wrong command line."
EXAMPLES = {
    "ack": "Example: monlvs ack http-10.1.1.2/http 'disk is being replaced'",
    "unack": "Example: monlvs unack http-10.1.1.2/http",
    "disable": "Example: monlvs disable 10.1.1.2 'new kernel'",
    "enable": "Example: monlvs enable 10.1.1.2",
}
HOSTS = 20
"""Hosts of a service that are told one by one."""
_TIME = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)([smhd])")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def put(directory: Path, question: Plain) -> Plain:
    """Ask the daemon; exit with 1 when it cannot or will not answer."""
    from monlvs.server.console import QuestionError, ask

    try:
        return ask(directory, question)
    except QuestionError as error:
        fail(str(error))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        fail(f"no daemon answers in {directory}: {reason} (is it another --state-dir?)")


@click.command(epilog="Examples: monlvs status, monlvs status -c /etc/mon/mon.cf")
@directory_option
@json_option
@click.option("--watch", is_flag=True, help="Again every second.")
def status(directory: Path, *, as_json: bool, watch: bool) -> None:
    """Say what fails, which real servers are out, and since when.

    Exit status: 0 all is well, 3 something fails, is refused or cannot be saved, the
    other director is not heard or the two disagree, 1 no daemon answers.
    """
    while True:
        answer = put(directory, {"ask": "status"})
        if as_json:
            click.echo(json.dumps(answer, indent=None if watch else 2))
        else:
            if watch:
                click.clear()
            _print_status(answer)
        if not watch:
            sys.exit(3 if _is_bad(answer) else 0)
        time.sleep(1)


@click.command(epilog="Example: monlvs why 10.1.1.3")
@click.argument("about")
@directory_option
@json_option
def why(about: str, directory: Path, *, as_json: bool) -> None:
    """Say why ABOUT (GROUP/SERVICE, a host, a real server) stands as it does.

    What was found, which alerts went out or did not and by which rule, and which
    changes of the table followed, oldest first.

    Exit status: 0 told, 1 no daemon answers or it does not know ABOUT.
    """
    answer = put(directory, {"ask": "why", "about": about})
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return
    for service in answer["services"]:
        _print_service(service)
    print_servers(answer["real_servers"], always=True)
    click.echo("history:")
    for entry in answer["history"]:
        click.echo(f"  {local(entry['time'])}  {entry.get('words') or entry['event']}")


def _act(name: str, text: str, *, reason: bool, ends: bool) -> click.Command:
    @click.command(name=name, help=f"{text}\n\n{ENDS}", epilog=EXAMPLES[name])
    @click.argument("about")
    @click.argument("words", nargs=-1, metavar="[REASON]...")
    @click.option("--for", "time_", help="End it after this time, such as 2h.")
    @directory_option
    def command(
        about: str, words: tuple[str, ...], time_: str | None, directory: Path
    ) -> None:
        if reason and not words:
            fail_usage(f"{name}: expected a reason after {about}")
        if time_ is not None and not ends:
            fail_usage(f"{name} has no end: --for does not go with it")
        question: Plain = {"act": name, "about": about, "why": " ".join(words)}
        if time_ is not None:
            question["for"] = seconds(time_)
        click.echo(put(directory, question)["done"])

    return command


ack = _act(
    "ack",
    "Stop the alerts of the failing service ABOUT (GROUP/SERVICE) until it recovers.",
    reason=True,
    ends=True,
)
unack = _act("unack", "End an acknowledgement.", reason=False, ends=False)
disable = _act(
    "disable",
    "Silence ABOUT: a service (GROUP/SERVICE; its entry stays as it is) or a host.",
    reason=True,
    ends=True,
)
enable = _act(
    "enable",
    "End a disable, and release entries that were latched out.",
    reason=False,
    ends=False,
)


def seconds(text: str) -> float:
    """Read a time of the command line; exit with 2 where it is none."""
    found = _TIME.fullmatch(text)
    if found is None:
        fail_usage(f"--for: expected a time such as 30m or 2h, not {text!r}")
    return float(found[1]) * UNITS[found[2]]


def _is_bad(answer: Plain) -> bool:
    failing = any(s["status"] == "fail" for s in answer["services"])
    troubles = answer["refused"] or answer["unsaved"]
    return failing or bool(troubles) or is_bad(answer)


def _print_status(answer: Plain) -> None:
    services = answer["services"]
    counts: dict[str, int] = {}
    for service in services:
        counts[service["status"]] = counts.get(service["status"], 0) + 1
    told = ", ".join(f"{number} {word}" for word, number in counts.items())
    now, scheduler = local(answer["time"]), answer["scheduler"]
    click.echo(f"{now}  scheduler {scheduler}; services: {told or 'none'}")
    print_pair(answer)
    _print_disabled(answer)
    if blind := answer.get("cannot_check"):
        reasons = ", ".join(sorted(set(blind["services"].values())))
        click.echo(
            f"CANNOT CHECK {len(blind['services'])} services: {reasons}; the table stays "
            "as it is"
        )
    for service in services:
        if service["status"] != "ok" or service["inconclusive"] or service["disabled"]:
            _print_service(service)
    print_servers(answer["real_servers"], always=False)
    for each in answer["unsaved"]:
        click.echo(
            f"UNSAVED  {each['what']}: {each['path']}: {each['why']}, "
            f"since {local(each['since'])}"
        )
    for line in answer["refused"]:
        click.echo(f"REFUSED  {line}")
    for line in answer["notes"]:
        click.echo(f"note     {line}")
    if answer["alerts_waiting"]:
        click.echo(f"{answer['alerts_waiting']} alerts wait to be delivered")


def _print_disabled(answer: Plain) -> None:
    """Print what an operator has taken out of the checks."""
    if stopped := answer["stopped"]:
        click.echo(f"STOPPED  no checks, no alerts, table as it is: {_noted(stopped)}")
    for what, plural in (("host", "disabled_hosts"), ("watch", "disabled_watches")):
        for name, note in answer[plural].items():
            click.echo(f"DISABLED {what} {name} {_noted(note)}")


def _noted(note: Plain) -> str:
    """Say who has noted it, why, and until when."""
    until = f" until {local(note['until'])}" if note["until"] else ""
    why = f": {note['why']}" if note["why"] else ""
    return f"by {note['who'] or 'somebody'}{until}{why}"


def _print_service(service: Plain) -> None:
    words = [service["status"].upper().ljust(8), service["service"]]
    if service["failing_for"] is not None:
        words.append(f"for {lasted(service['failing_for'])}")
    if service["inconclusive"]:
        words.append(
            f"({service['inconclusive']} checks inconclusive: "
            f"{service['inconclusive_reason']})"
        )
    words += [
        f"[{note} {_noted(service[note])}]"
        for note in ("acknowledged", "disabled")
        if service[note]
    ]
    click.echo(" ".join(words))
    _print_hosts({h: f for h, f in service["hosts"].items() if f["health"] != "up"})


def _print_hosts(hosts: Plain) -> None:
    shown = list(hosts.items())[:HOSTS]
    for host, found in shown:
        detail = f": {found['detail']}" if found["detail"] else ""
        click.echo(f"           {host} is {found['health']}{detail}")
    if len(hosts) > len(shown):
        click.echo(
            f"           and {len(hosts) - len(shown)} more hosts; --json has all"
        )


def print_servers(servers: list[Plain], *, always: bool) -> None:
    """Print how real servers stand and why; unless `always`, those that are not simply in."""
    for server in servers:
        if not always and not _is_notable(server):
            continue
        state = f"in, weight {server['weight']}" if server["in_table"] else "OUT"
        click.echo(f"{state:8} {server['virtual_service']} → {server['real_server']}")
        _print_place(server)
        for guard in server["guards"]:
            if guard["health"] != "up" or always:
                click.echo(
                    f"           because {guard['service']} is {guard['health']}"
                )


def _is_notable(server: Plain) -> bool:
    """Whether a real server is not simply in."""
    because = server.get("because")
    if not server["in_table"] and because == "the fallback: others are in":
        return False
    simple = because is None or because.startswith("its checks succeed")
    return not server["in_table"] or server["weight"] == 0 or not simple


def _print_place(server: Plain) -> None:
    """Say what besides checks decides on a real server."""
    because, forced = server.get("because"), server.get("forced")
    if because is None:
        return
    words = because
    if forced:
        words += f" ({forced['act']} by {forced['who']}: {forced['why']}"
        words += f", until {local(forced['until'])})" if forced["until"] else ")"
    if server["ends_in"] is not None:
        words += f", for {lasted(server['ends_in'])} more"
    counted = server.get("connections")
    if counted and any(counted.values()) and server["weight"] == 0:
        told = ", ".join(f"{number} {word}" for word, number in counted.items())
        words += f"; connections: {told}"
    click.echo(f"           {words}")
