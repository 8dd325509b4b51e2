"""Words to tell a situation of the director in a test: who guards what, what stands."""

from ipaddress import ip_address

from monlvs.director.ballot import Healths
from monlvs.director.desired import desire
from monlvs.director.intents import intents
from monlvs.director.ledger import after
from monlvs.director.plan import plan
from monlvs.model.guard import Effect, Guard
from monlvs.model.lvs import (
    DeclaredService,
    Entry,
    EntrySpec,
    Forwarding,
    Listener,
    Protocol,
    RealServer,
    ServiceSpec,
    VirtualService,
)
from monlvs.model.status import Health
from monlvs.model.watch import ServiceKey
from tests.director.strategies import table

UP, DOWN, UNKNOWN = Health.UP, Health.DOWN, Health.UNKNOWN
VIP = Listener(Protocol.TCP, ip_address("192.168.1.110"), 80)
WEB = VirtualService(key=VIP, scheduler="rr")
STATED = ServiceSpec(key=VIP, scheduler="rr")


def rs(number, port=80):
    return RealServer(ip_address(f"10.1.1.{number}"), port)


def spec(number, **stated):
    return EntrySpec(server=rs(number), **stated)


def stands(number, **attributes):
    """An entry of the kernel's table, by direct routing unless said otherwise."""
    attributes.setdefault("forwarding", Forwarding.ROUTE)
    return Entry(server=rs(number), **attributes)


def guard(number, effect=Effect.TAKES_OUT, check="ping", *, key=VIP, **more):
    entry = None if effect is Effect.WITHHOLDS else more.pop("entry", spec(number))
    return Guard(
        service=ServiceKey(f"LVS{number}", check),
        host=f"10.1.1.{number}",
        key=key,
        entry=entry,
        effect=effect,
        **more,
    )


def declared(*servers, service=STATED, **more):
    return DeclaredService(service=service, servers=servers, **more)


class World:
    """A director's inputs, and what comes of them."""

    def __init__(self, *, declares=(), guards=(), current=None, ledger=None):
        self.intents = intents(declares, guards)
        self.current = table() if current is None else current
        self.ledger = ledger or {}

    def sees(self, healths):
        """Decide, make the changes, and remember: one pass of the director."""
        self.desired = desire(
            self.intents, Healths(healths), current=self.current, ledger=self.ledger
        )
        self.changes = plan(self.current, self.desired.table, self.desired.causes)
        self.ledger = after(self.desired.ledger, self.changes)
        self.current = self.desired.table
        return self

    def reloads(self, *, declares=(), guards=()):
        self.intents = intents(declares, guards)
        return self

    def finds(self, *pools):
        """Somebody changed the table meanwhile."""
        self.current = table(*pools)
        return self

    @property
    def rules(self):
        return [change.as_ipvsadm() for change in self.changes]

    @property
    def servers(self):
        found = self.current.get(VIP)
        return None if found is None else set(found.entries)

    @property
    def kinds(self):
        return {note.kind for note in self.desired.notes}
