"""The files of a recorded scenario, set out in a directory of their own."""

import json
from pathlib import Path
from typing import Any

from monlvs.config.reading import load
from monlvs.model.config import Config
from monlvs.model.values import Problem

CORPUS = Path(__file__).parent / "corpus"
QUIRKS = Path(__file__).parent / "quirks"
"""Scenarios in which mon errs; what it did is in nobody's way."""
_COMMANDS = (
    "ack checkauth clear disable enable get list loadstate protid quit reload reset "
    "savestate servertime set start stop term test version"
)
_AUTH = "command section\n" + "".join(f"{word}: all\n" for word in _COMMANDS.split())


class Stage:
    """One scenario's configuration, programs and auth file."""

    def __init__(self, name: str, directory: Path, *, corpus: Path = CORPUS) -> None:
        self._source, self._directory = corpus / name, directory
        text = (self._source / "scenario.json").read_text("utf-8")
        self.spec: dict[str, Any] = json.loads(text)
        for part in ("mon.d", "alert.d", "state", "log", "etc"):
            (directory / part).mkdir()
        for part, kind in (("mon.d", "monitor"), ("alert.d", "alert")):
            for program in (f"fake.{kind}", *self.spec.get(f"extra_{kind}s", ())):
                file = directory / part / program
                file.write_text("#!/bin/sh\n")
                file.chmod(0o755)
        for file, place in self.spec.get("files", {}).items():
            text = (self._source / file).read_text("utf-8")
            (directory / place).write_text(self.expand(text))
        auth = self._source / "auth.cf.in"
        text = auth.read_text("utf-8") if auth.exists() else _AUTH
        self._auth.write_text(text)
        self.configure("mon.cf.in")

    def configure(self, name: str) -> None:
        """Put one of the scenario's configurations into force."""
        text = self.expand((self._source / name).read_bytes().decode("utf-8"))
        self._configuration.write_bytes(text.encode())

    def expand(self, text: str) -> str:
        """Put directories and ports into a text."""
        for word, value in (
            ("@DIR@", str(self._directory)),
            ("@PORT@", "12583"),
            ("@TRAPPORT@", "12584"),
        ):
            text = text.replace(word, value)
        return text

    def read(self) -> tuple[Config | None, tuple[Problem, ...]]:
        """Read the configuration in force."""
        return load(self._configuration, {"authfile": str(self._auth)})

    def load(self) -> Config:
        """Return the configuration in force; it must have no error."""
        config, problems = self.read()
        assert config is not None, "\n".join(map(str, problems))
        return config

    @property
    def _configuration(self) -> Path:
        return self._directory / str(self.spec.get("cf_name", "mon.cf"))

    @property
    def _auth(self) -> Path:
        return self._directory / "etc" / "auth.cf"
