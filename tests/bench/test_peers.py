"""The configurations that peers are measured with."""

import subprocess
from pathlib import Path

import pytest

from bench.peers import keepalived


@pytest.mark.parametrize("kind", ["http", "tcp"])
def test_keepalived_takes_its_file_and_begins_all_checks_together_only_when_bunched(
    kind: str, tmp_path: Path
) -> None:
    for bunched in (False, True):
        file = tmp_path / "keepalived.conf"
        file.write_text(keepalived.config(kind, 3, bunched=bunched))
        told = subprocess.run(
            ["keepalived", "--config-test", "--use-file", str(file)],
            capture_output=True,
            text=True,
            check=False,
        )

        assert (told.returncode, told.stdout + told.stderr) == (0, "")
        assert ("warmup 0" in file.read_text()) is bunched
        assert file.read_text().count("real_server") == 3
