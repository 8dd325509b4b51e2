"""`get` and `set`: a service's variables by mon's names, and the histories' length."""

from monlvs.core.events import SetVariable
from monlvs.core.memory import RefusedError
from monlvs.mon import replies
from monlvs.mon.replies import Reply
from monlvs.server.request import Request

_LONGEST = 1_000_000


def get(request: Request) -> Reply:
    """`get maxkeep`, `get GROUP SERVICE NAME`."""
    if request.command.text == "maxkeep":
        return _maxkeep(request)
    key, name = request.key, request.command.word(2)
    if not request.knows_key:
        return replies.no_such_variable(*key)
    value = request.control.engine.get_variable(key, name)
    return replies.variable_got(*key, name, value)


def put(request: Request) -> Reply:
    """`set maxkeep N`, `set GROUP SERVICE NAME VALUE`."""
    command = request.command
    if command.word(0) == "maxkeep" and command.word(1):
        return _set_maxkeep(request, command.word(1))
    key, name = request.key, command.word(2)
    if not request.knows_key:
        return replies.no_such_variable(*key)
    value = request.text_after(3)
    act = SetVariable(service=key, name=name, value=value, who=request.session.user)
    try:
        request.control.submit(act)
    except RefusedError as error:
        return replies.failed(str(error))
    return replies.variable_set(*key, name, value)


def _maxkeep(request: Request) -> Reply:
    return replies.maxkeep_got(request.control.histories.length)


def _set_maxkeep(request: Request, word: str) -> Reply:
    try:
        length = int(word)
    except ValueError:
        length = -1
    if not 0 <= length <= _LONGEST:
        return replies.failed(f"maxkeep: expected a number up to {_LONGEST}")
    request.control.histories.resize(length)
    return replies.MAXKEEP_SET
