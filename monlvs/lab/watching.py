"""A daemon on the director of a lab, for somebody who sits in front of it."""

import shlex
from pathlib import Path

from monlvs.lab.kernel import LabError
from monlvs.lab.lab import Lab
from monlvs.lab.process import Process
from monlvs.lab.story import configuration
from monlvs.lab.topology import DIRECTOR

STATE = "state"
"""The state directory of the demo's configuration, in the lab's folder."""
LINES = 20
"""Lines of the log that are shown."""
BEAT = 0.1
"""Seconds between looks at a daemon that starts."""


class Watching:
    """Starts, asks and shows the daemon; what it needs to know is in the lab's folder."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    @property
    def _told(self) -> Path:
        return self._lab.folder / "told"

    async def begin(self, file: str) -> str:
        """Start a daemon by a file, or by the demo's configuration; say why it ended."""
        lab = self._lab
        if not self._told.exists():
            await lab.receive_mail()
        path = lab.write_file(
            "mon_lvs.toml", configuration(lab.topology, str(lab.folder))
        )
        if file:
            path = lab.write_file(Path(file).name, _read(Path(file)))
        daemon = await lab.start(
            DIRECTOR, [lab.python, "-m", "monlvs", "daemon", "-c", str(path)]
        )
        self._told.write_text(str(daemon.log))
        while "table: adopted" not in daemon.output():
            if await _has_ended(daemon):
                return daemon.output()
        return ""

    async def ask(self, words: str) -> str:
        """Run a command of monlvs's on the director."""
        try:
            argv = [self._lab.python, "-m", "monlvs", *shlex.split(words)]
        except ValueError as error:
            raise LabError(f"monlvs: {error}") from None
        state = {"MONLVS_STATE_DIR": str(self._lab.folder / STATE)}
        result = await self._lab.run(DIRECTOR, argv, env=state)
        return result.stdout + result.stderr

    async def log(self, _: str) -> str:
        """Return the last lines of the daemon's log."""
        return _last_lines(self._told)

    async def mails(self, _: str) -> str:
        """Return the mails that have arrived."""
        texts = (mail.text.rstrip() for mail in self._lab.mails())
        return "".join(f"{text}\n\n" for text in texts)


def _last_lines(told: Path) -> str:
    if not told.exists():
        raise LabError("nothing watches yet: try watch")
    lines = Path(told.read_text()).read_text(errors="replace").splitlines()
    return "".join(f"{line}\n" for line in lines[-LINES:])


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise LabError(f"{path}: {error.strerror}") from None
    except ValueError:
        raise LabError(f"{path}: not UTF-8 text") from None


async def _has_ended(daemon: Process) -> bool:
    try:
        await daemon.wait(BEAT)
    except LabError:
        return False
    return True
