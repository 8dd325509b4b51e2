"""Keeps the machine around the table: plans, makes and undoes, and remembers what.

Everything blocks: a daemon calls it in a worker thread.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from monlvs.director.machine import doing, looking, neighbours, translation
from monlvs.director.machine.claims import claimed
from monlvs.director.machine.commands import Rules, making, unmaking
from monlvs.director.machine.director_side import director_settings, parts_of
from monlvs.director.machine.record import (
    Done,
    forget,
    from_plain,
    remember,
    to_plain,
)
from monlvs.director.machine.settings import DeviceAddress, Masquerade, Setting
from monlvs.director.machine.state import Plan, Step, Verb, clearing, plan
from monlvs.model.config import Config
from monlvs.model.values import Address
from monlvs.runtime.state import read, write_json

MACHINE_FILE = "machine.json"

log = logging.getLogger("monlvs.machine")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRefusal:
    """A step that the machine did not take."""

    step: Step
    why: str
    as_root: bool
    """Root could have done it."""


class MachineKeeper:
    """This machine, and what monlvs changed on it since it booted."""

    def __init__(self, state_dir: str | Path) -> None:
        """Read what was remembered; `trouble` says what of it is not understood."""
        self._path = Path(state_dir) / MACHINE_FILE
        self._boot = looking.boot()
        saved, self.trouble = read(self._path, put_aside=False)
        self.done: tuple[Done, ...] = ()
        try:
            self.done = from_plain(saved, boot=self._boot)
        except ValueError as error:
            self.trouble = f"{self._path}: {error}"
        self.rules: Rules | None = None
        """The program that writes translation rules, once it was needed."""

    def plan(self, config: Config) -> Plan:
        """Say what `apply` would do; nothing where `config` leaves the machine alone.

        What was made for a configuration that asked for it is undone then. Raises
        OSError when the machine cannot be read.
        """
        if config.machine is None and not self.done:
            return Plan()
        around = looking.look_around()
        asked = config.machine is not None
        wanted = director_settings(config, around) if asked else ()
        done = self._ours(config)
        settings = (*wanted, *(each.setting for each in done))
        self._find_program(settings)
        state = looking.read_state(settings, around, self.rules)
        return plan(wanted, done, state)

    def plan_clear(self, config: Config) -> Plan:
        """Say what `clear` would undo. Raises OSError."""
        if not self.done:
            return Plan()
        done = self._ours(config)
        settings = [each.setting for each in done]
        self._find_program(settings)
        around = looking.look_around()
        state = looking.read_state(settings, around, self.rules)
        return clearing(done, state)

    def carry_out(
        self, steps: Sequence[Step], config: Config
    ) -> tuple[StepRefusal, ...]:
        """Make and undo; one that is refused does not stop the others.

        A VIP that another machine answers for is refused. What is changed is remembered
        before it is: whatever ends this, `clear` knows. Raises OSError when it cannot
        be remembered.
        """
        refusals = []
        claims = _claims(steps, config)
        for step in steps:
            try:
                self._carry_out(step, claims)
            except doing.RefusedError as error:
                refusal = StepRefusal(step=step, why=str(error), as_root=error.as_root)
                refusals.append(refusal)
        return tuple(refusals)

    def forget_all(self) -> None:
        """Forget what was done: nothing of it is left to undo. Raises OSError."""
        if self.done:
            self._remember(())

    def words(self, step: Step) -> str:
        """Spell a step as the command that it stands for."""
        program = self.rules or Rules.NFT
        if step.verb is Verb.MAKE:
            return making(step.setting, program)
        return unmaking(step.setting, step.done.before, program) or ""

    def _carry_out(self, step: Step, claims: Mapping[Address, str]) -> None:
        if step.verb is Verb.UNDO:
            doing.undo(step.done, self.rules)
            self._remember(forget(self.done, step.setting))
            return
        vip = step.vip
        if vip is not None and vip.interface.ip in claims:
            other = claims[vip.interface.ip]
            raise doing.RefusedError(f"{other} answers for it: expected nobody to")
        known, done = self.done, doing.noted(step.done)
        self._remember(remember(known, done))
        try:
            doing.make(done, self.rules)
        except doing.RefusedError:
            self._remember(known)
            raise
        if vip is not None:
            _announce(vip)

    def _remember(self, done: Sequence[Done]) -> None:
        self.done = tuple(done)
        write_json(self._path, to_plain(self.done, boot=self._boot))

    def _ours(self, config: Config) -> tuple[Done, ...]:
        """Leave out VIPs that another program was given: it may just have the master's."""
        if config.machine is None or config.machine.vips:
            return self.done
        return tuple(each for each in self.done if not _is_vip(each.setting))

    def _find_program(self, settings: Sequence[Setting]) -> None:
        needed = any(isinstance(each, Masquerade) for each in settings)
        if needed and self.rules is None:
            self.rules = translation.program()


def _is_vip(setting: Setting) -> bool:
    return isinstance(setting, DeviceAddress) and setting.virtual


def _claims(steps: Sequence[Step], config: Config) -> dict[Address, str]:
    vips = [step.vip for step in steps if step.vip and step.verb is Verb.MAKE]
    if not vips:
        return {}
    servers = {address for part in parts_of(config) for address, _ in part.servers}
    try:
        return claimed(vips, servers)
    except OSError as error:
        log.warning("nobody was asked who has the VIPs: %s", error)
        return {}


def _announce(vip: DeviceAddress) -> None:
    """Who has remembered another machine's hardware address learns ours at once."""
    if vip.device in (None, "lo"):
        return
    try:
        neighbours.announce(vip.device or "", vip.interface.ip)
    except OSError as error:
        log.warning("the neighbours were not told of %s: %s", vip.interface.ip, error)
