"""Faults that are planted in a lab, and what an audit is to find of each."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from monlvs.lab import DIRECTOR
from tests.director.remote.labssh import start_sshd

IN_GUEST = Path(__file__).parent / "in_guest.py"
ALL = ("rs1", "rs2", "rs3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is done to which host, what undoes it, and what is to be found."""

    title: str
    plant: tuple[tuple[str, str], ...] = ()
    cure: tuple[tuple[str, str], ...] = ()
    look_at: tuple[str, ...] = ()
    """Real servers that are looked at besides the director."""
    found: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    """Names, and the machines that they are found on."""
    loses: bool | None = None
    """Whether requests are lost; None: not asked."""


def sound(title):
    return Fault(title=title, look_at=ALL, loses=False)


def of_director(name, plant, cure, *, loses=None, title=""):
    return Fault(
        title=title or name,
        plant=((DIRECTOR, plant),),
        cure=((DIRECTOR, cure),),
        found=frozenset({(name, "director")}),
        loses=loses,
    )


def of_server(name, plant, cure, *, loses=None, title=""):
    return Fault(
        title=f"rs1: {title or name}",
        plant=(("rs1", plant),),
        cure=(("rs1", cure),),
        look_at=("rs1",),
        found=frozenset({(name, "rs1")}),
        loses=loses,
    )


def address(lab, host):
    (found,) = (each.address for each in lab.topology.servers if each.host == host)
    return found


async def found_with(lab, configuration, url, faults):
    """Plant `faults` in turn; return what was found of each."""
    ssh = await start_sshd(lab)
    steps = {
        "configuration": configuration,
        "key": str(ssh.folder / "key"),
        "known_hosts": str(ssh.known_hosts),
        "faults": [
            {
                "title": each.title,
                "plant": each.plant,
                "cure": each.cure,
                "hosts": [f"root@{address(lab, host)}" for host in each.look_at],
                "url": "" if each.loses is None else url,
                "patient": each.loses is False,
            }
            for each in faults
        ],
    }
    told = lab.write_file("audits.json", json.dumps(steps))
    answers = lab.folder / "found.json"
    argv = [lab.python, str(IN_GUEST), str(told), str(answers)]
    await lab.run(DIRECTOR, argv, timeout=500, check=True)
    return json.loads(answers.read_text())


def judged(lab, report):
    """What a report comes to: findings by host, and whether requests were lost."""
    hosts = {each.address: each.host for each in lab.topology.servers}
    found = sorted([name, hosts.get(on, on)] for name, on, _, _ in report["findings"])
    lost = report["answered"] < 6 if "answered" in report else None
    return found, lost, report["troubles"]
