"""Everything that an audit finds on a real server; pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from monlvs.director.audit.answering import answers
from monlvs.director.audit.catalogue import found
from monlvs.director.audit.director import audit_director
from monlvs.director.audit.holding import Server, presence, silence
from monlvs.director.audit.lvs import Lvs
from monlvs.director.audit.serving import serves
from monlvs.director.audit.sight import Sight
from monlvs.director.audit.unwrapping import unwraps
from monlvs.director.machine.findings import Finding
from monlvs.director.machine.roles import roles_of
from monlvs.director.machine.server_side import server_settings
from monlvs.director.machine.state import State
from monlvs.model.values import Address

_ARP: Final = ("arp-ignore", "vip-on-wire")


def audit_server(lvs: Lvs, server: Server) -> tuple[Finding, ...]:
    """Say what is wrong with a real server; each thing once."""
    return tuple(dict.fromkeys(_findings(lvs, server)))


def audit_whole(lvs: Lvs, servers: Iterable[Server]) -> tuple[Finding, ...]:
    """Say what is wrong with the director and with the `servers` that were looked at.

    What the wire tells of a real server is left out where the look at it says why.
    """
    found = audit_director(lvs)
    more: list[Finding] = []
    explained: set[str] = set()
    for server in servers:
        own = audit_server(lvs, server)
        more += own
        if any(finding.name in _ARP for finding in own):
            explained.update(map(str, server.addresses))
    kept = (
        f for f in found if f.name != "answers-for-vip" or f.machine not in explained
    )
    return tuple(dict.fromkeys((*kept, *more)))


def server_of(
    name: str, addresses: Sequence[Address], sight: Sight, lvs: Lvs
) -> Server:
    """Say what a machine, a real server by these `addresses`, is to the LVS."""
    roles = [
        role
        for role in roles_of(lvs.config, lvs.director.around)
        if role.server in addresses
    ]
    state = State(around=sight.around, sysctls=sight.sysctls)
    return Server(
        name=name,
        addresses=tuple(addresses),
        sight=sight,
        duties=tuple(duty for duty in lvs.remote() if duty.address in addresses),
        wanted=server_settings(roles, state).settings,
    )


def _findings(lvs: Lvs, server: Server) -> Iterator[Finding]:
    for address in server.addresses:
        if not server.sight.has(address):
            what = f"{address} is none of its addresses"
            yield found("wrong-machine", server.name, what)
            return
    yield from unwraps(lvs, server)  # first: a VIP goes onto a tunnel's device
    yield from presence(server)
    yield from silence(server, lvs.vips, _quiet(lvs, server))
    yield from answers(lvs, server)
    yield from serves(server)


def _quiet(lvs: Lvs, server: Server) -> frozenset[Address]:
    """Return the VIPs that it was seen not to answer for."""
    if lvs.wire is None:
        return frozenset()
    return frozenset().union(*map(lvs.wire.quiet, server.addresses))
