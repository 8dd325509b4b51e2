"""virtual_server blocks of a keepalived.conf to virtual services of a blueprint."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from monlvs.config.importers.blueprint import (
    PlannedCheck,
    PlannedServer,
    PlannedVirtual,
    entry_for,
)
from monlvs.config.importers.keepalived import keywords, values
from monlvs.config.importers.keepalived.blocks import Statement
from monlvs.config.importers.keepalived.checkers import checks
from monlvs.config.importers.keepalived.groups import Group
from monlvs.config.importers.keepalived.keywords import Read, Stated, latest
from monlvs.config.importers.keepalived.mail import Defaults
from monlvs.config.importers.keepalived.scope import Once, Scope
from monlvs.config.importers.keepalived.unlike import about_server, about_virtual
from monlvs.config.importers.notes import Notes
from monlvs.config.importers.slugs import name_of, slug
from monlvs.model.lvs import (
    EntrySpec,
    Family,
    Forwarding,
    Fwmark,
    Listener,
    Protocol,
    RealServer,
    VirtualKey,
)
from monlvs.model.values import Address


@dataclass(slots=True)
class Reader:
    """Reads one virtual server after the other."""

    groups: Mapping[str, Group]
    defaults: Defaults
    notes: Notes
    once: Once = field(default_factory=Once)

    def virtual(self, statement: Statement) -> PlannedVirtual | None:
        """Return what becomes of a block; None, noted, where it names no service."""
        read = keywords.read_block(statement.inner(), keywords.VIRTUAL, self.notes)
        keys = self._keys(statement, read)
        if not keys:
            return None
        servers = tuple(self._servers(read, keys))
        if not servers:
            self.notes.changed(
                statement.spot,
                "a virtual server without real servers: keepalived passes it over; "
                "here it is declared, and refuses its clients",
            )
        about_virtual(read, self.notes)
        mails = [self._mails(each) for each in read.get("real_server", [])]
        if any(mails) and not all(mails):
            self.notes.changed(
                statement.spot,
                "smtp_alert of some real servers: mail is sent for all of them",
            )
        return PlannedVirtual(
            spot=statement.spot,
            last=statement.last,
            name=self._name(statement, read, keys),
            keys=keys,
            attributes=self._attributes(read) | _weighing(servers),
            servers=servers,
            fallback=self._fallback(read, keys),
            telling=self.defaults.telling if any(mails) else None,
        )

    def _name(
        self, statement: Statement, read: Read, keys: Sequence[VirtualKey]
    ) -> str:
        called = latest("snmp_name", read)
        if called is not None:
            return slug(called.value)
        if statement.arguments[0] == "group":
            return slug(statement.arguments[1])
        return name_of(keys[0])

    def _keys(self, statement: Statement, read: Read) -> tuple[VirtualKey, ...]:
        words = statement.arguments
        family = self._family(read)
        stated = latest("protocol", read)
        protocol = Protocol.UDP if stated is None else stated.value
        try:
            match words:
                case ["fwmark", *rest]:
                    return (Fwmark(values.mark(rest), family),)
                case ["group", *rest]:
                    group = self._group(rest)
                    keys = group.keys(protocol, family)
                case _:
                    keys = (Listener(protocol, *values.endpoint(words)),)
        except ValueError as error:
            self.notes.error(statement.spot, f"virtual_server: {error}")
            return ()
        if not keys:
            self.notes.error(
                statement.spot, f"virtual_server: the group {words[1]} has no members"
            )
        if stated is None and any(isinstance(key, Listener) for key in keys):
            self.notes.changed(
                statement.spot,
                "no protocol is stated: it is udp, as keepalived 2.2 has it",
            )
        return keys

    def _group(self, words: values.Words) -> Group:
        name = values.one(words)
        if name not in self.groups:
            known = ", ".join(self.groups) or "there is none"
            raise ValueError(f"unknown virtual_server_group {name}: expected {known}")
        return self.groups[name]

    def _family(self, read: Read) -> Family:
        """Return the family of a firewall mark: as stated, else its servers'."""
        stated = latest("ip_family", read)
        if stated is not None:
            return Family.IPV6 if stated.value == "inet6" else Family.IPV4
        found = {each.value[0].version for each in read.get("real_server", [])}
        return Family.IPV6 if found == {6} else Family.IPV4

    def _servers(
        self, read: Read, keys: Sequence[VirtualKey]
    ) -> Iterator[PlannedServer]:
        for stated in read.get("real_server", []):
            block = keywords.read_block(
                stated.statement.inner(), keywords.REAL, self.notes
            )
            yield self._server(stated, block, read, keys)

    def _server(
        self, stated: Stated, block: Read, virtual: Read, keys: Sequence[VirtualKey]
    ) -> PlannedServer:
        about_server(block, self.notes)
        address, port = stated.value
        method = latest("lvs_method", block) or latest("lb_kind", block)
        spec = self._spec(address, port, method, virtual, keys)
        weight = latest("weight", block)
        return PlannedServer(
            spot=stated.spot,
            last=stated.statement.last,
            spec=replace(
                spec,
                weight=1 if weight is None else weight.value,
                upper=_threshold(block, "uthreshold"),
                lower=_threshold(block, "lthreshold"),
            ),
            checks=tuple(self._checks(stated, block, virtual, port)),
            down=_script(latest("notify_down", block)),
            up=_script(latest("notify_up", block)),
        )

    def _spec(
        self,
        address: Address,
        port: int,
        stated: Stated | None,
        virtual: Read,
        keys: Sequence[VirtualKey],
    ) -> EntrySpec:
        stated = stated or latest("lvs_method", virtual) or latest("lb_kind", virtual)
        forwarding, tunnel = Forwarding.MASQ, None
        if stated is not None:
            forwarding, tunnel = stated.value
        if address.is_loopback:
            forwarding, tunnel = Forwarding.LOCAL, None
        own = port or next((k.port for k in keys if isinstance(k, Listener)), 0)
        made = EntrySpec(
            server=RealServer(address, own),
            forwarding=forwarding,
            tunnel=tunnel,
        )
        others = {entry_for(made, key).server.port for key in keys} - {own}
        if others and stated is not None:
            ports = ", ".join(str(each) for each in sorted(others))
            self.notes.changed(
                stated.spot,
                f"port {own} of {address} becomes {ports}, the virtual service's, in "
                "the table: only NAT translates ports",
            )
        return made

    def _checks(
        self, stated: Stated, block: Read, virtual: Read, port: int
    ) -> list[PlannedCheck]:
        found: list[PlannedCheck] = []
        for each in stated.statement.inner():
            readers = keywords.BY_CHECKER.get(each.keyword)
            if readers is not None:
                scope = Scope(
                    kind=each.keyword,
                    spot=each.spot,
                    checker=keywords.read_block(each.inner(), readers, self.notes),
                    real=block,
                    virtual=virtual,
                    port=port,
                    notes=self.notes,
                    once=self.once,
                )
                found += checks(scope)
        return _named_apart(found)

    def _mails(self, stated: Stated) -> bool:
        inner = [
            each for each in stated.statement.inner() if each.keyword == "smtp_alert"
        ]
        if inner:
            try:
                return values.truth(inner[-1].arguments)
            except ValueError:
                return True  # told of where the block is read
        return self.defaults.mails

    def _attributes(self, read: Read) -> dict[str, Any]:
        scheduler = latest("lvs_sched", read) or latest("lb_algo", read)
        told: dict[str, Any] = {
            "scheduler": "wlc" if scheduler is None else scheduler.value
        }
        if flags := [word for word in keywords.FLAGS if word in read]:
            told["flags"] = flags
        timeout = latest("persistence_timeout", read)
        if timeout is not None:
            told["persistence"] = f"{int(timeout.value.total_seconds())}s"
        if (mask := latest("persistence_granularity", read)) is not None:
            told["netmask"] = mask.value
        if (engine := latest("persistence_engine", read)) is not None:
            told["pe"] = engine.value
        if self._quiesces(read):
            told["on_failure"] = "quiesce"
        return told

    def _quiesces(self, read: Read) -> bool:
        """Whether the weight of failing servers becomes 0."""
        stated = latest("inhibit_on_failure", read)
        usual = stated is not None and bool(stated.value)
        asked = []
        for each in read.get("real_server", []):
            inner = [
                one
                for one in each.statement.inner()
                if one.keyword == "inhibit_on_failure"
            ]
            asked.append(_truth(inner[-1]) if inner else usual)
            if inner and asked[-1] != asked[0]:
                self.notes.changed(
                    inner[-1].spot,
                    "inhibit_on_failure of some real servers: it is so for all of them",
                )
        return any(asked)

    def _fallback(self, read: Read, keys: Sequence[VirtualKey]) -> EntrySpec | None:
        stated = latest("sorry_server", read)
        if stated is None:
            return None
        address, port = stated.value
        method = latest("sorry_server_lvs_method", read)
        return self._spec(address, port, method, read, keys)


def _weighing(servers: Sequence[PlannedServer]) -> dict[str, str]:
    """Say who decides on weights where a program's exit does."""
    options = [check.options for server in servers for check in server.checks]
    dynamic = any(each.get("dynamic") for each in options)
    return {"weight_from": "check"} if dynamic else {}


def _named_apart(found: list[PlannedCheck]) -> list[PlannedCheck]:
    """Number the checks that have one name."""
    seen: Counter[str] = Counter()
    named = []
    for check in found:
        seen[check.service] += 1
        number = seen[check.service]
        name = check.service if number == 1 else f"{check.service}-{number}"
        named.append(replace(check, service=name))
    return named


def _truth(statement: Statement) -> bool:
    try:
        return values.truth(statement.arguments)
    except ValueError:
        return True  # told of where the block is read


def _threshold(block: Read, keyword: str) -> int | None:
    stated = latest(keyword, block)
    return None if stated is None else int(stated.value) or None


def _script(stated: Stated | None) -> tuple[Mapping[str, Any], ...]:
    if stated is None:
        return ()
    command, *arguments = stated.value
    table: dict[str, Any] = {"name": "external", "command": command}
    return (table | ({"args": arguments} if arguments else {}),)
