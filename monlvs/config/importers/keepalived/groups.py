"""virtual_server_group: addresses, ranges and firewall marks that have all in common."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from monlvs.config.importers.keepalived import values
from monlvs.config.importers.keepalived.blocks import Statement
from monlvs.config.importers.notes import Notes
from monlvs.model.lvs import Family, Fwmark, Listener, Protocol, VirtualKey
from monlvs.model.values import Address


@dataclass(slots=True)
class Group:
    """What one group stands for; its protocol is the virtual server's."""

    addresses: list[tuple[Address, int]] = field(default_factory=list)
    marks: list[tuple[int, Family | None]] = field(default_factory=list)

    def keys(self, protocol: Protocol, family: Family) -> tuple[VirtualKey, ...]:
        """Return the virtual services; `family` is for marks that state none."""
        listeners = (Listener(protocol, each, port) for each, port in self.addresses)
        marks = (Fwmark(mark, stated or family) for mark, stated in self.marks)
        return tuple(dict.fromkeys((*listeners, *marks)))


def groups(statements: Iterable[Statement], notes: Notes) -> dict[str, Group]:
    """Read all groups by name; what is wrong goes to the notes."""
    found: dict[str, Group] = {}
    for each in statements:
        try:
            name = values.one(each.arguments)
        except ValueError as error:
            notes.error(each.spot, f"virtual_server_group: {error}")
            continue
        if name in found:
            notes.error(each.spot, f"there is a virtual_server_group {name} already")
        found[name] = _group(each, notes)
    return found


def _group(statement: Statement, notes: Notes) -> Group:
    group = Group()
    for each in statement.inner():
        try:
            if each.keyword == "fwmark":
                group.marks.append(_mark(each.arguments))
            else:
                group.addresses += values.endpoints(each.words)
        except ValueError as error:
            notes.error(each.spot, f"{each.keyword}: {error}")
    return group


def _mark(words: values.Words) -> tuple[int, Family | None]:
    families = {"inet": Family.IPV4, "inet6": Family.IPV6}
    if len(words) == 2 and words[1] in families:
        return values.mark(words[:1]), families[words[1]]
    return values.mark(words), None
