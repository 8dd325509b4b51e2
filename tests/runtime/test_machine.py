"""What a keeper makes of a machine in a namespace of its own, and what it remembers."""

import asyncio
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from monlvs.config.reading import parse
from monlvs.model.config import Config
from monlvs.runtime.machine import MACHINE_FILE, MachineKeeper
from tests.wire.apart import apart, ip

VIP = "192.0.2.110"
ASKS = """
[machine]
device = "near"
vips = {vips}
sysctls = false
modules = false
addresses = [{{ address = "10.9.0.1/24", device = "near" }}]
"""
SERVICE = f"""
[[virtual_service]]
address = "{VIP}"
port = 80
servers = [{{ address = "10.9.0.2", forwarding = "dr" }}]
"""


def config(*parts: str) -> Config:
    read, problems = parse("".join(parts), "machine.toml")
    assert [str(problem) for problem in problems] == []
    assert read is not None
    return read


WHOLE = config(ASKS.format(vips="true"), SERVICE)
OTHERS_VIPS = config(ASKS.format(vips="false"), SERVICE)
LEFT_ALONE = config(SERVICE)


def words(keeper: MachineKeeper, wanted: Config) -> list[str]:
    return [keeper.words(step) for step in keeper.plan(wanted).steps]


def _keep() -> Any:
    ip("link add name near type veth peer name far")
    with tempfile.TemporaryDirectory() as folder:
        first = MachineKeeper(folder)
        told = {"planned": words(first, WHOLE), "unasked": words(first, LEFT_ALONE)}
        steps = first.plan(WHOLE).steps
        told["refused"] = [each.why for each in first.carry_out(steps, WHOLE)]
        keeper = MachineKeeper(folder)  # another process, and the same boot
        told["again"] = words(keeper, WHOLE)
        told["handed over"] = words(keeper, OTHERS_VIPS)
        cleared = keeper.plan_clear(OTHERS_VIPS).steps
        told["cleared without"] = [keeper.words(step) for step in cleared]
        told["asked no more"] = words(keeper, LEFT_ALONE)
        keeper.carry_out(keeper.plan(LEFT_ALONE).steps, LEFT_ALONE)
        told["remembered"] = [each.setting.device for each in keeper.done]
        told["left"] = subprocess.run(
            ["ip", "-o", "-4", "address"], capture_output=True, text=True, check=True
        ).stdout.splitlines()[1:]
    return told


async def _kept() -> Any:
    return await asyncio.to_thread(_keep)


async def test_a_machine_is_made_remembered_and_put_back() -> None:
    told = await apart(_kept)
    made = [
        "ip link set near up",
        "ip address add 10.9.0.1/24 dev near",
        f"ip address add {VIP}/32 dev near",
    ]
    undone = [
        f"ip address del {VIP}/32 dev near",
        "ip address del 10.9.0.1/24 dev near",
        "ip link set near down",
    ]
    assert told == {
        "planned": made,
        "unasked": [],
        "refused": [],
        "again": [],
        # keepalived, say, has them now: neither taken from it, nor its device put down.
        "handed over": [],
        "cleared without": undone[1:2],
        "asked no more": undone,
        "remembered": [],
        "left": [],
    }


@pytest.mark.parametrize("text", ["[]", "{", '{"boot": "{boot}", "done": [7]}'])
def test_a_record_that_is_not_understood_is_told_and_left(
    text: str, tmp_path: Path
) -> None:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    path = tmp_path / MACHINE_FILE
    path.write_text(text.replace("{boot}", boot))
    keeper = MachineKeeper(tmp_path)
    assert keeper.done == ()
    assert keeper.trouble is not None
    assert keeper.trouble.startswith(str(path))
    assert path.exists()


def test_a_record_of_the_time_before_a_boot_is_none(tmp_path: Path) -> None:
    path = tmp_path / MACHINE_FILE
    path.write_text(json.dumps({"boot": "before", "done": [{"kind": "Module"}]}))
    keeper = MachineKeeper(tmp_path)
    assert (keeper.done, keeper.trouble) == ((), None)
