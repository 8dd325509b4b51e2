"""An ldirectord.cf to a blueprint."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from monlvs.config.importers.blueprint import (
    Blueprint,
    PlannedServer,
    PlannedVirtual,
    Site,
    entry_for,
)
from monlvs.config.importers.ldirectord import servers
from monlvs.config.importers.ldirectord.checks import checks
from monlvs.config.importers.ldirectord.lines import Document, Section, parse
from monlvs.config.importers.ldirectord.servers import Real
from monlvs.config.importers.ldirectord.telling import telling
from monlvs.config.importers.ldirectord.unlike import about_daemon, about_service
from monlvs.config.importers.ldirectord.values import (
    GLOBAL,
    VIRTUAL,
    Stated,
    read_directives,
)
from monlvs.config.importers.ldirectord.words import Words
from monlvs.config.importers.notes import Notes
from monlvs.config.importers.remarks import Remarks
from monlvs.config.importers.slugs import name_of, own_names, slug
from monlvs.director.rules.operands import netmask
from monlvs.model.lvs import (
    EntrySpec,
    Family,
    Forwarding,
    Fwmark,
    RealServer,
    VirtualKey,
)


def read(text: str, file: str, site: Site, notes: Notes) -> tuple[Blueprint, Remarks]:
    """Read an ldirectord.cf; what is wrong with it, or not carried, goes to `notes`."""
    document = parse(text, file, notes)
    shared = read_directives(document.directives, GLOBAL, notes)
    about_daemon(shared, notes)
    reader = _Reader(shared, site, notes)
    planned = [
        made
        for section in document.sections
        if (made := reader.virtual(section)) is not None
    ]
    _check_keys(planned, notes)
    names = own_names((each.name, name_of(each.keys[0])) for each in planned)
    virtuals = [replace(p, name=n) for p, n in zip(planned, names, strict=True)]
    return Blueprint(virtuals=tuple(virtuals)), _remarks(document)


def _remarks(document: Document) -> Remarks:
    return Remarks(document.comments, document.statements())


def _check_keys(planned: Iterable[PlannedVirtual], notes: Notes) -> None:
    seen: set[VirtualKey] = set()
    for each in planned:
        if each.keys[0] in seen:
            notes.error(each.spot, f"there is a virtual service {each.keys[0]} already")
        seen.add(each.keys[0])


@dataclass(slots=True)
class _Reader:
    """Reads one virtual service after the other."""

    shared: dict[str, list[Stated]]
    site: Site
    notes: Notes
    _fallbacks: dict[Family, Real | None] = field(default_factory=dict)

    def virtual(self, section: Section) -> PlannedVirtual | None:
        """Return what becomes of one; None, noted, where its address is wrong."""
        own = read_directives(section.directives, VIRTUAL, self.notes)
        words = self._words(section, own)
        if words is None:
            return None
        about_service(words)
        planned = PlannedVirtual(
            spot=section.head.spot,
            last=section.last,
            name=slug(str(words.get("servicename", ""))),
            keys=(words.key,),
            attributes=self._attributes(words),
            servers=tuple(self._servers(words)),
            fallback=self._fallback(words),
            telling=telling(words),
            description=_description(words),
        )
        if words.checktype == "off":
            self.notes.changed(
                words.where("checktype"),
                "checktype = off: the real servers and the fallback are not put in, so "
                "they are left out of the block",
            )
            return replace(planned, servers=(), fallback=None)
        return planned

    def _words(self, section: Section, own: dict[str, list[Stated]]) -> Words | None:
        head = section.head
        six = head.word == "virtual6"
        family = Family.IPV6 if six else Family.IPV4
        protocol = own["protocol"][-1].value if "protocol" in own else None
        try:
            key, _ = servers.virtual(head.value, family, protocol, self.site.names)
        except ValueError as error:
            self.notes.error(head.spot, f"{head.word}: {error}")
            return None
        names = self.site.names
        return Words(head.spot, key, own, self.shared, self.notes, names)

    def _servers(self, words: Words) -> Iterable[PlannedServer]:
        word, other = ("real6", "real")
        if words.family is Family.IPV4:
            word, other = other, word
        for stated in words.own.get(other, ()):
            self.notes.error(stated.spot, f"expected {word}, not {other}, here")
        for stated in words.own.get(word, ()):
            try:
                found = servers.reals(
                    stated.value, words.family, words.protocol, self.site.names
                )
            except ValueError as error:
                self.notes.error(stated.spot, f"{word}: {error}")
                continue
            for real in found:
                yield self._server(words, real, stated)

    def _server(self, words: Words, real: Real, stated: Stated) -> PlannedServer:
        spec = self._spec(words, real, stated)
        return PlannedServer(
            spot=stated.spot,
            last=stated.spot.at,
            spec=replace(
                spec,
                weight=real.weight,
                upper=real.upper or None,
                lower=real.lower or None,
            ),
            checks=checks(words, real, self.site),
        )

    def _spec(self, words: Words, real: Real, stated: Stated) -> EntrySpec:
        """Make the entry; one of the director's own addresses is LocalNode."""
        method = Forwarding.LOCAL if real.address.is_loopback else real.forwarding
        port = real.port or words.port
        spec = EntrySpec(server=RealServer(real.address, port), forwarding=method)
        told = entry_for(spec, words.key).server
        if told.port != port:
            self.notes.changed(
                stated.spot,
                f"port {port} becomes {told.port}, the virtual service's, in the "
                "table: only masq translates ports (ldirectord's checks go on to "
                f"{port})",
            )
        return spec

    def _fallback(self, words: Words) -> EntrySpec | None:
        six = words.family is Family.IPV6
        word, other = ("fallback6", "fallback") if six else ("fallback", "fallback6")
        for stated in words.own.get(other, ()):
            self.notes.error(stated.spot, f"expected {word}, not {other}, here")
        found = words.stated(word)
        if found is None:
            return None
        try:
            real = servers.fallback(
                found.value, words.family, words.protocol, self.site.names
            )
        except ValueError as error:
            self.notes.error(found.spot, f"{word}: {error}")
            return None
        if isinstance(words.key, Fwmark) and real.port:
            # A firewall mark's traffic keeps the port that it came for.
            method = real.forwarding
            real = real if method is Forwarding.MASQ else replace(real, port=0)
        return self._spec(words, real, found)

    def _attributes(self, words: Words) -> dict[str, Any]:
        told: dict[str, Any] = {"scheduler": words.get("scheduler", "wrr")}
        flags = list(words.get("schedflags", ()))
        if words.get("ops"):
            flags = ["ops", *flags]
        if flags:
            told["flags"] = flags
        if "persistent" in words.own:
            told["persistence"] = f"{words.get('persistent')}s"
            told |= self._netmask(words)
        if words.get("quiescent", False):
            told["on_failure"] = "quiesce"
        return told

    def _netmask(self, words: Words) -> dict[str, int]:
        stated = words.stated("netmask")
        if stated is None:
            return {}
        try:
            length = netmask(stated.value, words.family)
        except ValueError as error:
            self.notes.error(stated.spot, f"netmask: {error}")
            return {}
        whole = length == (128 if words.family is Family.IPV6 else 32)
        return {} if whole else {"netmask": length}


def _description(words: Words) -> str | None:
    told = [str(words.get(word, "")) for word in ("servicename", "comment")]
    return ": ".join(text for text in told if text) or None
