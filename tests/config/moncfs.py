"""A mon.cf in a directory of its own, with the programs that it needs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monlvs.config import load
from monlvs.model.config import Config
from monlvs.model.plugin import Alert, Monitor
from monlvs.model.watch import Service, ServiceKey


@dataclass
class Site:
    """A machine's part for mon."""

    root: Path
    problems: tuple[str, ...] = ()

    def program(
        self, name: str, text: str = "#!/bin/sh\n", *, mode: int = 0o755
    ) -> str:
        """Put a program where its kind is looked for."""
        path = self.root / ("mon.d" if name.endswith("monitor") else "alert.d") / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    def read(
        self, text: str, *, name: str = "mon.cf", **overrides: Any
    ) -> Config | None:
        """Read a text after five lines that say where everything is."""
        head = "".join(
            f"{word} = {self.root}/{part}\n"
            for word, part in (
                ("mondir", "mon.d"),
                ("alertdir", "alert.d"),
                ("statedir", "state"),
                ("logdir", "log"),
                ("cfbasedir", "etc"),
            )
        )
        file = self.root / name
        file.write_text(head + text)
        config, problems = load(file, overrides)
        self.problems = tuple(
            f"{p.place.line}: {p.message}"
            if p.warning
            else f"{p.place.line}! {p.message}"
            for p in problems
        )
        return config

    def service(self, text: str) -> Service:
        """Read one service of the group `web`; its lines begin at line 10."""
        config = self.read(
            f"hostgroup web 10.1.1.2\n\nwatch web\n  service s\n{text}\n"
        )
        assert config is not None, self.problems
        return config.services()[ServiceKey("web", "s")][1]

    def monitor(self, words: str) -> Monitor | None:
        """Read one `monitor` line."""
        return self.service(f"    interval 1m\n    monitor {words}\n").monitor

    def alert(self, words: str) -> Alert | None:
        """Read one `alert` line."""
        service = self.service(f"    period\n      alert {words}\n")
        return next((line.alert for line in service.periods[0].alerts), None)
