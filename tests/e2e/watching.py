"""A daemon on the director of a lab, and what it wrote down.

All times are the guest's monotonic clock in seconds, the journal's too, so that they
compare with what the lab's instruments saw, however busy the machine outside is.
"""

import contextlib
import itertools
import json
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monlvs.core.timing import first_checks
from monlvs.lab import DIRECTOR, Lab, LabError, Process
from monlvs.model.config import Config
from monlvs.model.watch import ServiceKey

START_LIMIT = 45.0
"""Seconds for the start of a daemon: four guests on two cores load their modules."""

_OFFSET = "import time; print(time.time() - time.monotonic())"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the journal: when, which event, and its fields."""

    at: float
    event: str
    told: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where a daemon has its configuration and its state; it outlives the daemon."""

    lab: Lab
    folder: Path
    offset: float
    """Of the guest's wall clock to its monotonic one."""
    file: str = "mon_lvs.toml"
    """The configuration's name; mon.cf for one in mon's words."""

    @classmethod
    async def make(cls, lab: Lab, file: str = "mon_lvs.toml") -> "Home":
        """Make an empty one in the folder that both sides share."""
        python = [lab.python, "-I", "-S", "-c", _OFFSET]
        offset = float((await lab.run(DIRECTOR, python, check=True)).stdout)
        folder = lab.folder / f"daemon-{next(_numbers)}"
        folder.mkdir()
        folder.chmod(0o777)
        return cls(lab=lab, folder=folder, offset=offset, file=file)

    @property
    def state(self) -> Path:
        """The state directory."""
        return self.folder / "state"

    @property
    def config(self) -> Path:
        """The configuration's file."""
        return self.folder / self.file

    @property
    def log_file(self) -> Path:
        """A file for the log alert."""
        return self.folder / "alert.log"

    def write(self, text: str) -> None:
        """Replace the configuration."""
        self.config.write_text(text)

    def command(self, *words: str) -> list[str]:
        """Return a command line of monlvs that reads the configuration."""
        return [self.lab.python, "-m", "monlvs", *words, "-c", str(self.config)]

    async def start(self, text: str, *, through: Sequence[str] = ()) -> "Watch":
        """Start a daemon, with `through` before its words; returns when it watches."""
        self.write(text)
        command = [*through, *self.command("daemon")]
        process = await self.lab.start(DIRECTOR, command)
        watch = Watch(home=self, process=process)
        await watch.until_said("table: adopted")
        return watch

    def entries(self, event: str = "", *, after: float = 0.0) -> list[Entry]:
        """Return what the journal says, of one kind of event and from a time on."""
        found = []
        for path in sorted(self.state.glob("journal-*.jsonl")):
            for line in path.read_text().splitlines(keepends=True):
                if not line.endswith("\n"):
                    continue
                told = json.loads(line)
                wall = datetime.fromisoformat(told["time"]).timestamp()
                entry = Entry(at=wall - self.offset, event=told["event"], told=told)
                if event in ("", entry.event) and entry.at >= after:
                    found.append(entry)
        return found

    def logged(self) -> list[str]:
        """Return the lines that the log alert has written."""
        if not self.log_file.exists():
            return []
        return self.log_file.read_text().splitlines()

    def delivered(self, kind: str, *, after: float = 0.0) -> list[Entry]:
        """Return the alerts of one kind (failure, up) that were sent from a time on."""
        return [
            entry
            for entry in self.entries("AlertDelivery", after=after)
            if entry.told["fate"] == "sent" and entry.told["kind"] == kind
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A running daemon."""

    home: Home
    process: Process

    async def until_said(self, words: str) -> None:
        """Wait until the log has these words."""
        await until_said(self.home.lab, self.process, words)

    async def kill(self) -> float:
        """End it by kill -9; return the time after it."""
        await self.process.signal(signal.SIGKILL)
        assert await self.process.wait() == -signal.SIGKILL
        return await self.home.lab.now()

    async def stop(self) -> float:
        """End it by SIGTERM, which it has to take well; return the time after it."""
        await self.process.signal(signal.SIGTERM)
        assert await self.process.wait(20) == 0, self.process.output()
        assert "Traceback" not in self.process.output(), self.process.output()
        return await self.home.lab.now()

    async def reload(self) -> None:
        """Send SIGHUP and wait until it has taken or refused the configuration."""
        seen = self._reloads()
        await self.process.signal(signal.SIGHUP)
        await self.home.lab.until(lambda: self._reloads() > seen, timeout=START_LIMIT)

    def _reloads(self) -> int:
        said = self.process.output()
        return said.count(" loaded\n") + said.count("was not loaded;")


async def until_said(lab: Lab, process: Process, words: str) -> None:
    """Wait until a daemon's log has these words, or a trace that nobody should see."""
    with contextlib.suppress(LabError):
        await lab.until(
            lambda: words in process.output() or "Traceback" in process.output(),
            timeout=START_LIMIT,
        )
    assert words in process.output(), process.output()


async def pass_time(lab: Lab, seconds: float) -> float:
    """Observe for so long on the guest's clock; return the time at the beginning."""
    began = await lab.now()
    await lab.run(None, ["sleep", f"{seconds:g}"], check=True)
    return began


async def pass_until_after_check(home: Home, where: str, interval: float) -> None:
    """Wait until a service has just been checked, the worst moment for a cable.

    What is pulled or plugged then is noticed a whole interval later. Checks stand at
    exact intervals from the second, or with mon's variables from the first, whose success
    is in the journal.
    """
    (first, *_) = (
        e.at for e in home.entries("StatusChanged") if e.told["service"] == where
    )
    if not home.file.endswith(".cf"):
        key, every = ServiceKey(*where.split("/")), timedelta(seconds=interval)
        first = first_checks(key, every, Config(), start=first, crowd=1).second
    passed = (await home.lab.now() - first) % interval
    await pass_time(home.lab, (0.1 - passed) % interval)
