"""Runs on the director of a lab: plants faults one at a time, and audits after each.

    in_guest.py STEPS ANSWERS

STEPS is JSON: the configuration, how to log in, the URL that the client asks for, and
faults, each with commands by host that plant and cure it, and the hosts to look at.
ANSWERS gets what was found of each, and how many of the client's requests were answered.
"""

import asyncio
import json
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from monlvs.config.reading import parse
from monlvs.director.audit.looking import look_at_director, look_at_host
from monlvs.director.audit.server import audit_whole
from monlvs.director.remote.destination import read_destination
from monlvs.director.remote.ssh import SshOptions, open_session

REQUESTS = 6


def shell(host, command):
    done = subprocess.run(  # noqa: PLW1510  judged below
        ["ip", "netns", "exec", host, "sh", "-c", command],
        capture_output=True,
        text=True,
        timeout=30,
    )
    if done.returncode:
        raise SystemExit(f"{host}: {command}: {done.stdout}{done.stderr}")
    return done.stdout


async def audit(config, sessions):
    looked = await asyncio.to_thread(look_at_director, config)
    seen = [look_at_host(session, looked.lvs) for session in sessions]
    servers = await asyncio.gather(*seen)
    return {
        "findings": [
            [each.name, each.machine, each.what, list(each.fix)]
            for each in audit_whole(looked.lvs, servers)
        ],
        "troubles": list(looked.troubles),
    }


def answered(url, patient):
    """How many of several requests at once the client gets an answer to.

    On a busy machine one may be late: who is `patient` asks up to three times, and waits
    for what TCP sends again after a second.
    """
    each = f"-o /dev/null -g '{url}'"
    limit = 4 if patient else 1
    curl = f"curl -sZ -m {limit} -w '%{{http_code}}\\n' {f'{each} ' * REQUESTS}"
    count = 0
    for _ in range(3 if patient else 1):
        told = subprocess.run(  # noqa: PLW1510  timeouts are what is counted
            ["ip", "netns", "exec", "client", "sh", "-c", curl],
            capture_output=True,
            text=True,
        )
        count = told.stdout.split().count("200")
        if count == REQUESTS:
            break
    return count


async def main(steps, answers):
    told = json.loads(Path(steps).read_text())
    config, problems = parse(told["configuration"], "audit.toml")
    assert config is not None, problems
    options = SshOptions(
        keys=(Path(told["key"]),), known_hosts=(Path(told["known_hosts"]),)
    )
    found = {}
    async with AsyncExitStack() as stack:
        sessions = {}
        for host in sorted(
            {host for fault in told["faults"] for host in fault["hosts"]}
        ):
            session = open_session(read_destination(host), options)
            sessions[host] = await stack.enter_async_context(session)
        for fault in told["faults"]:
            for host, command in fault["plant"]:
                shell(host, command)
            report = await audit(config, [sessions[host] for host in fault["hosts"]])
            if fault["url"]:
                report["answered"] = answered(fault["url"], fault["patient"])
            for host, command in fault["cure"]:
                shell(host, command)
            found[fault["title"]] = report
    Path(answers).write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
