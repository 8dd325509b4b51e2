"""What the director's table makes of connections, and who makes them; pure."""

from collections.abc import Iterator
from ipaddress import ip_address

from monlvs.director.audit.catalogue import DIRECTOR, found
from monlvs.director.audit.lvs import Lvs
from monlvs.director.audit.serving import listens
from monlvs.director.machine.findings import Finding, Severity
from monlvs.model.lvs import Entry, Forwarding, Listener, VirtualKey
from monlvs.model.values import Address
from monlvs.model.watch import ServiceKey


def traffic(lvs: Lvs) -> Iterator[Finding]:
    """Find entries, checks and clients that connections are lost by."""
    yield from _services(lvs)
    yield from _entries(lvs)
    for duty in lvs.duties:
        if lvs.is_local(duty):
            yield from listens(DIRECTOR, lvs.director, duty)
    yield from _checks(lvs)
    yield from _clients(lvs)


def _services(lvs: Lvs) -> Iterator[Finding]:
    if lvs.table is None:
        return
    for key in dict.fromkeys(duty.key for duty in lvs.duties):
        pool = lvs.table.get(key)
        if pool is None:
            yield found("service-missing", DIRECTOR, f"{key} is not in the table")
        elif not any(entry.weight for entry in pool.entries.values()):
            state = "weight 0 alone" if pool.entries else "no real servers"
            yield found("service-empty", DIRECTOR, f"{key} has {state}")


def _entries(lvs: Lvs) -> Iterator[Finding]:
    for key, pool in (lvs.table or {}).items():
        for entry in pool.entries.values():
            yield from _entry(key, entry)


def _entry(key: VirtualKey, entry: Entry) -> Iterator[Finding]:
    server = entry.server
    if entry.forwarding is Forwarding.MASQ:
        if server.address.is_loopback:
            what = f"{key} translates to {server}"
            yield found("loopback-translated", DIRECTOR, what)
        return
    if isinstance(key, Listener) and key.port and server.port not in (0, key.port):
        what = f"{key} has {server}, which packets reach at port {key.port}"
        yield found("port-not-translated", DIRECTOR, what)


def _untranslated(lvs: Lvs) -> frozenset[Address]:
    """Return the VIPs that real servers answer from themselves."""
    return frozenset(
        duty.vip
        for duty in lvs.remote()
        if duty.vip is not None and not duty.translated
    )


def _checks(lvs: Lvs) -> Iterator[Finding]:
    guarding = {guard.service for guard in lvs.config.guards}
    for watch in lvs.config.watches:
        for host in watch.group.hosts:
            if host in watch.group.disabled or _address(host) not in _untranslated(lvs):
                continue
            for service in watch.services:
                yield _check(service.key, host, guards=service.key in guarding)


def _check(key: ServiceKey, host: str, *, guards: bool) -> Finding:
    what = f"{key} checks {host}"
    if guards:
        what += ", and takes real servers out when it fails"
    severity = Severity.LOST if guards else Severity.RISK
    return found("vip-checked-from-director", DIRECTOR, what, severity=severity)


def _address(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _clients(lvs: Lvs) -> Iterator[Finding]:
    """The kernel gives a connection to an own address that address as its source, which
    real servers have, too. From another one the answer is let in by accept_local."""
    own = lvs.director.addresses()
    local = {duty.address for duty in lvs.duties if lvs.is_local(duty)}
    virtual = _untranslated(lvs)
    let_in = lvs.director.number("accept_local", "all")
    for each in lvs.connections:
        client = each.client.address
        if (
            client in own
            and each.virtual.address in virtual
            and each.server.address not in local
            and (client in virtual or not let_in)
        ):
            what = f"{client} connects to {each.virtual}"
            yield found("director-is-client", DIRECTOR, what)
