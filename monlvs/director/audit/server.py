"""Everything that an audit finds on a real server; pure."""

from collections.abc import Iterator

from monlvs.director.audit.answering import answers
from monlvs.director.audit.catalogue import found
from monlvs.director.audit.holding import Server, presence, silence
from monlvs.director.audit.lvs import Lvs
from monlvs.director.audit.serving import serves
from monlvs.director.audit.unwrapping import unwraps
from monlvs.director.machine.findings import Finding


def audit_server(lvs: Lvs, server: Server) -> tuple[Finding, ...]:
    """Say what is wrong with a real server; each thing once."""
    return tuple(dict.fromkeys(_findings(lvs, server)))


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
