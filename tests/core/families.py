"""Configurations of several services that depend on each other."""

from typing import Any

from monlvs.core import depend
from monlvs.core.events import CheckFinished
from monlvs.model.config import Config
from monlvs.model.depend import Dependencies
from monlvs.model.guard import Guard
from monlvs.model.mon import MonSettings
from monlvs.model.result import Reason, Result, Verdict
from monlvs.model.values import Host
from monlvs.model.watch import HostGroup, Service, ServiceKey, Watch
from tests.core.playbook import line, period, service

PARENT = ServiceKey("gw", "ping")
CHILD = ServiceKey("web", "http")
GRANDCHILD = ServiceKey("web", "shop")


def on(text: str, **fields: Any) -> Dependencies:
    """A `depend` of the group `web`, with what else is said of it."""
    return Dependencies(depend=depend.read(text, "web"), **fields)


def member(key: ServiceKey, **fields: Any) -> Service:
    """A service that alerts `NAME down` and `NAME up`."""
    name = key.service
    alerts = period(
        alerts=(line(f"{name} down"),),
        upalerts=(line(f"{name} up"),),
        startupalerts=(line(f"{name} begins"),),
    )
    return service(alerts, key=key, **fields)


def family(
    *,
    child: Dependencies,
    grandchild: Dependencies | None = None,
    hosts: tuple[Host, ...] = ("a", "b"),
    guards: tuple[Guard, ...] = (),
    mon: MonSettings | None = None,
    **fields: Any,
) -> Config:
    """A gateway, and services of the group `web` that depend on it or on each other."""
    services = [member(CHILD, dependencies=child, **fields)]
    if grandchild is not None:
        services.append(member(GRANDCHILD, dependencies=grandchild))
    return Config(
        watches=(
            Watch(
                group=HostGroup(name="gw", hosts=("gate",)), services=(member(PARENT),)
            ),
            Watch(group=HostGroup(name="web", hosts=hosts), services=tuple(services)),
        ),
        guards=guards,
        mon=mon,
    )


def well(key: ServiceKey) -> CheckFinished:
    """A success."""
    return CheckFinished(key, Result(verdict=Verdict.UP, reason=Reason.OK))


def ill(key: ServiceKey, output: str = "a\n") -> CheckFinished:
    """A failure."""
    bad = Result(verdict=Verdict.DOWN, reason=Reason.REFUSED, exit=1, output=output)
    return CheckFinished(key, bad)
