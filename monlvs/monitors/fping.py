"""Do the hosts answer an ICMP echo request?"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from monlvs.model.plugin import OPTION_RULES
from monlvs.wire.exchange import Echo

_LARGEST = 65_507  # 65,535 bytes of IPv4 packet less 20 of its header and 8 of ICMP's


@dataclass(frozen=True, slots=True, kw_only=True)
class Fping:
    """Ping all hosts at once, over IPv4 and IPv6, as fping(8) does.

    A host is up as soon as it answers one request, and down when it has answered none
    after the last has waited `interval`. With the defaults that takes four seconds.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = OPTION_RULES

    letters: ClassVar[dict[str, str]] = {"r": "retries"}
    """Options by the letters of fping.monitor."""

    retries: int = 3
    """Further requests to a host that has not answered (fping(8), -r)."""

    interval: timedelta = timedelta(seconds=1)
    """Time between the requests to one host. Where the service's time limit is too
    short for all of them, the limit is shared out evenly."""

    size: int = 56
    """Bytes of data in a request, as ping(8) counts them."""

    def __post_init__(self) -> None:
        if not 0 <= self.retries <= 100:
            raise ValueError(f"retries: expected 0 to 100, not {self.retries}")
        if self.interval <= timedelta(0):
            raise ValueError("interval: expected a duration longer than nothing")
        if not 0 <= self.size <= _LARGEST:
            raise ValueError(f"size: expected 0 to {_LARGEST} bytes, not {self.size}")

    def echo(self, *, timeout: float) -> Echo:
        """Say how the hosts are to be pinged within `timeout` seconds."""
        interval = self.interval.total_seconds()
        wanted = interval * (self.retries + 1)
        if wanted > timeout:
            return Echo(timeout=timeout, retries=self.retries, size=self.size)
        return Echo(
            timeout=wanted, retries=self.retries, interval=interval, size=self.size
        )
