"""`test`: run a monitor now, run alerts, examine the configuration (moncmd(1))."""

from monlvs.core.events import TestAlert
from monlvs.model.plugin import AlertKind
from monlvs.mon import replies
from monlvs.mon.replies import Reply
from monlvs.server.acts import service_named
from monlvs.server.reply import Awaited
from monlvs.server.request import Request

_KINDS = {
    "alert": AlertKind.TEST,
    "upalert": AlertKind.UP,
    "startupalert": AlertKind.STARTUP,
}


def answer(request: Request) -> Awaited:
    """`test monitor|alert|upalert|startupalert|config …`."""
    what = request.command.word(0)
    if what == "monitor":
        return _monitor(request)
    if what == "config":
        return _config(request)
    kind = _KINDS.get(what)
    return replies.UNKNOWN_TEST if kind is None else _alert(request, kind)


def _monitor(request: Request) -> Reply:
    group, service = request.command.word(1), request.command.word(2)
    key = service_named(request, f"{group} {service}")
    if key is None:
        return replies.no_monitor_to_test(group, service)
    request.control.check_soon(key)
    return replies.MONITOR_TESTED


def _alert(request: Request, kind: AlertKind) -> Reply:
    """`test alert GROUP SERVICE EXIT PERIOD`; the period's name may have blanks."""
    command = request.command
    if len(command.words) < 5:
        return replies.NO_PERIOD
    key = service_named(request, f"{command.word(1)} {command.word(2)}")
    if key is None:
        return replies.no_alert_to_test(command.word(1), command.word(2))
    period = command.after(4)
    if period not in request.control.engine.watched[key].periods:
        return replies.NO_PERIOD
    request.control.submit(
        TestAlert(
            service=key,
            kind=kind,
            exit=_number(command.word(3)),
            period=period,
            who=request.session.user,
        )
    )
    return replies.ALERT_TESTED


async def _config(request: Request) -> Reply:
    return replies.config_tested(await request.control.examine())


def _number(word: str) -> int:
    """What Perl makes of a word where it wants a number."""
    try:
        return int(word)
    except ValueError:
        return 0
