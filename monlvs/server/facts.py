"""Where a service stands, as `list opstatus` tells it."""

from datetime import timedelta

from monlvs.core.control import Control
from monlvs.core.states import Ack, Standing
from monlvs.core.watched import Watched
from monlvs.model.depend import Depend
from monlvs.model.result import NO_SUMMARY
from monlvs.model.values import Now
from monlvs.model.watch import ServiceKey
from monlvs.mon.opstatus import OpStatusLine
from monlvs.runtime.noted import epoch


def standing_of(control: Control, key: ServiceKey) -> OpStatusLine:
    """Return all that mon says of a configured service."""
    engine, now = control.engine, control.now()
    watch, state = engine.watched[key], engine.states[key]
    service, standing = watch.service, state.standing
    failing = standing.opstatus.is_failure
    summary, detail = _texts(standing, failing=failing)
    depends = service.dependencies
    running = control.running_for(key)
    first = standing.first_failure if failing else None
    return OpStatusLine(
        group=key.group,
        service=key.service,
        opstatus=standing.opstatus,
        last_opstatus=standing.last_opstatus,
        exitval=standing.exit,
        timer=timedelta(seconds=int(control.due_in(key) or 0)),
        last_success=_epoch(state.succeeded),
        last_trap=_epoch(standing.last_trap),
        last_check=_last_check(control, key),
        ack=0 if standing.ack is None else epoch(standing.ack.at),
        ackcomment=_comment(standing.ack),
        alerts_sent=sum(period.sent for period in standing.periods.values()),
        depstatus=standing.depends,
        depend=_text(depends.depend),
        hostdepend=_text(depends.hostdepend),
        monitordepend=_text(depends.monitordepend),
        alertdepend=_text(depends.alertdepend),
        monitor=service.monitor_text,
        last_summary=summary,
        last_detail=detail,
        last_failure=_epoch(standing.last_failure) if failing else None,
        interval=None if service.monitor is None else engine.interval(key),
        monitor_duration=int(state.duration.total_seconds()) if state.checked else -1,
        monitor_running=running is not None,
        exclude_period=service.exclude_text,
        exclude_hosts=_in_order(watch),
        randskew=service.randskew,
        last_alert=_last_alert(standing) if failing else None,
        first_failure=_epoch(first) if first else None,
        failure_duration=int((now.utc - first.utc).total_seconds()) if first else None,
    )


def _texts(standing: Standing, *, failing: bool) -> tuple[str, str]:
    summary, _, detail = standing.output.partition("\n")
    return (summary or (NO_SUMMARY if failing else "")), detail


def _last_check(control: Control, key: ServiceKey) -> int | None:
    """Return when the latest check was begun."""
    running = control.running_for(key)
    if running is not None:
        return epoch(control.now().utc - timedelta(seconds=running))
    state = control.engine.states[key]
    return None if state.checked is None else epoch(state.checked.utc - state.duration)


def _last_alert(standing: Standing) -> int | None:
    sent = (p.last_alert.utc for p in standing.periods.values() if p.last_alert)
    latest = max(sent, default=None)
    return None if latest is None else epoch(latest)


def _in_order(watch: Watched) -> tuple[str, ...]:
    excluded = watch.service.exclude_hosts
    known = tuple(host for host in watch.group.hosts if host in excluded)
    return (*known, *sorted(excluded.difference(known)))


def _exclude(watch: Watched) -> str:
    return "" if watch.service.exclude_period is None else watch.service.exclude_text


def _comment(ack: Ack | None) -> str:
    return "" if ack is None else f"{ack.who}: {ack.why}"


def _text(depend: Depend | None) -> str:
    return "" if depend is None else depend.text


def _epoch(moment: Now | None) -> int:
    return 0 if moment is None else epoch(moment.utc)
