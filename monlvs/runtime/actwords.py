"""What operators have done, in words."""

from datetime import UTC
from typing import assert_never

from monlvs.core.events import (
    Acknowledge,
    ClearTimers,
    Disable,
    DisableHost,
    DisableHosts,
    DisableWatch,
    Enable,
    EnableHost,
    EnableWatch,
    Force,
    OperatorAct,
    Release,
    SetVariable,
    StartScheduler,
    StopScheduler,
    TakeRole,
    TestAlert,
    Unacknowledge,
)


def act_sentence(act: OperatorAct) -> str:  # noqa: PLR0911  one case per kind of act, a line each
    """Say what was done, to what, and by whom."""
    match act:
        case StopScheduler(who=who):
            by = f"scheduler stopped by {_name(who)}"
            return f"{by}: no checks, no alerts, table as it is"
        case StartScheduler(who=who):
            return f"scheduler started by {_name(who)}"
        case DisableHost() | DisableHosts() | EnableHost():
            return _hosts(act)
        case DisableWatch(group=group, who=who, why=why):
            return f"watch {group}: disabled by {_name(who)}{_reason(why)}"
        case EnableWatch(group=group, who=who):
            return f"watch {group}: enabled by {_name(who)}"
        case Force(target=(key, server), decision=did, who=who, why=why):
            by = f"{did.value} by {_name(who)}{_until(act)}{_reason(why)}"
            return f"{key} → {server}: {by}"
        case Release(target=(key, server), who=who):
            return f"{key} → {server}: released by {_name(who)}"
        case TakeRole(role=role, who=who):
            return f"this director is {role.value} now, says {_name(who)}"
        case _:
            return f"{act.service}: {_of_service(act)}"


def _hosts(act: DisableHost | DisableHosts | EnableHost) -> str:
    match act:
        case DisableHost(host=host, who=who, why=why):
            return f"host {host}: disabled by {_name(who)}{_until(act)}{_reason(why)}"
        case DisableHosts(hosts=hosts, who=who, why=why):
            return f"hosts {' '.join(hosts)}: disabled by {_name(who)}{_reason(why)}"
        case EnableHost(host=host, who=who):
            return f"host {host}: enabled by {_name(who)}"
        case _:
            assert_never(act)


_OfService = (
    Acknowledge
    | Unacknowledge
    | Disable
    | Enable
    | TestAlert
    | ClearTimers
    | SetVariable
)


def _of_service(act: _OfService) -> str:
    match act:
        case Unacknowledge():
            return "acknowledgement ended"
        case Acknowledge() | Disable():
            did = "acknowledged" if isinstance(act, Acknowledge) else "disabled"
            return f"{did} by {_name(act.who)}{_until(act)}{_reason(act.why)}"
        case Enable(who=who):
            return f"enabled by {_name(who)}"
        case TestAlert(kind=kind, period=period, who=who):
            return f"{kind.value} alerts of period {period!r} tested by {_name(who)}"
        case ClearTimers(who=who):
            return f"timers cleared by {_name(who)}"
        case SetVariable(name=name, value=value, who=who):
            return f"{name} set to {value!r} by {_name(who)}"
        case _:
            assert_never(act)


def _name(who: str) -> str:
    return who or "somebody"


def _reason(why: str) -> str:
    return f": {why}" if why else ""


def _until(act: Acknowledge | Disable | DisableHost | Force) -> str:
    if act.until is None:
        return ""
    return f" until {act.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
