"""What is to be done on a host that is to become a real server, or to be one no more.

`plan_host` and `plan_undo` look and decide; nothing is changed here.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from types import MappingProxyType
from typing import Final

from monlvs.director.machine.commands import Rules, making, unmaking
from monlvs.director.machine.record import Done, from_plain, to_plain
from monlvs.director.machine.roles import Role, gateway_of, roles_of, servers_of
from monlvs.director.machine.server_side import Wanted, server_settings
from monlvs.director.machine.settings import Route, SegmentLimit, Setting, Sysctl
from monlvs.director.machine.state import State, Step, Verb, plan, undoing
from monlvs.director.machine.surroundings import Surroundings
from monlvs.director.remote.booting import FIND_INIT, Boot, File, Init, boot_of
from monlvs.director.remote.looking import Look, look
from monlvs.director.remote.segments import Limits, look_at_limits
from monlvs.director.remote.session import CommandError, Session, ask
from monlvs.model.config import Config
from monlvs.model.values import Address

RECORD: Final = "/var/lib/monlvs/realserver.json"
"""On the host: what was there before. Unlike the director's it outlives a reboot, after
which a script makes the same changes again."""

_EVER: Final = ""
_UNLIMITED: Final = (
    "neither nft nor iptables can limit TCP segments there ({because}): expected one "
    "of them, or a wire that carries larger packets"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is to be done on one host."""

    look: Look
    steps: tuple[Step, ...] = ()
    files: tuple[File, ...] = ()
    """To be written."""
    boot: Boot = field(default_factory=lambda: Boot(files=()))
    done: tuple[Done, ...] = ()
    """What was remembered of earlier times."""
    obstacles: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    undoes: bool = False
    remembered: bool = False
    """There is a record of earlier times."""
    limits: Limits = field(default_factory=Limits)
    """Of TCP segments, where that was looked at."""

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """The commands, each with why it is there; nothing: there is nothing to do, or
        nothing can be done."""
        if self.obstacles:
            return ()
        found = [(words(step, self.limits), step.why) for step in self.steps]
        if self.undoes and self.remembered:
            paths = " ".join([*(file.path for file in self.boot.files), RECORD])
            found.append((f"rm {paths}", "nothing is to be made at boot any more"))
        why = "the same again after a reboot"
        found += [(f"write {file.path}", why) for file in self.files]
        return tuple(found)


async def plan_host(session: Session, config: Config, director: Surroundings) -> Work:
    """Look at a host, and say what makes it a real server of `config`.

    `director` is what is known of the director's networks. Raises SessionError and
    CommandError.
    """
    found = await look(session)
    done = await _remembered(session)
    boot = Init((await ask(session, ["sh", "-c", FIND_INIT])).strip())
    around = found.state.around
    everybody = roles_of(config, director)
    roles = [role for role in everybody if around.holder(role.server) is not None]
    if not roles:
        known = ", ".join(map(str, servers_of(everybody))) or "none"
        words = f"it has no address of the configuration's real servers ({known})"
        return Work(look=found, obstacles=(words,))
    gateways = _gateways(roles, config, director)
    wanted = server_settings(roles, _as_found(found.state, done), gateways, director)
    found, limits = await _with_limits(session, found, [*wanted.settings, *_of(done)])
    wanted = _as_far_as_can_be(wanted, limits)
    planned = plan(wanted.settings, done, found.state)
    obstacles = (*wanted.obstacles, *planned.obstacles, *_cut_off(found, planned.steps))
    made = boot_of(boot, wanted.settings)
    remarks = wanted.remarks
    if boot is Init.NONE:
        path = made.files[0].path
        remarks += (f"nothing starts {path} at boot that is known here: have it run",)
    return Work(
        look=found,
        steps=planned.steps,
        files=await _differing(session, made.files),
        boot=made,
        done=done,
        obstacles=obstacles,
        remarks=remarks,
        limits=limits,
    )


async def plan_undo(session: Session) -> Work:
    """Look at a host, and say what puts back what was there before `prepare`."""
    found = await look(session)
    done = await _remembered(session)
    boot = Init((await ask(session, ["sh", "-c", FIND_INIT])).strip())
    there = await session.run(["test", "-e", RECORD])
    found, limits = await _with_limits(session, found, _of(done))
    return Work(
        look=found,
        steps=undoing(done, found.state, why="`prepare` made it so"),
        boot=boot_of(boot, ()),
        done=done,
        undoes=True,
        remembered=there.status == 0,
        limits=limits,
    )


def words(step: Step, limits: Limits) -> str:
    """Spell a step as a line of sh; `limits` knows which program writes rules."""
    setting, rules = step.setting, Rules.NFT
    if isinstance(setting, SegmentLimit):
        rules = limits.program(setting)
    if step.verb is Verb.MAKE:
        return making(setting, rules)
    return unmaking(setting, step.done.before, rules) or "true"


def record_text(done: Sequence[Done]) -> str:
    """Spell what is remembered on the host."""
    return json.dumps(to_plain(done, boot=_EVER), indent=1) + "\n"


async def _remembered(session: Session) -> tuple[Done, ...]:
    found = await session.run(["cat", RECORD])
    if found.status:
        if "No such file" in found.stderr:
            return ()
        raise CommandError(f"cat {RECORD}: {found.stderr.strip()}")
    try:
        return from_plain(json.loads(found.stdout), boot=_EVER)
    except ValueError as error:
        raise CommandError(f"{RECORD}: {error}") from None


async def _differing(session: Session, files: Sequence[File]) -> tuple[File, ...]:
    there = [await session.run(["cat", file.path]) for file in files]
    return tuple(
        file
        for file, found in zip(files, there, strict=True)
        if found.status or found.stdout != file.text
    )


def _of(done: Sequence[Done]) -> list[Setting]:
    return [each.setting for each in done]


async def _with_limits(
    session: Session, found: Look, settings: Sequence[Setting]
) -> tuple[Look, Limits]:
    """Look at the limits of TCP segments where `settings` are about any."""
    if not any(isinstance(each, SegmentLimit) for each in settings):
        return found, Limits()
    limits = await look_at_limits(session)
    state = replace(found.state, segments=frozenset(limits.found))
    return replace(found, state=state), limits


def _as_far_as_can_be(wanted: Wanted, limits: Limits) -> Wanted:
    """Leave out limits that no program there can set: a risk is no reason to stop."""
    missed = [
        each
        for each in wanted.settings
        if isinstance(each, SegmentLimit)
        and limits.rules is None
        and each not in limits.found
    ]
    remarks = (_UNLIMITED.format(because=each.because) for each in missed[:1])
    return replace(
        wanted,
        settings=tuple(each for each in wanted.settings if each not in missed),
        remarks=(*wanted.remarks, *remarks),
    )


def _as_found(state: State, done: Sequence[Done]) -> State:
    """Return the state with the variables as they were before monlvs: what it has set
    itself is no reason to want anything else."""
    before = {
        each.setting.name: each.before
        for each in done
        if isinstance(each.setting, Sysctl) and each.before is not None
    }
    return replace(state, sysctls=MappingProxyType({**state.sysctls, **before}))


def _gateways(
    roles: Sequence[Role], config: Config, director: Surroundings
) -> dict[Address, Address]:
    found = {a: gateway_of(a, config, director) for a in servers_of(roles)}
    return {server: gateway for server, gateway in found.items() if gateway is not None}


def _cut_off(found: Look, steps: Sequence[Step]) -> tuple[str, ...]:
    """Who comes by the default gateway would not be answered by another one."""
    us, around = found.came_from, found.state.around
    if us is None or around.network(us) is not None or around.holder(us) is not None:
        return ()
    way = around.route(us)
    if way is None or way.to.prefixlen:
        return ()
    return tuple(
        f"this login comes from {us} by way of {way.via or way.device}, and would not be "
        f"answered by way of {step.setting.via}: expected a route to {ip_network(us)} "
        "there, or to be run on the director"
        for step in steps
        if isinstance(step.setting, Route)
        and step.verb is Verb.MAKE
        and step.setting.to.prefixlen == 0
        and step.setting.to.version == us.version
    )
