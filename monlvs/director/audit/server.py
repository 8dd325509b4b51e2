"""Everything that an audit finds on a real server; pure."""

from collections.abc import Iterator

from monlvs.director.audit.answering import answers
from monlvs.director.audit.catalogue import found
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


def audit_server(lvs: Lvs, server: Server) -> tuple[Finding, ...]:
    """Say what is wrong with a real server; each thing once."""
    return tuple(dict.fromkeys(_findings(lvs, server)))


def server_of(name: str, address: Address, sight: Sight, lvs: Lvs) -> Server:
    """Say what a real server is to the LVS."""
    roles = [
        role
        for role in roles_of(lvs.config, lvs.director.around)
        if role.server == address
    ]
    state = State(around=sight.around, sysctls=sight.sysctls)
    return Server(
        name=name,
        address=address,
        sight=sight,
        duties=tuple(duty for duty in lvs.remote() if duty.address == address),
        wanted=server_settings(roles, state).settings,
    )


def _findings(lvs: Lvs, server: Server) -> Iterator[Finding]:
    if not server.sight.has(server.address):
        what = f"{server.address} is none of its addresses"
        yield found("wrong-machine", server.name, what)
        return
    quiet = lvs.wire.quiet(server.address) if lvs.wire else frozenset()
    yield from presence(server)
    yield from silence(server, lvs.vips, quiet)
    yield from unwraps(lvs, server)
    yield from answers(lvs, server)
    yield from serves(server)
