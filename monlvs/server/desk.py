"""Answers requests: which command it is, and whether this client may give it.

What the commands mean stands in mon(8) and moncmd(1).
"""

from collections.abc import Callable

from monlvs.core.control import Control
from monlvs.mon import replies
from monlvs.mon.command import parse_command
from monlvs.mon.replies import Reply
from monlvs.server import acts, listings, trials, variables
from monlvs.server.guard import Guard
from monlvs.server.reply import Awaited
from monlvs.server.request import Request
from monlvs.server.session import Session

Handler = Callable[[Request], Awaited]


class Desk:
    """One for all clients."""

    def __init__(
        self,
        control: Control,
        guard: Guard,
        *,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`tell` is given what mon would write to syslog."""
        self._control = control
        self._guard = guard
        self._tell = tell
        self._own: dict[str, Handler] = {
            "login": self._login,
            "checkauth": self._checkauth,
            "reload": self._reload,
        }

    def answer(self, session: Session, line: str) -> Awaited:
        """Return the reply to one line, or what it is awaited from."""
        command = parse_command(line)
        if command is None or not command.known:
            return replies.INVALID
        name = command.name
        if not self._guard.may(session.user, name):
            return replies.DENIED
        shown = name if name == "login" else f"{name} {command.text}"
        self._tell(f"client {session.name} command: {shown.strip():.200}")
        request = Request(control=self._control, session=session, command=command)
        handler = self._own.get(name) or _HANDLERS[name]
        return handler(request)

    async def _login(self, request: Request) -> Reply:
        user, password = request.command.word(0), request.command.after(1)
        address = request.session.address
        if await self._guard.knows(user, password, address=address):
            request.session.user = user
            self._tell(f"authenticated {user}")
            return replies.LOGIN_ACCEPTED
        return replies.LOGIN_REFUSED

    def _checkauth(self, request: Request) -> Reply:
        user, command = request.session.user, request.command.text
        granted = self._guard.grants(user, command)
        return replies.AUTHORIZED if granted else replies.NOT_EXECUTED

    async def _reload(self, request: Request) -> Reply:
        if request.command.text not in ("", "auth"):
            return replies.UNKNOWN_RELOAD
        if await self._guard.reload():
            return replies.RELOADED
        return replies.failed("reload error, the auth file is as it was")


def _version(_request: Request) -> Reply:
    return replies.VERSION


def _quit(_request: Request) -> Reply:
    return replies.QUITTING


def _protid(request: Request) -> Reply:
    return replies.protid(request.command.word(0))


def _servertime(request: Request) -> Reply:
    return replies.servertime(request.control.now().utc)


def _dump(_request: Request) -> Reply:
    return replies.DENIED  # mon knows the word and nothing more


_HANDLERS: dict[str, Handler] = {
    "quit": _quit,
    "version": _version,
    "protid": _protid,
    "servertime": _servertime,
    "dump": _dump,
    "list": listings.answer,
    "setview": listings.set_view,
    "getview": listings.get_view,
    "get": variables.get,
    "set": variables.put,
    "ack": acts.acknowledge,
    "enable": acts.enable,
    "disable": acts.disable,
    "stop": acts.stop,
    "start": acts.start,
    "reset": acts.reset,
    "term": acts.terminate,
    "clear": acts.clear,
    "savestate": acts.save_state,
    "loadstate": acts.load_state,
    "test": trials.answer,
}
