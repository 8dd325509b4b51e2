"""Checks made once, outside a daemon."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from monlvs.core.watched import Watched, watched
from monlvs.model.config import Config
from monlvs.model.result import Result
from monlvs.model.values import Host
from monlvs.model.watch import HostGroup, Service, ServiceKey
from monlvs.runtime.checks import Checks, Wires
from monlvs.wire.icmp import Icmp
from monlvs.wire.names import Names
from monlvs.wire.process import Programs
from monlvs.wire.sockets import Sockets


def checks_of(config: Config, hosts: Sequence[Host]) -> tuple[Watched, ...]:
    """Return every check that `config` makes of any of `hosts`, of these hosts alone."""
    found = []
    for watch, service in config.services().values():
        members = tuple(
            host
            for host in watch.group.hosts
            if host in hosts and host not in service.exclude_hosts
        )
        if members:
            found.append(watched(service, replace(watch.group, hosts=members), ()))
    return tuple(found)


def one_check(service: Service, hosts: Sequence[Host]) -> Watched:
    """Return a check of `hosts` that no configuration names."""
    group = HostGroup(name=service.key.group, hosts=tuple(hosts))
    return watched(service, group, ())


async def check(watches: Sequence[Watched]) -> dict[ServiceKey, Result]:
    """Make all checks at once and return their results, in the order given."""
    results: dict[ServiceKey, asyncio.Future[Result]] = {
        watch.service.key: asyncio.get_running_loop().create_future()
        for watch in watches
    }
    programs = Programs()
    with Sockets() as sockets, Icmp() as icmp:
        wires = Wires(sockets=sockets, icmp=icmp, programs=programs, names=Names())
        try:
            async with asyncio.TaskGroup() as tasks:
                checks = Checks(
                    wires,
                    tasks,
                    finish=lambda key, result: results[key].set_result(result),
                    environ=lambda key: (
                        ("MON_GROUP", key.group),
                        ("MON_SERVICE", key.service),
                    ),
                )
                for watch in watches:
                    checks.job(watch, watch.group.hosts).start()
                await asyncio.gather(*results.values())
        finally:  # when interrupted, too: no monitor may outlive us
            await programs.close()
    return {key: result.result() for key, result in results.items()}
