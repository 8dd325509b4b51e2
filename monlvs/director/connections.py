"""The connections that IPVS remembers: /proc/net/ip_vs_conn as values, and in print.

The file is of the network namespace of who reads it. Netlink does not tell connections.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from ipaddress import IPv4Address, ip_address
from typing import Any, Final

from monlvs.director import spelling
from monlvs.model.traffic import Connection, Endpoint
from monlvs.model.values import Address

PATH: Final = "/proc/net/ip_vs_conn"
_FIELDS: Final = 9
_HEADINGS: Final = (
    "pro expire state       source             virtual            destination"
)


def parse(text: str) -> tuple[Connection, ...]:
    """Read the whole file, in its order.

    Raises ValueError, naming the line, for what `ip_vs_conn_seq_show` does not write.
    """
    found: list[Connection] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0] == "Pro":
            continue
        try:
            found.append(_connection(words))
        except (ValueError, OverflowError):
            raise ValueError(f"{PATH}:{number}: not a connection: {line!r}") from None
    return tuple(found)


def _connection(words: Sequence[str]) -> Connection:
    if len(words) < _FIELDS:
        raise ValueError("fields are missing")
    protocol, *ends, state, seconds = words[:_FIELDS]
    client, virtual, server = (_endpoint(*ends[at : at + 2]) for at in (0, 2, 4))
    return Connection(
        protocol=protocol,
        client=client,
        virtual=virtual,
        server=server,
        state=state,
        expires=timedelta(seconds=int(seconds)),
        engine=words[_FIELDS] if len(words) > _FIELDS else None,
        engine_data=" ".join(words[_FIELDS + 1 :]) or None,
    )


def _endpoint(address: str, port: str) -> Endpoint:
    read: Address = (
        ip_address(address) if ":" in address else IPv4Address(int(address, 16))
    )
    return Endpoint(read, int(port, 16))


def show(connections: Iterable[Connection], *, engines: bool = False) -> str:
    """Print them as `ipvsadm -Lcn` does; with `engines`, as --persistent-conn does."""
    more = "        pe name          pe_data" if engines else ""
    lines = ["IPVS connection entries", _HEADINGS + more]
    for each in connections:
        minutes, seconds = divmod(int(each.expires.total_seconds()), 60)
        client, virtual, server = (
            spelling.endpoint(end.address, end.port)
            for end in (each.client, each.virtual, each.server)
        )
        line = (
            f"{each.protocol:<3} {f'{minutes:02d}:{seconds:02d}':<6} {each.state:<11} "
            f"{client:<18} {virtual:<18} "
        )
        if engines and each.engine is not None:
            line += f"{server:<16} {each.engine:<18} {each.engine_data or ''}"
        else:
            line += server
        lines.append(line)
    return "\n".join(lines) + "\n"


def summarise(
    connections: Iterable[Connection],
) -> Mapping[tuple[str, Endpoint, Endpoint], Mapping[str, int]]:
    """Count by state, for each protocol, virtual service and real server."""
    counted: dict[tuple[str, Endpoint, Endpoint], Counter[str]] = {}
    for each in connections:
        key = each.protocol, each.virtual, each.server
        counted.setdefault(key, Counter())[each.state] += 1
    return counted


def show_summary(connections: Iterable[Connection]) -> str:
    """Print the counts, a line for each virtual service and real server."""
    lines = []
    for (protocol, virtual, server), states in summarise(connections).items():
        told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        lines.append(f"{protocol:<4} {virtual!s:<28} -> {server!s:<28} {told}")
    return "\n".join([*sorted(lines), ""])


def summary_to_plain(connections: Iterable[Connection]) -> list[dict[str, Any]]:
    """Tell the counts as lists, dicts and scalars."""
    return [
        {
            "protocol": protocol.lower(),
            "virtual": _plain(virtual),
            "server": _plain(server),
            "states": dict(states),
        }
        for (protocol, virtual, server), states in summarise(connections).items()
    ]


def to_plain(connections: Iterable[Connection]) -> list[dict[str, Any]]:
    """Tell them as lists, dicts and scalars; times are seconds."""
    return [
        {
            "protocol": each.protocol.lower(),
            "client": _plain(each.client),
            "virtual": _plain(each.virtual),
            "server": _plain(each.server),
            "state": each.state,
            "expires": int(each.expires.total_seconds()),
            "persistence_engine": each.engine,
            "persistence_data": each.engine_data,
        }
        for each in connections
    ]


def _plain(end: Endpoint) -> dict[str, Any]:
    return {"address": str(end.address), "port": end.port}
