"""The end of acknowledgements and disables that were given one."""

from collections.abc import Callable

from monlvs.core.engine import Engine
from monlvs.core.events import Enable, Event, Unacknowledge
from monlvs.core.memory import RefusedError, UnknownTargetError
from monlvs.model.watch import ServiceKey
from monlvs.runtime.calendar import Calendar, Job

WHO = "calendar"


class Expiries:
    """Keeps the calendar in step with what operators have said."""

    def __init__(
        self, calendar: Calendar, engine: Engine, submit: Callable[[Event], None]
    ) -> None:
        self._calendar = calendar
        self._engine = engine
        self._submit = submit

    def renew(self) -> None:
        """Enter every end that is known; after a start, a reload and each act."""
        for key, state in self._engine.states.items():
            standing = state.standing
            for note, event in (
                (standing.ack, Unacknowledge(service=key)),
                (standing.disabled, Enable(service=key, who=WHO)),
            ):
                name = f"{type(event).__name__} {key}"
                if note is None or note.until is None:
                    self._calendar.cancel(name)
                else:
                    self._calendar.at(note.until, name, self._job(key, event))

    def _job(self, key: ServiceKey, event: Event) -> Job:
        async def end() -> None:
            if key in self._engine.states:
                try:
                    self._submit(event)
                except (RefusedError, UnknownTargetError):
                    return

        return end
