"""Changes to a table, each with its cause; as ipvsadm would be told to make them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias, get_args

from monlvs.director import spelling
from monlvs.model.lvs import Entry, RealServer, VirtualKey, VirtualService
from monlvs.model.status import Health
from monlvs.model.values import Host
from monlvs.model.watch import ServiceKey

Item: TypeAlias = tuple[VirtualKey, RealServer | None]
"""What a change is about: a virtual service (None), or a real server in it."""


class Why(StrEnum):
    """What made a change necessary."""

    ADOPT = "adopt"
    """The first reading did not show what the configuration declares."""
    CONFIG = "config"
    """The configuration says so now."""
    GUARD = "guard"
    """A guard's health says so."""
    POOL = "pool"
    """The pool's policy says so: see `core.pool`."""
    DRIFT = "drift"
    """Somebody else changed what had been made so."""
    OPERATOR = "operator"
    """An operator asked for it."""
    RETRY = "retry"
    """The kernel refused it before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a change is made; the last three name the guard of Why.GUARD."""

    why: Why
    text: str = ""
    service: ServiceKey | None = None
    host: Host | None = None
    health: Health | None = None

    def __str__(self) -> str:
        words = [self.why.value]
        if self.service is not None:
            about = f"{self.service} {self.host}" if self.host else f"{self.service}"
            words.append(f"{about} is {self.health}")
        if self.text:
            words.append(self.text)
        return ": ".join(words)


UNEXPLAINED = Cause(why=Why.CONFIG)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddService:
    """Create a virtual service."""

    service: VirtualService
    cause: Cause = UNEXPLAINED

    @property
    def item(self) -> Item:
        """The virtual service's key."""
        return self.service.key, None

    def as_ipvsadm(self) -> str:
        """Spell it as `ipvsadm -A ...`."""
        return spelling.service_rule("-A", self.service)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetService:
    """Change a virtual service where it stands; its connections go on."""

    service: VirtualService
    cause: Cause = UNEXPLAINED

    @property
    def item(self) -> Item:
        """The virtual service's key."""
        return self.service.key, None

    def as_ipvsadm(self) -> str:
        """Spell it as `ipvsadm -E ...`."""
        return spelling.service_rule("-E", self.service)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteService:
    """Delete a virtual service with all that stands in it."""

    key: VirtualKey
    cause: Cause = UNEXPLAINED

    @property
    def item(self) -> Item:
        """The virtual service's key."""
        return self.key, None

    def as_ipvsadm(self) -> str:
        """Spell it as `ipvsadm -D ...`."""
        return f"-D {spelling.key_option(self.key)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddServer:
    """Put a real server into a virtual service."""

    parent: VirtualService
    entry: Entry
    cause: Cause = UNEXPLAINED

    @property
    def item(self) -> Item:
        """The virtual service's key and the real server."""
        return self.parent.key, self.entry.server

    def as_ipvsadm(self) -> str:
        """Spell it as `ipvsadm -a ...`."""
        return spelling.entry_rule("-a", self.parent.key, self.entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetServer:
    """Change a real server's entry where it stands; its connections go on."""

    parent: VirtualService
    entry: Entry
    cause: Cause = UNEXPLAINED

    @property
    def item(self) -> Item:
        """The virtual service's key and the real server."""
        return self.parent.key, self.entry.server

    def as_ipvsadm(self) -> str:
        """Spell it as `ipvsadm -e ...`."""
        return spelling.entry_rule("-e", self.parent.key, self.entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteServer:
    """Take a real server out of a virtual service."""

    key: VirtualKey
    server: RealServer
    cause: Cause = UNEXPLAINED

    @property
    def item(self) -> Item:
        """The virtual service's key and the real server."""
        return self.key, self.server

    def as_ipvsadm(self) -> str:
        """Spell it as `ipvsadm -d ...`."""
        return f"-d {spelling.key_option(self.key)} -r {self.server}"


Change: TypeAlias = (
    AddService | SetService | DeleteService | AddServer | SetServer | DeleteServer
)
CHANGES: Final = get_args(Change)
"""The classes of changes."""
