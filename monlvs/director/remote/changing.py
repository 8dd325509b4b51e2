"""Changing a host: the steps of `preparing`, one command each.

What is about to be changed is written down on the host first: whatever ends this, `undo`
knows.
"""

import shlex
from collections.abc import Sequence
from typing import Final

from monlvs.director.machine.record import Done, forget, remember
from monlvs.director.machine.settings import Module, Sysctl
from monlvs.director.machine.state import Step, Verb
from monlvs.director.remote.booting import File
from monlvs.director.remote.preparing import RECORD, Work, record_text, words
from monlvs.director.remote.segments import Limits
from monlvs.director.remote.session import CommandError, Session, ask

# The kernel's own loader is the one to ask; it may be elsewhere than in the PATH.
_LOAD: Final = (
    "loader=$(cat /proc/sys/kernel/modprobe 2>/dev/null); "
    'exec "${loader:-modprobe}" "$1"'
)
_WRITE: Final = (
    'umask 022; mkdir -p "${1%/*}" && cat >"$1.new" && chmod "$2" "$1.new" && '
    'mv "$1.new" "$1"'
)
_REMOVE: Final = 'rm -f "$@"; rmdir /etc/monlvs /var/lib/monlvs 2>/dev/null; true'


async def carry_out(session: Session, work: Work) -> int:
    """Do all of it; return how many changes were made.

    Raises SessionError, and CommandError at the first command that fails: what was made
    before it stands, and is remembered.
    """
    if work.undoes:
        return await _undo(session, work)
    done = work.done
    for step in work.steps:
        if step.verb is Verb.MAKE:
            done = remember(done, step.done)
    await _write(session, File(path=RECORD, text=record_text(done)))
    made, troubled = await _make(session, work)
    await _write(session, File(path=RECORD, text=record_text(made)))
    if troubled is not None:
        raise CommandError(f"{troubled}; what was done before is remembered: see undo")
    for file in work.files:
        await _write(session, file)
    if work.files:
        for argv in work.boot.enable:
            await ask(session, argv, as_root=True)
    return len(work.lines)


async def _make(
    session: Session, work: Work
) -> tuple[tuple[Done, ...], CommandError | None]:
    done = work.done
    for step in work.steps:
        try:
            noted = await _noted(session, step)
            await ask(session, _argv(step, work.limits), as_root=True)
        except CommandError as error:
            return done, error
        if step.verb is Verb.MAKE:
            done = remember(done, noted)
        else:
            done = forget(done, step.setting)
    return done, None


async def _undo(session: Session, work: Work) -> int:
    """Undo as much as can be; what cannot stays remembered, and is told."""
    done: Sequence[Done] = work.done
    troubles = []
    for step in work.steps:
        try:
            await ask(session, _argv(step, work.limits), as_root=True)
            done = forget(done, step.setting)
        except CommandError as error:
            troubles.append(str(error))
    if troubles:
        await _write(session, File(path=RECORD, text=record_text(done)))
        raise CommandError("; ".join(troubles))
    if work.remembered:
        for argv in work.boot.disable:
            await session.run(argv, as_root=True)  # perhaps it was never enabled
        paths = [*(file.path for file in work.boot.files), RECORD]
        await ask(session, ["sh", "-c", _REMOVE, "sh", *paths], as_root=True)
    return len(work.lines)


async def _noted(session: Session, step: Step) -> Done:
    """Read what a variable is right before it is set: the one of a device is there only
    when the device is."""
    setting = step.setting
    if not isinstance(setting, Sysctl) or step.done.before is not None:
        return step.done
    found = await session.run(["sysctl", "-n", setting.name])
    before = None if found.status else " ".join(found.stdout.split())
    return Done(setting=setting, before=before)


def _argv(step: Step, limits: Limits) -> Sequence[str]:
    if isinstance(step.setting, Module):
        return ["sh", "-c", _LOAD, "sh", step.setting.name]
    return shlex.split(words(step, limits))


async def _write(session: Session, file: File) -> None:
    argv = ["sh", "-c", _WRITE, "sh", file.path, file.mode]
    await ask(session, argv, stdin=file.text, as_root=True)
