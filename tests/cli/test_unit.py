"""contrib/monlvs.service: systemd understands it, and it starts what there is."""

import shutil
import subprocess
from pathlib import Path

from tests.commandline import ROOT, monlvs

UNIT = ROOT / "contrib" / "monlvs.service"


def settings() -> dict[str, str]:
    """Return the unit's settings."""
    lines = [line for line in UNIT.read_text().splitlines() if "=" in line]
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def test_it_starts_a_command_that_exists() -> None:
    program, *words = settings()["ExecStart"].split()

    assert Path(program).name == "monlvs"
    assert monlvs(*words[:2], "--help").status == 0
    assert monlvs("daemon", *words[2:-1], "/no/such.toml").status == 2


def test_root_installs_the_machine_before_each_start_and_holds_up_none(
    tmp_path: Path,
) -> None:
    prefix, program, *words = settings()["ExecStartPre"].partition("/")
    config = tmp_path / "mon_lvs.toml"
    config.write_text(f'[settings]\nstate_dir = "{tmp_path}/state"\n')
    *act, _ = "".join([program, *words]).split()

    assert prefix == "-+"
    # Without [machine] it needs neither IPVS nor root, and does nothing.
    ended = monlvs(*act[1:], str(config))
    assert (ended.status, ended.text) == (0, "")
    assert not (tmp_path / "state").exists()


def test_it_has_the_two_capabilities_and_no_more() -> None:
    found = settings()

    assert found["AmbientCapabilities"] == "CAP_NET_ADMIN CAP_NET_RAW"
    assert found["CapabilityBoundingSet"] == found["AmbientCapabilities"]
    assert found["NoNewPrivileges"] == "yes"


def test_systemd_understands_it(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if (
        analyze is None
    ):  # not a machine with systemd; the two tests above hold all the same
        return
    copy = tmp_path / UNIT.name
    text = UNIT.read_text().replace("/usr/bin/monlvs", "/bin/true")
    copy.write_text(text.replace("User=monlvs", "User=daemon"))

    found = subprocess.run(
        [analyze, "verify", str(copy)], capture_output=True, text=True, check=False
    )

    assert [line for line in found.stderr.splitlines() if UNIT.name in line] == []
