"""`monlvs director`: what it shows is what ipvsadm shows, what it plans it does."""

import json

import pytest

from monlvs.lab import DIRECTOR, Lab, Result
from tests.e2e import configurations as say
from tests.e2e.watching import Home

pytestmark = pytest.mark.lab


async def monlvs(home: Home, *words: str, config: bool = True) -> Result:
    command = home.command(*words)
    return await home.lab.run(DIRECTOR, command if config else command[:-2])


async def test_director_shows_what_ipvsadm_shows_and_does_what_it_plans(
    nat_lab: Lab,
) -> None:
    lab = nat_lab
    home = await Home.make(lab)
    home.write(say.general(home.state) + say.lvs(lab.topology, "http", 80))

    planned = await monlvs(home, "director", "plan")
    assert planned.status == 2, planned.stderr
    reasons = [line.split("# ", 1)[1] for line in planned.stdout.splitlines()]
    assert reasons == [
        "adopt: declared",
        *(
            f"guard: http-{server.address}/http {server.address} is up"
            for server in lab.topology.servers
        ),
    ]
    assert await lab.table() == ()

    applied = await monlvs(home, "director", "apply")
    assert (applied.status, applied.stderr) == (0, "")
    assert applied.stdout == planned.stdout
    nothing = await monlvs(home, "director", "plan", "--json")
    assert (nothing.status, json.loads(nothing.stdout)) == (
        0,
        {"changes": [], "obstacles": []},
    )

    more = "ipvsadm -A -f 7 -s wlc -p 300; ipvsadm -a -f 7 -r 10.1.1.9:0 -i -w 3"
    await lab.run(DIRECTOR, more, check=True)
    shown = await monlvs(home, "director", "show", config=False)
    assert shown.status == 0
    assert shown.stdout == (await lab.run(DIRECTOR, "ipvsadm -Ln")).stdout

    await lab.stop_service("rs2", "httpd")
    watch = await home.start(home.config.read_text())
    dead = "tcp 192.168.1.1:80 -> 10.1.1.3:80 Masq 1"
    standing = await lab.until_table(lambda table: dead not in table)
    # The daemon keeps the table: it is the one that applies.
    applied = await monlvs(home, "director", "apply")
    assert (applied.status, applied.stdout) == (0, ""), applied.stderr
    assert "mon_lvs.toml: 0 changes" in watch.process.output()
    assert await lab.table() == standing
    await watch.stop()

    # What the daemon saw is believed when it is gone: rs2 stays out.
    planned = await monlvs(home, "director", "plan")
    assert (planned.status, planned.stdout) == (0, "")
    await lab.run(DIRECTOR, "ipvsadm -C", check=True)
    applied = await monlvs(home, "director", "apply")
    assert applied.status == 0, applied.stderr
    assert set(await lab.table()) == {
        line for line in standing if line.startswith("tcp 192.168.1.1:80 ")
    }
