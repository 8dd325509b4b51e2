"""What the director's kernel has to have beside its table; pure."""

from collections.abc import Iterator
from typing import Final

from monlvs.director.audit import rules
from monlvs.director.audit.catalogue import DIRECTOR, found
from monlvs.director.audit.lvs import Lvs
from monlvs.director.audit.passage import hides_clients
from monlvs.director.machine.commands import making
from monlvs.director.machine.director_side import director_settings
from monlvs.director.machine.findings import Finding, Severity
from monlvs.director.machine.settings import Module, Sysctl
from monlvs.director.machine.state import State, holds
from monlvs.model.config import Config
from monlvs.model.lvs import Forwarding, Fwmark

_CONNTRACK: Final = "net.ipv4.vs.conntrack"
_FOUND_BY_THE_WAY: Final = ("forward", "send_redirects")
"""Variables of whose values other findings say what they do."""
_ON_DEMAND: Final = ("ip_vs_ftp",)
"""Modules that the kernel does not load by itself when they are needed."""


def modules_of(config: Config) -> tuple[Module, ...]:
    """List the modules that a configuration needs on the director."""
    return tuple(e for e in director_settings(config) if isinstance(e, Module))


def needs(lvs: Lvs) -> Iterator[Finding]:
    """Find what the kernel lacks, or has set otherwise."""
    if lvs.without_ipvs:
        fix = [making(Module(name="ip_vs"))]
        yield found("ipvs-missing", DIRECTOR, "this kernel has no IPVS", fix=fix)
        return
    yield from _modules(lvs)
    yield from _variables(lvs)
    yield from _rules(lvs)
    yield from _sync(lvs)


def _modules(lvs: Lvs) -> Iterator[Finding]:
    for module in modules_of(lvs.config):
        loaded = module.name in lvs.director.modules
        lacking = module.name in lvs.director.missing_modules
        if lacking or (module.name in _ON_DEMAND and not loaded):
            state = "cannot be loaded" if lacking else "is not loaded"
            what = f"the module {module.name} {state}, and {module.because}"
            yield found("module-missing", DIRECTOR, what, fix=[making(module)])


def _variables(lvs: Lvs) -> Iterator[Finding]:
    """Compare what the configuration wants with what is; without [machine] it wants
    nothing."""
    if lvs.config.machine is None:
        return
    state = State(sysctls=lvs.director.sysctls)
    for each in director_settings(lvs.config, lvs.director.around):
        if not isinstance(each, Sysctl) or holds(each, state):
            continue
        stated = each.name in lvs.machine.sysctl
        if not stated and any(word in each.name for word in _FOUND_BY_THE_WAY):
            continue
        now = lvs.director.sysctls.get(each.name)
        is_now = "is not there" if now is None else f"is {now}"
        what = f"{each.name} {is_now}, not {each.value}: {each.because}"
        yield found("sysctl-differs", DIRECTOR, what, fix=[making(each)])


def _rules(lvs: Lvs) -> Iterator[Finding]:
    text = lvs.director.rules
    if text is None:
        return
    for key in dict.fromkeys(duty.key for duty in lvs.duties):
        if isinstance(key, Fwmark) and not rules.sets_mark(text, key.mark):
            what = f"no rule sets the mark {key.mark} of {key}"
            yield found("mark-not-set", DIRECTOR, what)
    if lvs.director.sysctls.get(_CONNTRACK, "0") == "0":
        for rule in rules.translations(text):
            if rule.ipvs:
                fix = [making(Sysctl(name=_CONNTRACK, value="1"))]
                what = f"{_CONNTRACK} is 0, and there is: {rule.line}"
                yield found("translation-idle", DIRECTOR, what, fix=fix)
        return
    for duty in lvs.remote():
        if duty.method is not Forwarding.MASQ and hides_clients(lvs, duty):
            what = f"a rule translates what clients send to {duty.server} by {duty.key}"
            yield found("clients-translated", DIRECTOR, what)


def _sync(lvs: Lvs) -> Iterator[Finding]:
    for daemon in lvs.sync:
        link = lvs.director.link(daemon.interface)
        role = daemon.role.name.lower()
        if link is None or not (link.up and link.carrier):
            state = "is not there" if link is None else "is down"
            if link is not None and link.up:
                state = "has no carrier"
            what = f"the {role} sync daemon's device {daemon.interface} {state}"
            yield found("sync-device-down", DIRECTOR, what, severity=Severity.RISK)
