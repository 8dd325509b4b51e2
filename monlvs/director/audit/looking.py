"""Looking at machines for an audit, and asking the wire; blocks where it says so."""

import asyncio
import errno
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Final

from monlvs.director import connections
from monlvs.director.audit.answering import server_questions
from monlvs.director.audit.clients import clients_of
from monlvs.director.audit.duties import duties_of
from monlvs.director.audit.gateways import gateway_questions
from monlvs.director.audit.holding import Server
from monlvs.director.audit.lvs import Lvs, Wire
from monlvs.director.audit.needs import modules_of
from monlvs.director.audit.passage import director_questions
from monlvs.director.audit.printed import UnreadableError, read, read_ways, spell
from monlvs.director.audit.server import server_of
from monlvs.director.audit.sight import Question, Sight
from monlvs.director.codec import DecodeError
from monlvs.director.kernel import KernelTable
from monlvs.director.machine import neighbours
from monlvs.director.machine.programs import ProgramError, run
from monlvs.director.machine.settings import Sysctl
from monlvs.director.remote.destination import read_destination
from monlvs.director.remote.session import CommandError, Session, ask
from monlvs.director.table import TableError
from monlvs.model.config import Config
from monlvs.model.lvs import Table
from monlvs.model.machine import Machine
from monlvs.model.sync import SyncDaemon
from monlvs.model.traffic import Connection
from monlvs.model.values import Address

_MOST_READ: Final = 4 << 20
"""Bytes of /proc/net/ip_vs_conn, which has a line for each of perhaps millions."""
_MOST_ASKED: Final = 1024
"""Real servers of one device that are asked who they are."""


class LookError(Exception):
    """A machine could not be looked at; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look at the director has brought."""

    lvs: Lvs
    troubles: tuple[str, ...] = ()
    """What could not be looked at, and why."""


def look_at_director(config: Config, named: Iterable[Address] = ()) -> Looked:
    """Look at this machine as the director of `config`; blocks for a second.

    `named`: addresses of clients to think of. Raises LookError when this machine cannot
    be looked at at all.
    """
    troubles: list[str] = []
    table, sync, without = _table(troubles)
    duties = duties_of(config, table)
    sight = _look_here(config)
    talking = _connections(troubles)
    lvs = Lvs(
        config=config,
        duties=duties,
        director=sight,
        table=table,
        without_ipvs=without,
        connections=talking,
        sync=sync,
    )
    servers = [duty.address for duty in duties]
    clients = clients_of(sight, lvs.machine, lvs.vips, servers, named, _known(lvs))
    lvs = _with_ways(replace(lvs, clients=clients))
    if sight.rules is None:
        troubles.append("the rules of iptables and nftables were not read (as root?)")
    return Looked(lvs=replace(lvs, wire=_ask(lvs, troubles)), troubles=tuple(troubles))


async def look_at_host(session: Session, lvs: Lvs) -> Server:
    """Look at a host as the real server whose address, or addresses, it has.

    Raises SessionError; CommandError where it is none of the configuration's.
    """
    name = read_destination(session.name).host
    sight = await _look_there(session)
    addresses = dict.fromkeys(duty.address for duty in lvs.remote())
    its = [each for each in addresses if sight.has(each) or str(each) == name]
    if not its:
        raise CommandError("it has the address of no real server of the configuration")
    server = server_of(name, its, sight, lvs)
    script = ways_script(server_questions(server.duties, lvs.clients))
    try:
        ways = read_ways(await ask(session, ["sh", "-s"], stdin=script))
    except UnreadableError as error:
        raise CommandError(str(error)) from error
    return replace(server, sight=replace(sight, ways=ways))


async def _look_there(session: Session) -> Sight:
    script = look_script()
    output = await session.run(["sh", "-s"], stdin=script, as_root=True)
    text = output.stdout
    if output.status:  # perhaps sudo will not have us; less is seen without it
        text = await ask(session, ["sh", "-s"], stdin=script)
    try:
        return read(text)
    except UnreadableError as error:
        raise CommandError(str(error)) from error


def look_script(modules: Iterable[str] = (), variables: Iterable[Sysctl] = ()) -> str:
    """Spell the look for `sh -s`; `modules`: those that are looked for."""
    told = {
        "MODULES": " ".join(modules),
        "VARIABLES": " ".join(shlex.quote(each.path) for each in variables),
    }
    lines = [f"{name}={shlex.quote(text)}" for name, text in told.items()]
    look = (files(__package__) / "look.sh").read_text(encoding="utf-8")
    return "\n".join([*lines, look])


def ways_script(questions: Iterable[Question]) -> str:
    """Spell questions for `sh -s`; one without an answer is an error of ip(8)'s."""
    told = spell(questions)
    return f"ip -j -force -batch - 2>/dev/null <<END\n{told}\nEND\ntrue\n"


def _look_here(config: Config) -> Sight:
    machine = config.machine or Machine()
    script = look_script(
        [module.name for module in modules_of(config)],
        [Sysctl(name=name, value="") for name in machine.sysctl],
    )
    try:
        return read(run(["sh", "-s"], stdin=script))
    except (ProgramError, UnreadableError) as error:
        raise LookError(f"this machine could not be looked at: {error}") from error


def _with_ways(lvs: Lvs) -> Lvs:
    script = ways_script(director_questions(lvs))
    try:
        ways = read_ways(run(["sh", "-s"], stdin=script))
    except (ProgramError, UnreadableError) as error:
        raise LookError(f"this machine could not be looked at: {error}") from error
    return replace(lvs, director=replace(lvs.director, ways=ways))


def _table(
    troubles: list[str],
) -> tuple[Table | None, tuple[SyncDaemon, ...], bool]:
    try:
        with KernelTable() as kernel:
            table = asyncio.run(kernel.read()).table
            sync: tuple[SyncDaemon, ...] = ()
            try:
                sync = kernel.sync_daemons()
            except (OSError, DecodeError) as error:
                troubles.append(f"the sync daemons were not read: {error}")
            return table, sync, False
    except TableError as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and cause.errno == errno.ENOENT:
            return None, (), True
        troubles.append(f"the table was not read: {error}")
        return None, (), False


def _connections(troubles: list[str]) -> tuple[Connection, ...]:
    try:
        with Path(connections.PATH).open(encoding="ascii") as file:
            text = file.read(_MOST_READ)
    except FileNotFoundError:
        return ()
    except OSError as error:
        troubles.append(f"the connections were not read: {error.strerror}")
        return ()
    whole, _, _ = text.rpartition("\n")
    try:
        return connections.parse(whole)
    except ValueError as error:
        troubles.append(f"the connections were not read: {error}")
        return ()


def _known(lvs: Lvs) -> Iterable[Address]:
    """List who has connections to the VIPs, the director itself left out."""
    vips, own = {*lvs.vips}, lvs.director.addresses()
    for each in lvs.connections:
        client = each.client.address
        if each.virtual.address in vips and client not in own:
            yield client


def _ask(lvs: Lvs, troubles: list[str]) -> Wire | None:
    """Ask who has the VIPs, and on the same devices who the real servers are; and who
    has the gateways that the director lacks."""
    vips = list(_questions(lvs))
    devices = {device for device, _ in vips}
    near = [
        (way.device, duty.address)
        for duty in lvs.remote()
        for way in [lvs.director.ways.get((duty.address, None))]
        if way is not None and way.gateway is None and way.device in devices
    ]
    servers = list(dict.fromkeys(near))[:_MOST_ASKED]
    gateways = list(gateway_questions(lvs))
    try:
        answers = neighbours.who_has([*vips, *servers, *gateways])
    except OSError as error:
        words = error.strerror or str(error)
        hint = " (as root?)" if error.errno == errno.EPERM else ""
        troubles.append(f"nobody was asked who has the VIPs: {words}{hint}")
        return None
    asked = frozenset(vip for _, vip in vips)
    known = {address for _, address in servers}
    pair = lvs.config.pair
    nobody: frozenset[str] = frozenset()
    return Wire(
        asked=asked,
        answers={vip: macs for vip, macs in answers.items() if vip in asked},
        servers={each: macs for each, macs in answers.items() if each in known},
        gateways={
            each: answers.get(each, nobody)
            for _, each in gateways
            if each in lvs.machine.gateway
        },
        other=nobody if pair is None else answers.get(pair.peer.address, nobody),
    )


def _questions(lvs: Lvs) -> Iterable[tuple[str, Address]]:
    """Pair VIPs with the devices that they are asked for on."""
    for vip in lvs.vips:
        wires = [link.name for link in lvs.director.wires(vip) if link.carrier]
        if not wires:
            wires = [
                link.name
                for link, _ in lvs.director.holding(vip)
                if link.up and link.carrier and link.arp and not link.loopback
            ]
        for name in wires:
            yield name, vip
