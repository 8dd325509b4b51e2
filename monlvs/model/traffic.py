"""What IPVS counts, and the connections that it remembers, as values."""

from dataclasses import dataclass
from datetime import timedelta

from monlvs.model.values import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Counts since the entry was made or set to zero, and rates of the last seconds.

    The kernel brings them up to date every two seconds.
    """

    connections: int = 0
    packets_in: int = 0
    packets_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    connections_a_second: int = 0
    packets_in_a_second: int = 0
    packets_out_a_second: int = 0
    bytes_in_a_second: int = 0
    bytes_out_a_second: int = 0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address and a port, 0 where any is meant."""

    address: Address
    port: int

    def __str__(self) -> str:
        """Write it as ipvsadm does."""
        host = f"[{self.address}]" if self.address.version == 6 else str(self.address)
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A connection, or the template that keeps a persistent client's."""

    protocol: str
    """TCP, UDP, SCTP, or IP for a template of every protocol."""
    client: Endpoint
    virtual: Endpoint
    """The VIP; for a template of a firewall mark, the mark as an address."""
    server: Endpoint
    state: str
    expires: timedelta
    """How long it is still remembered when it stays idle."""
    engine: str | None = None
    """Persistence engine, and what it tells the connection by."""
    engine_data: str | None = None
