"""Labs spread over the cores, also between processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from monlvs.lab.cores import lease_core
from monlvs.lab.kernel import LabError

CORES = sorted(os.sched_getaffinity(0))


@pytest.fixture(autouse=True)
def slots_of_this_test_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def test_leases_take_the_cores_in_turn_and_give_them_back() -> None:
    with lease_core() as first, lease_core() as second:
        assert (first, second) == (CORES[0], CORES[1 % len(CORES)])
    with lease_core() as again:
        assert again == first


def test_a_lease_of_another_process_counts_until_it_ends() -> None:
    script = (
        "import sys\n"
        "from monlvs.lab.cores import lease_core\n"
        "with lease_core() as core: print(core, flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": "."},
    ) as other:
        assert other.stdout is not None
        assert int(other.stdout.readline()) == CORES[0]
        with lease_core() as core:
            assert core == CORES[1 % len(CORES)]
        other.kill()
        other.wait()
    with lease_core() as core:
        assert core == CORES[0]


def test_a_core_can_be_asked_for_by_number() -> None:
    with lease_core(CORES[-1]) as core:
        assert core == CORES[-1]
    with pytest.raises(LabError, match="core 9999 is not among"), lease_core(9999):
        pass
