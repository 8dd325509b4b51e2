"""Passes of the director over the kernel's table when all is as it should be.

First how long a pass takes; then for how long one keeps the event loop from anything
else at the longest. The first pass, which makes the table, counts in neither. Before each
of the others the configuration is declared again: a director decides again only on what
has changed, and a plan of everything is to be paid for here.
"""

import asyncio
import json
import sys
import time
from statistics import median

from bench.drivers.bill import meter
from monlvs.config import load
from monlvs.daemon.life import relieve_garbage_collection
from monlvs.director.events import TableChanged
from monlvs.director.kernel import KernelTable
from monlvs.director.reconcile import Director

PASSES = 5


async def passes(file: str) -> str:
    """Make the table that a configuration declares, pass over it, return the bill."""
    config, problems = load(file)
    if config is None:
        raise SystemExit(str(problems[0]))
    changed: list[object] = []
    with KernelTable() as table:
        director = Director(table, now=time.monotonic, on_event=changed.append)
        director.declare(config)
        await director.once()
        relieve_garbage_collection()
        await director.once()
        changed.clear()
        took, blocks = [], []
        bill = meter()
        for _ in range(PASSES):
            director.declare(config)
            began = time.monotonic()
            await director.once()
            took.append(time.monotonic() - began)
        servers = sum(len(pool.entries) for pool in director.desired.values())
        made = sum(isinstance(event, TableChanged) for event in changed)
        told = bill(PASSES * servers, made)
        for _ in range(PASSES):
            director.declare(config)
            blocks.append(await longest_turn(director))
    figures = {"plan_ms": median(took) * 1e3, "block_ms": median(blocks) * 1e3}
    return json.dumps(json.loads(told) | figures)


async def longest_turn(director: Director) -> float:
    """Return the longest time between two turns of the loop in one pass, in seconds."""
    async with asyncio.TaskGroup() as tasks:
        one = tasks.create_task(director.once())
        longest, before = 0.0, time.monotonic()
        while not one.done():
            await asyncio.sleep(0)
            now = time.monotonic()
            longest, before = max(longest, now - before), now
    return longest


if __name__ == "__main__":
    print(asyncio.run(passes(sys.argv[1])))
