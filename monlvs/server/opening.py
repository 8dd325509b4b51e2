"""Opens the operator's door on the parts that run."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

from monlvs.director.reconcile import Director
from monlvs.runtime import clock
from monlvs.runtime.calendar import Calendar
from monlvs.runtime.dispatcher import Dispatcher
from monlvs.runtime.expiry import Expiries
from monlvs.server.console import Answer, Console
from monlvs.server.questions import Plain, Questions


@asynccontextmanager
async def console(  # noqa: PLR0913  one argument per part that is asked
    dispatcher: Dispatcher,
    director: Director,
    calendar: Calendar,
    *,
    directory: Path | None,
    waiting: Callable[[], int],
    refused: Callable[[], Iterable[object]] = tuple,
    further: Mapping[str, Answer] = MappingProxyType({}),
    pair: Callable[[], Plain | None] = lambda: None,
) -> AsyncIterator[None]:
    """Answer operators in `directory` (without one there is no door), and keep the ends
    of what they say in the calendar.

    `further` answers other questions by their names; `refused` tells what is refused
    besides changes of the table, `pair` of the two directors.
    """
    expiries = Expiries(calendar, dispatcher.engine, dispatcher.submit)
    expiries.renew()
    dispatcher.acted.append(lambda _: expiries.renew())
    if directory is None:
        yield
        return
    questions = Questions(
        dispatcher.engine,
        director,
        dispatcher.journal,
        directory=directory,
        submit=dispatcher.submit,
        waiting=waiting,
        unsaved=dispatcher.unsaved,
        refused=refused,
        further=further,
        pair=pair,
        clock=clock.now,
    )
    async with Console(directory, questions.answer):
        yield
