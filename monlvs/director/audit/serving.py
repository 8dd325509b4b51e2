"""A real server's service: whether it is where packets arrive; pure."""

from collections.abc import Iterator
from typing import Final

from monlvs.director.audit import rules
from monlvs.director.audit.catalogue import found
from monlvs.director.audit.duties import Duty
from monlvs.director.audit.holding import Server
from monlvs.director.audit.sight import Sight, Socket
from monlvs.director.machine.findings import Finding
from monlvs.model.lvs import Listener, Protocol, RealServer

_BACKUP_ONLY: Final = "net.ipv4.vs.backup_only"


def serves(server: Server) -> Iterator[Finding]:
    """Find services that are not there, or sent away again."""
    for duty in server.duties:
        yield from listens(server.name, server.sight, duty)
        if (
            not duty.translated
            and isinstance(duty.key, Listener)
            and duty.key in server.sight.balanced
            and server.sight.sysctls.get(_BACKUP_ONLY, "0") == "0"
        ):
            what = f"{duty.key} is in its own IPVS table"
            option = "-u" if duty.key.protocol is Protocol.UDP else "-t"
            end = RealServer(duty.key.address, duty.key.port)
            fix = [f"ipvsadm -D {option} {end}"]
            yield found("balances-again", server.name, what, fix=fix)


def listens(name: str, sight: Sight, duty: Duty) -> Iterator[Finding]:
    """Find nobody at the place where a duty's packets arrive; ss(8) of old does not
    tell SCTP's."""
    arrival = duty.arrival
    if arrival is None or arrival[0] is Protocol.SCTP:
        return
    protocol, address, port = arrival
    if any(socket.takes(protocol, address, port) for socket in sight.sockets):
        return
    if rules.redirects(sight.rules, port):
        return
    there = str(RealServer(address, port))
    what = f"nobody listens at {protocol.name} {there}{_but(sight, protocol, port)}"
    yield found("nobody-listens", name, what)


def _but(sight: Sight, protocol: Protocol, port: int) -> str:
    others = [
        _place(socket)
        for socket in sight.sockets
        if (socket.protocol, socket.port) == (protocol, port)
    ]
    return f", but at {', '.join(dict.fromkeys(others))}" if others else ""


def _place(socket: Socket) -> str:
    if socket.address is None:
        return f"*:{socket.port}"
    return str(RealServer(socket.address, socket.port))
