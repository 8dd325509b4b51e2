"""Programs and mail servers that behave badly: nothing is believed, nothing is late."""

import re

import pytest

from monlvs.lab import CLIENT, DIRECTOR, Lab
from tests.e2e import configurations as say
from tests.e2e.configurations import INTERVAL, LIMIT, SLACK
from tests.e2e.seen import (
    PATIENCE,
    comes,
    first_change,
    is_regular,
    leaves,
    start,
    stop,
)
from tests.e2e.watching import Entry, Home, Watch, pass_time

pytestmark = pytest.mark.lab

# A monitor program that behaves as the file beside it says.
MONITOR = """#!/bin/sh
read mode <"$0.mode"
case $mode in
well) exit 0 ;;
failing) echo "$1"; exit 1 ;;
killed) kill -KILL $$ ;;
hanging) sleep 1000 ;;
flooding) yes '10.1.1.99 is fine, everything is fine' | head -c 5000000; sleep 1000 ;;
bursting) head -c 200000 /dev/zero; kill -SEGV $$ ;;
stubborn) trap '' TERM INT HUP; while :; do sleep 1000; done ;;
esac
"""
MOODS = ("killed", "hanging", "flooding", "bursting", "stubborn")
# Fails at every check and logs it: shows that checks go on, and when.
WITNESS = '{ name = "tcp", port = 9 }'
# Five programs at once: to start them takes a guest longer than its own checks.
PROGRAM_INTERVAL = 2.0
PROGRAM_TIMEOUT = 1.5
PROGRAM_LIMIT = PROGRAM_INTERVAL + PROGRAM_TIMEOUT + SLACK
GRACE = 0.5
"""Seconds between SIGTERM and SIGKILL."""
DEAF = """
import socket
server = socket.create_server(("0.0.0.0", 25))
print("deaf", flush=True)
lines = []
while True:
    lines.append(server.accept())
"""
LARGEST = 120_000
"""Kilobytes that the daemon may hold: a flood is not kept."""


def entry(number: int) -> str:
    return f"tcp 192.168.1.1:80 -> 10.1.1.{100 + number}:80 Masq 1"


def witness(home: Home) -> str:
    return say.group("witness", "10.1.1.2") + say.service(
        "witness", "tcp", [say.log(home.log_file)], monitor=WITNESS
    )


def programs(home: Home) -> str:
    """One service for each mood, each with an entry of the table to guard."""
    services = "".join(
        say.service(
            f"P{number}",
            "program",
            [say.guard("192.168.1.1:80", f"10.1.1.{100 + number}:80")],
            monitor=f'{{ name = "external", command = "{home.folder}/{mood}" }}',
        )
        for number, mood in enumerate(MOODS)
    )
    names = "".join(f'P{n} = ["10.1.1.{100 + n}"]\n' for n in range(len(MOODS)))
    return (
        say.general(home.state, interval=PROGRAM_INTERVAL, timeout=PROGRAM_TIMEOUT)
        + witness(home).replace("[hostgroups]\n", f"[hostgroups]\n{names}")
        + services
        + '\n[[virtual_service]]\naddress = "192.168.1.1"\nport = 80\nscheduler = "rr"\n'
    )


def behave(home: Home, mode: str = "") -> None:
    """Let every program behave as `mode` says, or each in its own way."""
    for mood in MOODS:
        (home.folder / f"{mood}.mode").write_text(f"{mode or mood}\n")


def went_on(home: Home, *, since: float, until: float, every: float = INTERVAL) -> bool:
    """Whether the witness was checked all the time."""
    seen = [e.at for e in home.delivered("failure", after=since) if e.at < until]
    enough = len(seen) >= (until - since) / every - 1.5
    return enough and is_regular(seen, every=every)


async def resident(lab: Lab, watch: Watch) -> int:
    """Kilobytes that the daemon has in memory."""
    status = await lab.run(DIRECTOR, ["cat", f"/proc/{watch.process.pid}/status"])
    (size,) = re.findall(r"VmRSS:\s+(\d+) kB", status.stdout)
    return int(size)


async def test_a_program_that_misbehaves_never_counts_as_up_and_stops_nothing(
    nat_lab: Lab,
) -> None:
    lab = nat_lab
    home = await Home.make(lab)
    for mood in MOODS:
        path = home.folder / mood
        path.write_text(MONITOR)
        path.chmod(0o755)
    behave(home, "well")
    watch = await home.start(programs(home))
    whole = await lab.until_table(
        lambda table: len(table) == 1 + len(MOODS), timeout=20
    )
    assert set(whole) == {"tcp 192.168.1.1:80 rr", *map(entry, range(len(MOODS)))}
    await lab.watch_table()

    began = await lab.now()
    behave(home)
    moving = [
        n for n, mood in enumerate(MOODS) if mood in ("hanging", "flooding", "stubborn")
    ]
    for number in moving:
        limit = PROGRAM_LIMIT + GRACE * (MOODS[number] == "stubborn")
        assert await leaves(lab, entry(number), after=began) <= limit, MOODS[number]
    steady = [n for n in range(len(MOODS)) if n not in moving]
    await lab.until(
        lambda: all(len(unsure(home, n)) >= 3 for n in steady), timeout=PATIENCE
    )
    calm = await pass_time(lab, PROGRAM_INTERVAL)
    assert {entry(n) for n in steady} == set(await lab.table()) - {whole[-1]}
    for number in steady:
        reasons = {e.told["reason"] for e in unsure(home, number)}
        assert reasons == {"program died by a signal"}

    # Out, and then killed: still out. Only an exit code of 0 brings an entry back.
    behave(home, "killed")
    await pass_time(lab, 1.5 * PROGRAM_INTERVAL)
    assert not any(
        first_change(lab, entry(n), after=calm, gone=gone)
        for n in range(len(MOODS))
        for gone in (True, False)
    )
    well = await lab.now()
    behave(home, "well")
    for number in moving:
        assert await comes(lab, entry(number), after=well) <= PROGRAM_LIMIT
    assert await lab.table() == whole
    now = await lab.now()
    assert went_on(home, since=began, until=now, every=PROGRAM_INTERVAL)
    assert await resident(lab, watch) < LARGEST
    await watch.stop()
    left = await lab.run(DIRECTOR, ["pgrep", "-f", f"{home.folder}/"])
    assert (left.status, left.stdout) == (1, "")


def unsure(home: Home, number: int) -> list[Entry]:
    return [
        e
        for e in home.entries("CheckUnsure")
        if e.told["service"] == f"P{number}/program"
    ]


async def test_a_mail_server_that_hangs_delays_no_check(nat_lab: Lab) -> None:
    lab = nat_lab
    deaf = await lab.start(CLIENT, [lab.python, "-I", "-S", "-c", DEAF])
    await lab.until(lambda: "deaf" in deaf.output())
    home = await Home.make(lab)
    text = (
        say.general(home.state) + witness(home) + say.mailing(lab.topology, "http", 80)
    )
    watch = await home.start(text)
    await lab.until_table(lambda table: len(table) == 4, timeout=15)
    await lab.watch_table()
    began = await lab.now()
    stopped = await stop(lab, "rs2")
    assert (
        await leaves(lab, " -> 10.1.1.3:80 ", after=stopped.began)
        <= LIMIT + stopped.took
    )
    await pass_time(lab, 3 * INTERVAL)
    started = await start(lab, "rs2")
    assert (
        await comes(lab, " -> 10.1.1.3:80 ", after=started.began)
        <= LIMIT + started.took
    )
    assert went_on(home, since=began, until=await lab.now())
    assert not [e for e in home.entries("AlertDelivery") if e.told["alert"] == "mail"]
    # What waits is told and kept, and holds up the end no longer than it may.
    ending = await lab.now()
    assert await watch.stop() - ending < 10
    assert "alerts were not delivered before the end" in watch.process.output()
