"""Changing this machine, one step at a time; blocks."""

import errno
import os
import shlex
from typing import assert_never

from monlvs.director.machine import commands, links, modules, sysctls, translation
from monlvs.director.machine.commands import Rules
from monlvs.director.machine.programs import ProgramError, run
from monlvs.director.machine.record import Done
from monlvs.director.machine.settings import (
    DeviceAddress,
    GuePort,
    LinkUp,
    Masquerade,
    Module,
    Route,
    SegmentLimit,
    Sysctl,
    TunnelDevice,
)

# Done by somebody else meanwhile: what is wanted stands.
_STANDS = (errno.EEXIST,)
# Of a route, what ip-route(8) shows and does not take.
_PASSING = ("linkdown", "dead", "\\")
_METRIC6 = "1024"  # linux/ipv6_route.h, IP6_RT_PRIO_USER
_GONE = (errno.ESRCH, errno.ENOENT, errno.EADDRNOTAVAIL, errno.ENODEV)


class RefusedError(Exception):
    """The machine did not take a change; says why.

    `as_root` says that it is this process that may not do it.
    """

    def __init__(self, words: str, *, as_root: bool = False) -> None:
        super().__init__(words)
        self.as_root = as_root


def noted(done: Done) -> Done:
    """Read, right before `done` is made, what it is going to change.

    A variable of a module is there only when the module is.
    """
    match done.setting:
        case Sysctl(name=name):
            return Done(
                setting=done.setting,
                before=sysctls.read_all([name]).get(name, done.before),
                beside=sysctls.drawn_along(name),
            )
        case Route() as route:
            return Done(setting=route, before=_in_place_of(route))
        case _:
            return done


def make(done: Done, rules: Rules | None) -> None:
    """Make it so. Raises RefusedError."""
    try:
        _make(done, rules)
    except OSError as error:
        if error.errno not in _STANDS:
            raise _refused(error) from error
    except ProgramError as error:
        raise _refused(error) from error


def undo(done: Done, rules: Rules | None) -> None:
    """Put back what was there before. Raises RefusedError."""
    try:
        _undo(done, rules)
    except OSError as error:
        if error.errno not in _GONE:
            raise _refused(error) from error
    except ProgramError as error:
        raise _refused(error) from error


def _make(done: Done, rules: Rules | None) -> None:
    match done.setting:
        case Module(name=name):
            modules.load(name)
        case Sysctl(name=name, value=value):
            sysctls.write(name, value)
        case LinkUp(device=device):
            links.set_link(device, up=True)
        case DeviceAddress() as address:
            links.add_address(address)
        case Route() as route:
            links.put_route(route)
        case Masquerade() as rule:
            translation.add(rule, _program(rules))
        case SegmentLimit() as limit:
            run(shlex.split(commands.making(limit, _program(rules))))
        case TunnelDevice() | GuePort() as other:
            run(shlex.split(commands.making(other)))
        case other:
            assert_never(other)


def _undo(done: Done, rules: Rules | None) -> None:
    match done.setting:
        case Module():
            pass
        case Sysctl(name=name):
            _put_back(name, done)
        case LinkUp(device=device):
            links.set_link(device, up=False)
        case DeviceAddress() as address:
            links.delete_address(address)
        case Route() as route if done.before is None:
            links.delete_route(route)
        case Route() as route:
            run([*_ip_route(route), "replace", *(done.before or "").split()])
        case Masquerade() as rule:
            translation.remove(rule, _program(rules))
        case SegmentLimit() as limit:
            run(shlex.split(commands.unmaking(limit, None, _program(rules)) or "true"))
        case TunnelDevice() | GuePort() as other:
            run(shlex.split(commands.unmaking(other) or "true"))
        case other:
            assert_never(other)


def _in_place_of(route: Route) -> str | None:
    """Read the route that a new one takes the place of, with all that ip(8) tells.

    It is the one of the same metric: others to that network stay beside it.
    """
    try:
        told = run(["ip", "-o", *_ip_route(route)[1:], "show", "exact", str(route.to)])
    except ProgramError:
        return None
    metric = [] if route.to.version == 4 else ["metric", _METRIC6]
    for line in told.splitlines():
        words = [word for word in line.split() if word not in _PASSING]
        at = words.index("metric") if "metric" in words else len(words)
        if words[at : at + 2] == metric:
            return " ".join(words)
    return None


def _ip_route(route: Route) -> list[str]:
    return ["ip", *(["-6"] if route.to.version == 6 else []), "route"]


def _put_back(name: str, done: Done) -> None:
    if done.before is None:
        return
    sysctls.write(name, done.before)
    there = sysctls.read_all(done.beside)
    for other, value in done.beside.items():
        # A device may have gone since.
        if other in there and there[other] != value and other != name:
            sysctls.write(other, value)


def _program(rules: Rules | None) -> Rules:
    if rules is None:
        raise ProgramError(
            "neither nft nor iptables can translate addresses here: expected one of "
            "them, and a kernel with nf_nat"
        )
    return rules


def _refused(error: OSError | ProgramError) -> RefusedError:
    """Put it in words. Programs say in words of their own that one is not root."""
    if isinstance(error, ProgramError):
        return RefusedError(str(error), as_root=os.geteuid() != 0)
    words = error.strerror or os.strerror(error.errno or 0)
    return RefusedError(words, as_root=error.errno in (errno.EPERM, errno.EACCES))
