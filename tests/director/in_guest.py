"""Runs in a guest of the lab: does what a pickled list of steps says, pickles answers.

    in_guest.py STEPS ANSWERS

A step is a name of a function here and its arguments.
"""

import asyncio
import pickle
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from monlvs.director import codec, counts, netlink, rules, syncing
from monlvs.director.connections import PATH, parse
from monlvs.director.connections import show as show_connections
from monlvs.director.events import TableChanged
from monlvs.director.kernel import KernelTable
from monlvs.director.memory import MemoryTable
from monlvs.director.names import system_names
from monlvs.director.plan import plan
from monlvs.director.reconcile import Director
from monlvs.director.show import show
from monlvs.runtime.syncdaemons import SyncDaemons


def portable(reading):
    """A reading as plain dicts: a mappingproxy cannot be pickled."""
    table = {k: (p.service, dict(p.entries)) for k, p in reading.table.items()}
    return table, dict(reading.counters), reading.unread


async def apply(changes):
    with KernelTable() as kernel:
        refusals = await kernel.apply(changes)
        return [(refusal.change, refusal.code) for refusal in refusals]


async def read():
    with KernelTable() as kernel:
        return portable(await kernel.read())


async def shown():
    with KernelTable() as kernel:
        return show(await kernel.read(), kernel.info)


async def followed(*commands):
    """What is read after each of `commands`, and which pools are the objects of before."""
    found, last = [], {}
    with KernelTable() as kernel:
        for command in commands:
            printed(command)
            reading = await kernel.read()
            same = {k for k, pool in reading.table.items() if last.get(k) is pool}
            found.append((*portable(reading), same))
            last = reading.table
    return found


async def written():
    """The kernel's table as rules."""
    with KernelTable() as kernel:
        return rules.write((await kernel.read()).table)


async def named(text):
    """Rules with names of hosts and services, written without."""
    read = rules.read(text, "saved", names=system_names())
    return rules.write(read.table)


async def connections():
    """The connections as we print them."""
    return show_connections(parse(Path(PATH).read_text()), engines=True)


def coded(act, *arguments):
    """The error number of a request, 0 when it was done."""
    try:
        act(*arguments)
    except OSError as error:
        return error.errno
    return 0


def printed(command):
    return subprocess.run(
        command, shell=True, capture_output=True, text=True, check=True
    ).stdout


async def kept(sync, *roles):
    """Sync daemons kept for one role after the other: what runs, what is refused."""
    daemons, told = SyncDaemons(), []
    for role in roles:
        await daemons.keep(sync, role)
        told.append((daemons.running, daemons.troubles))
    daemons.close()
    return told


async def synced(daemons, command):
    """Start `daemons` twice, read them, run `command`, stop them."""
    with KernelTable() as kernel:
        codes = [coded(kernel.start_sync, daemon) for daemon in (*daemons, *daemons)]
        found = kernel.sync_daemons()
        theirs = printed(command)
        for daemon in found:
            kernel.stop_sync(daemon.role)
        shown = "".join(f"{syncing.show(daemon)}\n" for daemon in found)
        return codes, found, shown, theirs


async def unsynced(role):
    """Read the sync daemons, stop that of `role` twice, read again."""
    with KernelTable() as kernel:
        before = kernel.sync_daemons()
        codes = [coded(kernel.stop_sync, role) for _ in range(2)]
        return before, codes, kernel.sync_daemons()


async def counted(wanted):
    """Counts, rates and connections, ours and ipvsadm's, once `wanted` are counted.

    The kernel sums up every two seconds.
    """
    deadline = time.monotonic() + 20
    with KernelTable() as kernel:
        while time.monotonic() < deadline:
            if sum(own.connections for own, _ in kernel.traffic().values()) >= wanted:
                break
            await asyncio.sleep(0.1)
        found = kernel.traffic()
        totals = counts.show_totals(found, kernel.info), printed("ipvsadm -Ln --stats")
        rates = counts.show_rates(found, kernel.info), printed("ipvsadm -Ln --rate")
    listed = show_connections(parse(Path(PATH).read_text())), printed("ipvsadm -Lcn")
    return totals, rates, listed


async def zeroed():
    """What is left of the connections' count after a zero of one service, then all."""
    with KernelTable() as kernel:
        first = next(iter(kernel.traffic()))
        kernel.zero(first)
        one = kernel.traffic()[first][0].connections
        kernel.zero()
        return [one, sum(own.connections for own, _ in kernel.traffic().values())]


async def both(changes):
    """Each change alone to the kernel and to a table in memory: their error numbers."""
    memory = MemoryTable()
    with KernelTable() as kernel:
        codes = [(kernel._send([c])[0], memory._make(c)) for c in changes]
        return codes, portable(await kernel.read()), portable(await memory.read())


async def repairs(desired):
    """What is still to be changed once `desired` stands as the kernel keeps it."""
    memory = MemoryTable()
    with KernelTable() as kernel:
        await memory.apply(desired)
        wanted = (await memory.read()).table
        before = plan((await kernel.read()).table, wanted)
        refusals = await kernel.apply(before)
        after = plan((await kernel.read()).table, wanted)
        return before, refusals, after


async def settings():
    with KernelTable() as kernel:
        before = kernel.timeouts()
        kernel.set_timeouts(codec.Timeouts(tcp=before.tcp * 2))
        after = kernel.timeouts()
        kernel.set_timeouts(before)
        kernel.zero()
        kernel.flush()
        return kernel.info, before, after, portable(await kernel.read())


async def crowded(changes):
    """The error numbers of `changes` on a socket that holds few answers."""
    from monlvs.director.kernel import _encode

    payloads = [_encode(change) for change in changes]
    with netlink.IpvsSocket(receive_buffer=1) as small:
        few = small.request(payloads)
    with netlink.IpvsSocket() as large:
        return few, large.request(payloads)


async def refused_dump():
    """What the kernel says to a dump that it does not know."""
    with netlink.IpvsSocket() as ipvs:
        try:
            ipvs.dump(codec.flush()[:1].replace(b"\x11", b"\x63") + b"\x01\0\0")
        except netlink.NetlinkError as error:
            return error.errno


async def addresses():
    return await asyncio.to_thread(netlink.own_addresses)


async def directed(config, passes):
    """A director on the kernel's table: before each pass a shell command and reports.

    What it told in each pass, and the table after it.
    """
    told, stages = [], []
    with KernelTable() as kernel:
        director = Director(kernel, now=time.monotonic, on_event=told.append)
        director.declare(config)
        for command, reports in passes:
            subprocess.run(command, shell=True, check=True)
            for guard, health in reports.items():
                director.report(guard, health)
            await director.once()
            rules = [
                (change.as_ipvsadm(), str(change.cause))
                for event in told
                if isinstance(event, TableChanged)
                for change in event.changes
            ]
            told.clear()
            stages.append((rules, portable(await kernel.read())[0]))
    return stages


async def passed_over(config):
    """Make what `config` declares; then pass over it three times, all being well.

    Seconds that the passes took, and `ipvsadm -Sn` beside them; how many turns others
    got in a pass; what was told.
    """
    ours, theirs, turns, told = [], [], 0, []
    with KernelTable() as kernel:
        director = Director(kernel, now=time.monotonic, on_event=told.append)
        director.declare(config)
        await director.once()
        await director.once()
        told.clear()
        for _ in range(3):
            started = time.monotonic()
            await director.once()
            ours.append(time.monotonic() - started)
            started = time.monotonic()
            printed("ipvsadm -Sn >/dev/null")
            theirs.append(time.monotonic() - started)
        async with asyncio.TaskGroup() as tasks:
            one = tasks.create_task(director.once())
            while not one.done():
                await asyncio.sleep(0)
                turns += 1
        count = sum(len(pool.entries) for pool in director.reading.table.values())
    return count, ours, theirs, turns, told


async def storm(changes, rules):
    """Seconds (wall, CPU) to make `changes`, and for `ipvsadm -R` of `rules`."""
    with KernelTable() as kernel:
        started, used = time.monotonic(), time.process_time()
        refusals = await kernel.apply(changes)
        ours = time.monotonic() - started, time.process_time() - used
        started = time.monotonic()
        reading = await kernel.read()
        dumped = time.monotonic() - started
        started = time.monotonic()
        await kernel.read()
        again = time.monotonic() - started
        kernel.flush()
    fresh = "ip netns add storm && ip -n storm link set lo up"
    subprocess.run(fresh, shell=True, check=True)
    command = ["ip", "netns", "exec", "storm", "ipvsadm", "-R"]
    started = time.monotonic()
    subprocess.run(command, input=rules, text=True, check=True)
    theirs = time.monotonic() - started
    subprocess.run(["ip", "netns", "del", "storm"], check=True)
    count = sum(len(pool.entries) for pool in reading.table.values())
    return refusals, count, ours, theirs, (dumped, again)


async def main(steps, answers):
    told = pickle.loads(Path(steps).read_bytes())
    found = [await globals()[name](*arguments) for name, *arguments in told]
    Path(answers).write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
