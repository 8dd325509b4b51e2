"""The faults: what is done to the lab, and what the table should be then."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bench.compared.contenders import INTERVAL
from bench.compared.stage import HTTPD, Stage
from monlvs.lab import DIRECTOR, Cut

LONG = 30.0
"""Seconds after which "never" is said."""
LOOKED_AT = 4.5
"""Seconds after a fault of a server: the longest wait for a check, the time for it, and
some. No multiple of the interval: what follows must not meet a check."""
STARTING = 0.15
"""Seconds from the start of a httpd until it listens."""
RECOVERY = 7.0
"""Seconds after its end: keepalived wants two good checks after one that may hang."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the comparison."""

    key: str
    title: str
    about: str
    """What exactly was done, and what the table should be then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that is done to the lab, and the rows that come of it."""

    play: Callable[[Stage], Awaitable[None]]
    rows: tuple[Row, ...]


async def die_and_return(stage: Stage) -> None:
    """Cut a server's power; give it back."""
    await stage.at_phase()
    cut = (await stage.lab.pull(stage.victim)).began
    await stage.watch("dies", cut, stage.others, seconds=LOOKED_AT)
    await stage.spread()
    back = (await stage.lab.plug(stage.victim)).began
    await stage.watch("returns", back, stage.all, seconds=RECOVERY)


async def hang_and_go_on(stage: Stage) -> None:
    """Stop a server's httpd, which goes on taking connections; let it go on."""
    await stage.at_phase()
    before = await stage.lab.now()
    await stage.lab.hang_service(stage.victim, HTTPD)
    await stage.watch("hangs", before, stage.others, seconds=LOOKED_AT)
    await stage.spread()
    before = await stage.lab.now()
    await stage.lab.resume_service(stage.victim, HTTPD)
    await stage.watch("goes-on", before, stage.all, seconds=RECOVERY)


async def refuse_and_start(stage: Stage) -> None:
    """End a server's httpd, read the file again meanwhile, start the httpd."""
    await stage.at_phase()
    before = await stage.lab.now()
    await stage.lab.stop_service(stage.victim, HTTPD)
    await stage.watch("refuses", before, stage.others, seconds=LOOKED_AT)
    told = await stage.reload()
    await stage.watch("reload-while-out", told, stage.others, seconds=2 * INTERVAL)
    await stage.spread(ahead=STARTING)
    listens = await stage.lab.start_service(stage.victim, HTTPD)
    await stage.watch("starts", listens, stage.all, seconds=RECOVERY)


async def delete_an_entry(stage: Stage) -> None:
    """Delete the entry of a healthy server by hand."""
    await stage.at_phase()
    entry = f"{stage.addresses[1]}:80"
    words = ["ipvsadm", "-d", "-t", f"{stage.lab.vip}:80", "-r", entry]
    began = await stage.edit_table(words)
    await stage.watch_until_right("deleted", began, stage.all, seconds=LONG)


async def flush_the_table(stage: Stage) -> None:
    """Empty the whole table by hand."""
    await stage.at_phase()
    began = await stage.edit_table(["ipvsadm", "-C"])
    await stage.watch_until_right("flushed", began, stage.all, seconds=LONG)


async def kill_and_restart(stage: Stage) -> None:
    """Kill the daemon and start it, all well; the same while a server dies and is dead."""
    await stage.at_phase()
    killed = await stage.kill()
    await stage.sleep(DOWN)
    await stage.start()
    await stage.watch("killed", killed, stage.all, seconds=DOWN + RESTART)

    await stage.at_phase()
    await stage.kill()
    await stage.lab.stop_service(stage.victim, HTTPD)
    await stage.sleep(DOWN)
    began = await stage.start()
    await stage.watch("died-meanwhile", began, stage.others, seconds=RESTART)

    await stage.settle_out()
    await stage.kill()
    await stage.sleep(DOWN)
    began = await stage.start()
    await stage.watch("stays-out", began, stage.others, seconds=RESTART)
    await stage.lab.start_service(stage.victim, HTTPD)


async def reload_under_load(stage: Stage) -> None:
    """Take a server out of the file, and in again."""
    await stage.at_phase()
    stage.write(stage.addresses[:2])
    told = await stage.reload()
    await stage.watch(
        "reload-out", told, frozenset(stage.addresses[:2]), seconds=LOOKED_AT
    )
    stage.write()
    told = await stage.reload()
    await stage.watch("reload-in", told, stage.all, seconds=LOOKED_AT)


async def reload_a_broken_file(stage: Stage) -> None:
    """Cut the file short and have it read."""
    await stage.at_phase()
    stage.write_broken()
    told = await stage.reload()
    await stage.watch("reload-broken", told, stage.all, seconds=LOOKED_AT)
    stage.write()
    await stage.reload()


async def cut_the_director_off(stage: Stage) -> None:
    """Pull the director's own cable to the servers for a while."""
    await stage.at_phase()
    await stage.lab.pull(DIRECTOR, device="eth1", cut=Cut.SEEN)
    await stage.sleep(5 * INTERVAL)
    back = (await stage.lab.plug(DIRECTOR, device="eth1")).ended
    await stage.watch("own-cable", back, stage.all, seconds=LOOKED_AT)


DOWN = 1.0
"""Seconds for which a daemon is gone."""
RESTART = 5.0
"""Seconds after a start: reading, the first check and one more."""

FAULTS = (
    Fault(
        play=die_and_return,
        rows=(
            Row(
                key="dies",
                title="server dies",
                about="The server is off: its cable is dead, nobody answers, ARP neither.",
            ),
            Row(
                key="returns",
                title="server is back",
                about="The same server is plugged in again, its httpd runs.",
            ),
        ),
    ),
    Fault(
        play=hang_and_go_on,
        rows=(
            Row(
                key="hangs",
                title="httpd hangs",
                about="SIGSTOP: connections are made and nothing answers.",
            ),
            Row(key="goes-on", title="httpd goes on", about="SIGCONT."),
        ),
    ),
    Fault(
        play=refuse_and_start,
        rows=(
            Row(
                key="refuses",
                title="httpd is stopped",
                about="Connections are refused.",
            ),
            Row(
                key="reload-while-out",
                title="reload while it is out",
                about="SIGHUP with an unchanged file: the server has to stay out.",
            ),
            Row(
                key="starts",
                title="httpd is started",
                about="Counted from when it listens.",
            ),
        ),
    ),
    Fault(
        play=delete_an_entry,
        rows=(
            Row(
                key="deleted",
                title="entry deleted by hand",
                about="`ipvsadm -d` of a healthy server.",
            ),
        ),
    ),
    Fault(
        play=flush_the_table,
        rows=(Row(key="flushed", title="table flushed", about="`ipvsadm -C`."),),
    ),
    Fault(
        play=kill_and_restart,
        rows=(
            Row(
                key="killed",
                title="daemon killed, started a second later",
                about="SIGKILL to all its processes; all servers are well.",
            ),
            Row(
                key="died-meanwhile",
                title="a server's httpd stops while the daemon is dead",
                about="Counted from the daemon's start, its own start included.",
            ),
            Row(
                key="stays-out",
                title="daemon killed and started while a server is out",
                about="The server has to stay out.",
            ),
        ),
    ),
    Fault(
        play=reload_under_load,
        rows=(
            Row(
                key="reload-out",
                title="reload: a server less",
                about="SIGHUP; counted from the signal.",
            ),
            Row(
                key="reload-in",
                title="reload: a server more",
                about="SIGHUP; a healthy server that was not in the file before.",
            ),
        ),
    ),
    Fault(
        play=reload_a_broken_file,
        rows=(
            Row(
                key="reload-broken",
                title="reload of a broken file",
                about="SIGHUP with a file that ends in the middle, as on a full disk; "
                "nothing should change.",
            ),
        ),
    ),
    Fault(
        play=cut_the_director_off,
        rows=(
            Row(
                key="own-cable",
                title="director's own cable is back",
                about="Its cable to the servers was out for ten seconds, which is no "
                "server's fault; counted from when it is in again.",
            ),
        ),
    ),
)

ROWS = tuple(row for fault in FAULTS for row in fault.rows)
