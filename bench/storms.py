"""Ten thousand real servers at once: the kernel's table in a guest, made and read again."""

import json
import signal
import time
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from bench.measurement import Cost, cost_of
from bench.ours import saved
from bench.process import FailedError
from bench.room import Ran, Room
from bench.trial import Stage

SERVERS = 10_000
NEEDS = ("linux.uml", "ipvsadm", "ip")
GATE = 7777
PATIENCE = 120.0
QUIET = 0.08
"""Share of a core that a daemon with nothing to do stays below, in a busy machine, too."""


@dataclass(frozen=True, slots=True)
class Shape:
    """So many virtual services with so many real servers each."""

    services: int
    servers: int

    def virtual(self, number: int) -> str:
        """Return a VIP."""
        return f"10.{number >> 8}.{number & 255}.1"

    def real(self, number: int) -> str:
        """Return the address of a real server; virtual services share them."""
        return f"172.{16 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"

    def rules(self) -> str:
        """Spell the table for `ipvsadm -R`."""
        return "".join(self._rules())

    def _rules(self) -> Iterator[str]:
        for n in range(self.services):
            yield f"-A -t {self.virtual(n)}:80 -s rr\n"
            for m in range(1, self.servers + 1):
                yield f"-a -t {self.virtual(n)}:80 -r {self.real(m)}:80 -m -w 1\n"

    def declared(self) -> str:
        """Spell the table for monlvs."""
        members = "".join(
            f'  {{ address = "{self.real(m)}", forwarding = "nat", weight = 1 }},\n'
            for m in range(1, self.servers + 1)
        )
        return "".join(
            f'[[virtual_service]]\naddress = "{self.virtual(n)}"\nport = 80\n'
            f'scheduler = "rr"\nservers = [\n{members}]\n\n'
            for n in range(self.services)
        )

    def gated(self) -> str:
        """Spell a check on which all virtual services depend, of a closed port."""
        lines = "".join(
            f'  {{ name = "virtualserver", virtual = "{self.virtual(n)}:80", '
            "delete_service = true },\n"
            for n in range(self.services)
        )
        return (
            '[hostgroups]\ngate = ["127.0.0.1"]\n\n[watch.gate.service.tcp]\n'
            f'interval = "1s"\nmonitor = {{ name = "tcp", port = {GATE} }}\n'
            f"[[watch.gate.service.tcp.period]]\nalert = [\n{lines}]\n"
            f"upalert = [\n{lines}]\n\n"
        )


SHAPES = {"many": Shape(SERVERS // 10, 10), "one": Shape(1, SERVERS)}


Found = TypeVar("Found")


def settings(folder: Path, table: str = "kernel") -> str:
    """Spell a daemon's settings that leaves the table alone unless something happens."""
    return (
        f'[settings]\nstate_dir = "{folder}"\npid_file = "{folder}/pid"\n'
        f'resync = "1h"\ntable = "{table}"\n\n'
    )


def restored(stage: Stage, shape: Shape) -> Cost:
    """Measure `ipvsadm -R`."""
    room = stage.room
    file = room.fresh_folder("rules") / "rules"
    file.write_text(shape.rules())
    with room.network() as inside:
        ran = room.run([*inside, "sh", "-c", f"ipvsadm -R <{file}"])
        return _cost(ran, _standing(room, inside, shape))


def applied(stage: Stage, shape: Shape) -> Cost:
    """Measure the command `director apply`, from its start to its end, without a daemon."""
    room = stage.room
    folder = room.fresh_folder("apply")
    file = folder / "storm.toml"
    file.write_text(settings(folder) + shape.declared())
    words = f"{room.python} -m monlvs director apply -c {file} >{folder}/told"
    with room.network() as inside:
        ran = room.run([*inside, "sh", "-c", words])
        return _cost(ran, _standing(room, inside, shape))


def decided(stage: Stage, shape: Shape) -> Cost:
    """Measure a running daemon from the check that lets all servers in.

    Another has found the gate shut before, on a table in memory: what that one had in
    its table this one withholds from the start.
    """
    room = stage.room
    folder = room.fresh_folder("decide")
    text = shape.gated() + shape.declared()
    with _daemon(room, [], folder, settings(folder, "memory") + text):
        _until(lambda: _told(folder, "StatusChanged"), folder)
        _until(lambda: len(_told(folder, "TableChanged")) > 1, folder)
        shut = _told(folder, "TableChanged")[-1]
        _until(lambda: saved(folder) > shut, folder)
    with room.network() as inside:
        log = folder / "gate.log"
        gate = [*inside, room.python, "-m", "bench.drivers.gate", str(GATE)]
        with (
            _daemon(room, inside, folder, settings(folder) + text),
            room.running(gate, log) as pid,
        ):
            _until(lambda: "shut" in log.read_text(), folder)
            _calm(room)
            bill = _Bill(room, folder)
            room.run(["kill", f"-{signal.SIGUSR1:d}", str(pid)])
            ran = bill.until_made("StatusChanged")
        return _cost(ran, _standing(room, inside, shape))


def reloaded(stage: Stage, shape: Shape) -> Cost:
    """Measure a running daemon from SIGHUP, the reading of its file included."""
    room = stage.room
    folder = room.fresh_folder("reload")
    nothing = '[hostgroups]\nnobody = ["127.0.0.1"]\n'
    with room.network() as inside:
        with _daemon(room, inside, folder, settings(folder) + nothing) as file:
            _calm(room)
            file.write_text(settings(folder) + shape.declared())
            pid = (folder / "pid").read_text().strip()
            bill = _Bill(room, folder)
            room.run(["kill", f"-{signal.SIGHUP:d}", pid])
            ran = bill.until_made(None)
        return _cost(ran, _standing(room, inside, shape))


def replanned(stage: Stage, shape: Shape) -> Cost:
    """Measure a pass of the director over a table that is as it should be."""
    room = stage.room
    folder = room.fresh_folder("replan")
    file = folder / "storm.toml"
    file.write_text(settings(folder) + shape.declared())
    with room.network() as inside:
        words = [*inside, room.python, "-m", "bench.drivers.replan", str(file)]
        return cost_of(room.run(words).output.strip().splitlines()[-1])


@contextmanager
def _daemon(room: Room, inside: list[str], folder: Path, text: str) -> Iterator[Path]:
    """Run a daemon until the block is left; gives the path of its configuration."""
    file = folder / "storm.toml"
    file.write_text(text)
    before = len(_told(folder, "TableAdopted"))
    words = [*inside, room.python, "-m", "monlvs", "daemon", "-c", str(file)]
    with room.running(words, folder / "daemon.log"):
        _until(lambda: len(_told(folder, "TableAdopted")) > before, folder)
        yield file


class _Bill:
    """What a daemon takes for a storm, from now on."""

    def __init__(self, room: Room, folder: Path) -> None:
        self._room, self._folder = room, folder
        self._asked = time.time()
        self._looks = [(self._asked, room.cpu())]
        """When we looked at the guest's CPU, and how much it had used by then."""

    def until_made(self, since: str | None) -> Ran:
        """Wait until the journal tells that the table is made.

        Wall is the time from the journal's line `since`, or from the beginning, to that
        line; CPU is the guest's, all of it, between the same two moments.
        """
        made = partial(self._since, "TableChanged")
        changed = _until(made, self._folder, meanwhile=self._look)[-1]
        self._look()
        begun = self._since(since)[0] if since else self._asked
        _until(lambda: saved(self._folder) > changed, self._folder)
        spent = used_at(self._looks, changed) - used_at(self._looks, begun)
        return Ran(changed - begun, spent, "")

    def _look(self) -> None:
        self._looks.append((time.time(), self._room.cpu()))

    def _since(self, event: str) -> list[float]:
        return [at for at in _told(self._folder, event) if at >= self._asked]


def _calm(room: Room) -> None:
    """Wait until the guest has nothing to do."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        before = room.cpu()
        time.sleep(1.0)
        if room.cpu() - before < QUIET:
            return
    raise FailedError("the guest does not come to rest")


def _told(folder: Path, event: str) -> list[float]:
    """Return when the daemon's journal tells of an event, in seconds since 1970."""
    # To parse all of it would slow down who is measured; the last line may be under way.
    wanted = f'"event": "{event}"'
    lines = (
        json.loads(line)
        for path in sorted(folder.glob("journal-*.jsonl"))
        for line in path.read_text().rpartition("\n")[0].splitlines()
        if wanted in line[:200]
    )
    return [datetime.fromisoformat(line["time"]).timestamp() for line in lines]


def used_at(looks: Sequence[tuple[float, float]], moment: float) -> float:
    """Return what had been used at a moment: as one looked before and after it, and in
    between in proportion."""
    at = bisect(looks, (moment,))
    (before, used), (after, more) = (
        looks[max(at - 1, 0)],
        looks[min(at, len(looks) - 1)],
    )
    share = (moment - before) / (after - before) if after > before else 0.0
    return used + (more - used) * max(share, 0.0)


def _until(
    find: Callable[[], Found],
    folder: Path,
    *,
    meanwhile: Callable[[], None] = lambda: None,
) -> Found:
    """Wait for a fact, and do something `meanwhile`, again and again.

    Raises FailedError with what the daemon has said.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = find()
        if found:
            return found
        for _ in range(20):
            meanwhile()
            time.sleep(0.005)
    said = (folder / "daemon.log").read_text(errors="replace")[-2000:]
    raise FailedError(f"waited {PATIENCE:g} s in vain for a daemon that said:\n{said}")


def _standing(room: Room, inside: list[str], shape: Shape) -> int:
    """Count the entries that are not as they should be."""
    found = room.run([*inside, "ipvsadm", "-Sn"]).output
    wanted = shape.rules().splitlines()
    return len({*map(str.strip, found.splitlines())} ^ set(wanted))


def _cost(ran: Ran, failed: int) -> Cost:
    return Cost(
        cpu_us=ran.cpu * 1e6 / SERVERS,
        per_second=SERVERS / ran.wall,
        failed=failed,
        more={"wall_ms": ran.wall * 1e3},
    )
