"""The end of what operators have said that was given one."""

from collections.abc import Callable
from contextlib import suppress

from monlvs.core.engine import Engine
from monlvs.core.events import Enable, Event, Release, Unacknowledge
from monlvs.core.memory import RefusedError, UnknownTargetError
from monlvs.model.forced import Target
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
        self._forced: set[str] = set()
        """Names in the calendar of what operators have decided of real servers."""

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
        self._renew_forced()

    def _renew_forced(self) -> None:
        ends = {
            f"Release {target[0]} {target[1]}": (target, forced.until)
            for target, forced in self._engine.forced.items()
            if forced.until is not None
        }
        for name in self._forced - ends.keys():
            self._calendar.cancel(name)
        for name, (target, until) in ends.items():
            self._calendar.at(until, name, self._release(target))
        self._forced = set(ends)

    def _release(self, target: Target) -> Job:
        async def end() -> None:
            with suppress(RefusedError):
                self._submit(Release(target=target, who=WHO))

        return end

    def _job(self, key: ServiceKey, event: Event) -> Job:
        async def end() -> None:
            if key in self._engine.states:
                try:
                    self._submit(event)
                except (RefusedError, UnknownTargetError):
                    return

        return end
