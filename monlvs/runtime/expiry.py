"""The end of what operators have said that was given one."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from monlvs.core.engine import Engine
from monlvs.core.events import Enable, EnableHost, Event, Release, Unacknowledge
from monlvs.core.memory import RefusedError, UnknownTargetError
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
        self._further: set[str] = set()
        """Names in the calendar that are of no service: hosts, real servers."""

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
                    self._calendar.at(note.until, name, self._end(event))
        self._renew_further()

    def _renew_further(self) -> None:
        ends: dict[str, tuple[Event, datetime]] = {
            f"Release {target[0]} {target[1]}": (
                Release(target=target, who=WHO),
                forced.until,
            )
            for target, forced in self._engine.forced.items()
            if forced.until is not None
        }
        ends |= {
            f"EnableHost {host}": (EnableHost(host=host, who=WHO), note.until)
            for host, note in self._engine.disabled_hosts.items()
            if note.until is not None
        }
        for name in self._further - ends.keys():
            self._calendar.cancel(name)
        for name, (event, until) in ends.items():
            self._calendar.at(until, name, self._end(event))
        self._further = set(ends)

    def _end(self, event: Event) -> Job:
        async def end() -> None:
            with suppress(RefusedError, UnknownTargetError):
                self._submit(event)

        return end
