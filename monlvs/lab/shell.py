"""One line of text, one act in a lab: what `monlvs lab up` reads from its user."""

import shlex
from collections.abc import Awaitable, Callable

from monlvs.lab.kernel import LabError
from monlvs.lab.lab import Lab
from monlvs.lab.watching import Watching
from monlvs.lab.wiring import Cut

HELP = """\
watch [FILE]            run monlvs on the director, by FILE or as in the demo
monlvs WORDS...         ask or tell it: monlvs status, monlvs why 10.1.1.3
log                     what it has logged last
mails                   what it has mailed
HOST COMMAND...         run a command on a host, through a shell
pull HOST [DEVICE]      pull its cables; `cut` instead: so that it does not notice
plug HOST [DEVICE]      plug them in again
stop HOST SERVICE       kill a service; likewise start, hang, resume
table                   the director's IPVS table
hosts                   the hosts and their addresses
help                    this
"""

Act = Callable[..., Awaitable[object]]


async def obey(lab: Lab, line: str) -> str:
    """Do what `line` says and return what to show, ending in a newline or empty.

    Raises LabError saying what was expected.
    """
    word, _, rest = line.strip().partition(" ")
    if not word:
        return ""
    if word in lab.topology.hosts:
        return await _run(lab, word, rest)
    if word == "help":
        return HELP
    if word == "hosts":
        return hosts(lab)
    if word == "table":
        return "".join(f"{entry}\n" for entry in await lab.table())
    if word in (asked := _asked(Watching(lab))):
        return await asked[word](rest.strip())
    if word not in (acts := _acts(lab)):
        raise LabError(f"unknown command {word!r}; try help")
    await _act(acts[word], word, rest)
    return ""


def hosts(lab: Lab) -> str:
    """Return a line per host: its name, devices and addresses."""
    lines = []
    for host in lab.topology.hosts:
        cables = lab.topology.cables_of(host)
        ends = (f"{cable.device} {' '.join(cable.addresses)}" for cable in cables)
        lines.append(f"{host:<10}{'  '.join(ends)}\n")
    return "".join(lines)


async def _run(lab: Lab, host: str, command: str) -> str:
    if not command.strip():
        raise LabError(f"{host}: which command?")
    result = await lab.run(host, command)
    ending = "" if result.status == 0 else f"(status {result.status})\n"
    return result.stdout + result.stderr + ending


def _asked(watching: Watching) -> dict[str, Callable[[str], Awaitable[str]]]:
    """Return what is about the daemon on the director."""
    return {
        "watch": watching.begin,
        "monlvs": watching.ask,
        "log": watching.log,
        "mails": watching.mails,
    }


def _acts(lab: Lab) -> dict[str, Act]:
    async def pull(host: str, device: str | None = None) -> None:
        await lab.pull(host, device=device)

    async def cut(host: str, device: str | None = None) -> None:
        await lab.pull(host, device=device, cut=Cut.UNSEEN)

    async def plug(host: str, device: str | None = None) -> None:
        await lab.plug(host, device=device)

    return {
        "pull": pull,
        "cut": cut,
        "plug": plug,
        "stop": lab.stop_service,
        "start": lab.start_service,
        "hang": lab.hang_service,
        "resume": lab.resume_service,
    }


async def _act(act: Act, word: str, rest: str) -> None:
    least, most = (1, 2) if word in ("pull", "cut", "plug") else (2, 2)
    try:
        arguments = shlex.split(rest)
    except ValueError as error:
        raise LabError(f"{word}: {error}") from None
    if not least <= len(arguments) <= most:
        expected = "HOST [DEVICE]" if least == 1 else "HOST SERVICE"
        raise LabError(f"{word}: expected {word} {expected}")
    await act(*arguments)
