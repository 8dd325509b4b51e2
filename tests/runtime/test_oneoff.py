"""Checks made once."""

import asyncio
from datetime import timedelta
from pathlib import Path

from monlvs.config import load
from monlvs.model.result import Verdict
from monlvs.model.watch import Service, ServiceKey
from monlvs.monitors.external import External
from monlvs.monitors.tcp import Tcp
from monlvs.runtime.oneoff import check, checks_of, one_check
from tests.daemons import configuration, site

LIMIT = timedelta(seconds=20)


def service(name: str, monitor: object) -> Service:
    return Service(
        key=ServiceKey("here", name),
        monitor=monitor,  # type: ignore[arg-type]
        interval=LIMIT,
        timeout=LIMIT,
    )


async def test_results_come_in_the_order_asked(tmp_path: Path) -> None:
    with site() as web:
        asked = [
            one_check(service("there", Tcp(port=web.port)), ["127.0.0.1"]),
            one_check(service("not", Tcp(port=web.port)), ["127.0.0.2"]),
            one_check(service("program", External(command="/bin/true")), ["x"]),
        ]
        results = await check(asked)

    assert [key.service for key in results] == ["there", "not", "program"]
    verdicts = [result.verdict for result in results.values()]
    assert verdicts == [Verdict.UP, Verdict.DOWN, Verdict.UP]


async def test_nothing_asked_is_nothing_found() -> None:
    assert await check([]) == {}


async def test_a_check_that_is_cancelled_leaves_no_program(tmp_path: Path) -> None:
    started = tmp_path / "started"
    script = tmp_path / "slow.monitor"
    script.write_text(
        f"#!/bin/sh\necho $$ >{started}.new\nmv {started}.new {started}\nexec sleep 60\n"
    )
    script.chmod(0o755)
    asked = one_check(service("slow", External(command=str(script))), ["x"])
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        checking = tasks.create_task(check([asked]))
        while not started.exists():
            await asyncio.sleep(0.01)
        checking.cancel()
    pid = int(started.read_text())

    assert not Path(f"/proc/{pid}").exists()


def test_a_configuration_is_asked_about_some_hosts_alone(tmp_path: Path) -> None:
    path = configuration(tmp_path, 80)
    path.write_text(
        path.read_text().replace('["127.0.0.1"]', '["127.0.0.1", "127.0.0.2"]')
    )
    config, problems = load(path)
    assert config is not None, problems

    assert [w.group.hosts for w in checks_of(config, ["127.0.0.2", "no"])] == [
        ("127.0.0.2",)
    ]
    assert checks_of(config, ["127.0.0.9"]) == ()
