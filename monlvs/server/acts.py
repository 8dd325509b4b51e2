"""What operators do: acknowledge, disable and enable, stop and start, reset, end."""

import os
import socket
from collections.abc import Callable

from monlvs.core.control import Kept
from monlvs.core.events import (
    Acknowledge,
    ClearTimers,
    Disable,
    DisableHosts,
    DisableWatch,
    Enable,
    EnableHost,
    EnableWatch,
    StartScheduler,
    StopScheduler,
)
from monlvs.core.memory import RefusedError, UnknownTargetError
from monlvs.model.values import Host
from monlvs.model.watch import ServiceKey
from monlvs.mon import replies
from monlvs.mon.replies import Reply
from monlvs.server.request import Request

Act = Callable[[Request, str], Reply]

_WHY = "by a client"


def acknowledge(request: Request) -> Reply:
    """`ack GROUP SERVICE COMMENT`; a comment of several words is quoted."""
    if not request.knows_group(request.key.group):
        return replies.UNKNOWN_GROUP
    if not request.knows_key:
        return replies.UNKNOWN_SERVICE
    act = Acknowledge(
        service=request.key,
        who=request.session.user,
        why=request.text_after(2),
    )
    try:
        request.control.submit(act)
    except RefusedError:
        return replies.NOT_FAILING
    return replies.ACKNOWLEDGED


def disable(request: Request) -> Reply:
    """`disable service|watch|host …`."""
    return _either(request, _DISABLE)


def enable(request: Request) -> Reply:
    """`enable service|watch|host …`."""
    return _either(request, _ENABLE)


def _either(request: Request, acts: dict[str, Act]) -> Reply:
    act = acts.get(request.command.word(0))
    if act is None:
        return replies.NOT_EXECUTED
    return act(request, request.command.after(1))


def _disable_service(request: Request, rest: str) -> Reply:
    key = service_named(request, rest)
    if key is None:
        return replies.NO_SERVICE_TO_DISABLE
    request.control.submit(Disable(service=key, who=request.session.user, why=_WHY))
    return replies.SERVICE_DISABLED


def _enable_service(request: Request, rest: str) -> Reply:
    key = service_named(request, rest)
    if key is None:
        return replies.NO_SERVICE_TO_ENABLE
    request.control.submit(Enable(service=key, who=request.session.user))
    return replies.ENABLED


def _disable_watch(request: Request, rest: str) -> Reply:
    act = DisableWatch(group=rest, who=request.session.user, why=_WHY)
    try:
        request.control.submit(act)
    except UnknownTargetError:
        return replies.no_watch_to_disable(rest)
    return replies.WATCH_DISABLED


def _enable_watch(request: Request, rest: str) -> Reply:
    if request.knows_group(rest):  # mon says the same of one that it does not know
        request.control.submit(EnableWatch(group=rest, who=request.session.user))
    return replies.WATCH_ENABLED


def _disable_hosts(request: Request, rest: str) -> Reply:
    hosts = tuple(rest.split())
    unknown = [host for host in hosts if not _knows_host(request, host)]
    if unknown:
        return replies.no_host_to_disable(unknown)
    if hosts:
        act = DisableHosts(hosts=hosts, who=request.session.user, why=_WHY)
        request.control.submit(act)
    return replies.HOST_DISABLED


def _enable_hosts(request: Request, rest: str) -> Reply:
    for host in rest.split():
        if _knows_host(request, host):  # mon does not mind the others
            request.control.submit(EnableHost(host=host, who=request.session.user))
    return replies.ENABLED


def _knows_host(request: Request, host: Host) -> bool:
    watches = request.control.engine.config.watches
    return any(host in watch.group.hosts for watch in watches)


_DISABLE: dict[str, Act] = {
    "service": _disable_service,
    "watch": _disable_watch,
    "host": _disable_hosts,
}
_ENABLE: dict[str, Act] = {
    "service": _enable_service,
    "watch": _enable_watch,
    "host": _enable_hosts,
}


def stop(request: Request) -> Reply:
    """`stop`: no checks and no alerts until `start`."""
    request.control.submit(StopScheduler(who=request.session.user))
    return replies.STOPPED


def start(request: Request) -> Reply:
    """`start`."""
    request.control.submit(StartScheduler(who=request.session.user))
    return replies.STARTED


async def reset(request: Request) -> Reply:
    """`reset [stopped] [keepstate]`: everything anew; a broken file changes nothing."""
    words = request.command.words
    problems = await request.control.reset(
        keepstate="keepstate" in words, stopped="stopped" in words
    )
    told = replies.reset_failed if problems else replies.reset_done
    return told(os.getpid(), socket.gethostname())


def terminate(request: Request) -> Reply:
    """`term`: end the daemon."""
    request.control.end()
    return replies.TERMINATING


def clear(request: Request) -> Reply:
    """`clear timers GROUP SERVICE`."""
    if request.command.word(0) != "timers" or len(request.command.words) != 3:
        return replies.UNKNOWN_CLEAR
    key = service_named(request, request.command.after(1))
    if key is None:
        return replies.UNKNOWN_GROUP
    request.control.submit(ClearTimers(service=key, who=request.session.user))
    return replies.TIMERS_CLEARED


def save_state(request: Request) -> Reply:
    """`savestate disabled|opstatus|all …`; mon accepts other words, too."""
    if not request.command.words:
        return replies.NOTHING_TO_SAVE
    request.control.save(kept(request.command.words))
    return replies.SAVED


def load_state(request: Request) -> Reply:
    """`loadstate [disabled|opstatus|all]`."""
    request.control.load(kept(request.command.words or ("disabled",)))
    return replies.LOADED


def kept(words: tuple[str, ...]) -> frozenset[Kept]:
    """Return what the words name; words that name nothing are no error to mon."""
    if "all" in words:
        return frozenset(Kept)
    return frozenset(kind for kind in Kept if kind.value in words)


def service_named(request: Request, text: str) -> ServiceKey | None:
    """Return the service of `GROUP SERVICE`, where there is one and nothing follows."""
    words = text.split()
    key = ServiceKey(*words) if len(words) == 2 else None
    return key if key in request.control.engine.watched else None
