"""What counts for one virtual service: its own directives, else the file's, else ldirectord's."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from monlvs.config.importers.ldirectord.values import Combined, Stated
from monlvs.config.importers.notes import Notes, Spot
from monlvs.director.rules import Names
from monlvs.model.lvs import Family, Listener, Protocol, VirtualKey

_BY_PORT = {
    21: "ftp", 25: "smtp", 53: "dns", 80: "http", 110: "pop", 119: "nntp", 143: "imap",
    389: "ldap", 443: "https", 587: "submission", 636: "ldaps", 993: "imaps",
    995: "pops", 1521: "oracle", 1812: "radius", 3128: "http_proxy", 3306: "mysql",
    5060: "sip", 5432: "pgsql",
}  # fmt: skip
_PORTS = {service: port for port, service in _BY_PORT.items()}


@dataclass(frozen=True, slots=True)
class Words:
    """The directives that are in force for one virtual service."""

    spot: Spot
    """Where it begins."""
    key: VirtualKey
    own: dict[str, list[Stated]]
    shared: dict[str, list[Stated]]
    notes: Notes
    names: Names

    def get(self, word: str, default: Any = None) -> Any:
        """Return the value in force; of several in one place the last counts."""
        stated = self.stated(word)
        return default if stated is None else stated.value

    def stated(self, word: str) -> Stated | None:
        """Return the value in force with its place; None: ldirectord's default is."""
        for place in (self.own, self.shared):
            if word in place:
                return place[word][-1]
        return None

    def where(self, word: str) -> Spot:
        """Return where the value is stated, else where the virtual service is."""
        stated = self.stated(word)
        return self.spot if stated is None else stated.spot

    @property
    def family(self) -> Family:
        """Family of the virtual service."""
        return self.key.family

    @property
    def protocol(self) -> Protocol:
        """Its protocol; TCP for a firewall mark, which is how ldirectord checks it."""
        key = self.key
        return key.protocol if isinstance(key, Listener) else Protocol.TCP

    @property
    def port(self) -> int:
        """Its port, 0 for a firewall mark."""
        return self.key.port if isinstance(self.key, Listener) else 0

    @property
    def service(self) -> str:
        """What negotiates: as stated, else by the port."""
        return str(self.get("service", _BY_PORT.get(self.port, "none")))

    @property
    def checktype(self) -> str | Combined:
        """How is checked."""
        checktype: str | Combined = self.get("checktype", "negotiate")
        return checktype

    @property
    def interval(self) -> timedelta:
        """Time between checks; a virtual service's own counts with fork = yes only."""
        forks = "fork" in self.shared and self.shared["fork"][-1].value
        if "checkinterval" in self.own and not forks:
            self.notes.changed(
                self.own["checkinterval"][-1].spot,
                "checkinterval of a virtual service is without effect unless fork = "
                "yes, and so it is here: state interval in its block if it is meant",
            )
        places = (self.own, self.shared) if forks else (self.shared,)
        for place in places:
            if "checkinterval" in place:
                return timedelta(seconds=place["checkinterval"][-1].value)
        return timedelta(seconds=10)

    @property
    def checktimeout(self) -> timedelta:
        """Time limit of connections, pings and programs."""
        return self._limit(("checktimeout", "negotiatetimeout"), 5)

    @property
    def negotiatetimeout(self) -> timedelta:
        """Time limit of everything else."""
        return self._limit(("negotiatetimeout", "checktimeout"), 30)

    @property
    def fall(self) -> int:
        """Failures after which a real server is down."""
        return int(self.get("failurecount", 1))

    def check_port(self, port: int) -> int | None:
        """Return where to check a real server that listens on `port` (0: nowhere)."""
        stated = self.get("checkport")
        return int(stated) if stated else port or _PORTS.get(self.service)

    def _limit(self, words: tuple[str, str], default: int) -> timedelta:
        for place in (self.own, self.shared):
            for word in words:
                if word in place:
                    return timedelta(seconds=place[word][-1].value)
        return timedelta(seconds=default)
