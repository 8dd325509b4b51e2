"""What is in force for a checker: its own words, its real server's, its virtual server's."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from monlvs.config.importers.blueprint import PlannedCheck, Timing
from monlvs.config.importers.keepalived.keywords import Read, Stated, latest
from monlvs.config.importers.notes import Notes, Spot

_RETRIES: Final = {"MISC_CHECK": 0, "DNS_CHECK": 3}
"""Further checks before a real server is down; 1 for all others."""
_WEB: Final = ("HTTP_GET", "SSL_GET")


@dataclass(slots=True)
class Once:
    """Remarks that are made at the first place only."""

    made: set[str] = field(default_factory=set)

    def changed(self, notes: Notes, spot: Spot, what: str) -> None:
        """Make one, unless it was made before."""
        if what not in self.made:
            self.made.add(what)
            notes.changed(spot, what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One checker of one real server."""

    kind: str
    spot: Spot
    checker: Read
    real: Read
    virtual: Read
    port: int
    """The real server's port; 0: none is stated."""
    notes: Notes
    once: Once

    def latest(self, keyword: str) -> Stated | None:
        """Return what is in force."""
        return latest(keyword, self.checker, self.real, self.virtual)

    def value(self, keyword: str, default: Any = None) -> Any:
        """Return the value that is in force."""
        stated = self.latest(keyword)
        return default if stated is None else stated.value

    def own(self, keyword: str, default: Any = None) -> Any:
        """Return what the checker itself states."""
        stated = latest(keyword, self.checker)
        return default if stated is None else stated.value

    @property
    def interval(self) -> timedelta:
        """Time between checks."""
        return self._positive("delay_loop", timedelta(seconds=60))

    @property
    def timeout(self) -> timedelta:
        """Time limit; of a program what is stated for it, else the interval."""
        if self.kind == "MISC_CHECK":
            return self._positive("misc_timeout", self.interval)
        return self._positive("connect_timeout", timedelta(seconds=5))

    def timing(self) -> Timing:
        """Return how often is checked; a retry is a failure that has to be the last."""
        retries = self.own("nb_get_retry", self.value("retry"))
        if retries is None:
            retries = _RETRIES.get(self.kind, 1)
        again = self.value("delay_before_retry")
        if again is None:
            again = self._usual_delay()
        sooner = again if retries and again and again != self.interval else None
        if sooner is not None:
            self.once.changed(
                self.notes,
                self.spot,
                "delay_before_retry: failure_interval is the time between checks for "
                "as long as they fail, not up to the last retry only",
            )
        return Timing(
            interval=self.interval,
            timeout=self.timeout,
            fall=retries + 1,
            failure_interval=sooner,
        )

    def check(
        self, service: str, monitor: str, options: Mapping[str, Any]
    ) -> PlannedCheck:
        """Plan a check at the port that the checker names, else the real server's."""
        port = self.own("connect_port")
        self._unbound(self.checker)
        if (address := self.own("connect_ip")) is not None:
            options = {**options, "address": str(address)}
        made = PlannedCheck(
            service=service, monitor=monitor, options=options, timing=self.timing()
        )
        return made if port in (None, self.port) else replace(made, port=port)

    def has_port(self) -> bool:
        """Say whether there is a port to check; note an error where there is none."""
        if self.port or self.own("connect_port"):
            return True
        self.notes.error(self.spot, "no port to check: expected connect_port")
        return False

    def told_of(self, block: Read) -> None:
        """Note what a block says of where checks come from."""
        self._unbound(block)

    def _unbound(self, block: Read) -> None:
        for keyword in ("bindto", "bind_to", "bind_if", "bind_port", "fwmark"):
            if (stated := latest(keyword, block)) is not None:
                self.notes.lost(
                    stated.spot,
                    f"{keyword}: checks go out as the kernel routes them; a route or a "
                    "rule for the real server's address can say more",
                )

    def _usual_delay(self) -> timedelta:
        if self.kind == "DNS_CHECK":
            return self.interval
        return timedelta(seconds=3 if self.kind in _WEB else 1)

    def _positive(self, keyword: str, default: timedelta) -> timedelta:
        """Return a time that is longer than nothing."""
        stated = self.latest(keyword)
        return default if stated is None or not stated.value else stated.value
