"""What an external monitor is told of the service it checks."""

from datetime import datetime

from monlvs.core.engine import Engine
from monlvs.model.result import summary_line
from monlvs.model.values import Now
from monlvs.model.watch import ServiceKey
from monlvs.mon.environ import Standing, Variables, monitor_variables


def environment(engine: Engine, key: ServiceKey) -> Variables:
    """Return the MON_* variables for the next check of `key` (mon(8))."""
    watch = engine.watched[key]
    state = engine.states[key]
    standing = state.standing
    failing = standing.opstatus.is_failure
    known = standing.exit is not None and not standing.recalled
    return monitor_variables(
        Standing(
            group=key.group,
            service=key.service,
            description=watch.service.description,
            variables=watch.variables,
            last_output=standing.output if known else None,
            last_summary=summary_line(standing.output, failed=failing),
            last_failed=failing,
            last_failure=_utc(standing.last_failure) if failing else None,
            last_success=_utc(state.succeeded),
            first_failure=_utc(standing.first_failure),
            depends=standing.depends,
        )
    )


def _utc(moment: Now | None) -> datetime | None:
    return None if moment is None else moment.utc
