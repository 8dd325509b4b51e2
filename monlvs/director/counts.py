"""What IPVS has counted, as `ipvsadm -Ln --stats` and `--rate` print it."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, Final

from monlvs.director import plain, spelling
from monlvs.director.codec import Info
from monlvs.director.order import sorted_keys, sorted_servers
from monlvs.director.show import KERNEL, key_name
from monlvs.director.table import TrafficReading
from monlvs.model.traffic import Traffic

_SCALES: Final = (
    (100_000_000, 1, ""),
    (1_000_000_000, 1_000, "K"),
    (100_000_000_000, 1_000_000, "M"),
    (100_000_000_000_000, 1_000_000_000, "G"),
)


def show_totals(
    reading: TrafficReading, info: Info = KERNEL, *, exact: bool = False
) -> str:
    """Print what was counted since the last zero; `exact` shortens no number."""
    heads = ("Conns", "InPkts", "OutPkts", "InBytes", "OutBytes")
    return _show(reading, info, heads, _totals, exact=exact)


def show_rates(
    reading: TrafficReading, info: Info = KERNEL, *, exact: bool = False
) -> str:
    """Print the rates of the last seconds; `exact` shortens no number."""
    heads = ("CPS", "InPPS", "OutPPS", "InBPS", "OutBPS")
    return _show(reading, info, heads, _rates, exact=exact)


def to_plain(reading: TrafficReading) -> list[dict[str, Any]]:
    """Tell all of it as lists, dicts and scalars, in the order of print."""
    return [
        {
            **plain.key_to_plain(key),
            **asdict(reading[key][0]),
            "servers": [
                {**plain.server_to_plain(server), **asdict(reading[key][1][server])}
                for server in sorted_servers(reading[key][1])
            ],
        }
        for key in sorted_keys(reading)
    ]


def _totals(traffic: Traffic) -> tuple[int, ...]:
    return (
        traffic.connections,
        traffic.packets_in,
        traffic.packets_out,
        traffic.bytes_in,
        traffic.bytes_out,
    )


def _rates(traffic: Traffic) -> tuple[int, ...]:
    return (
        traffic.connections_a_second,
        traffic.packets_in_a_second,
        traffic.packets_out_a_second,
        traffic.bytes_in_a_second,
        traffic.bytes_out_a_second,
    )


def _show(
    reading: TrafficReading,
    info: Info,
    heads: tuple[str, ...],
    numbers: Callable[[Traffic], tuple[int, ...]],
    *,
    exact: bool,
) -> str:
    def row(name: str, traffic: Traffic) -> str:
        return name + "".join(_number(n, exact=exact) for n in numbers(traffic))

    def lines() -> Iterator[str]:
        version = ".".join(map(str, info.version))
        yield f"IP Virtual Server version {version} (size={info.connection_table})"
        yield f"{'Prot LocalAddress:Port':<33}" + "".join(f" {h:>8}" for h in heads)
        yield "  -> RemoteAddress:Port"
        for key in sorted_keys(reading):
            own, servers = reading[key]
            yield row(f"{key_name(key):<33}", own)
            for server in sorted_servers(servers):
                name = spelling.endpoint(server.address, server.port)
                yield row(f"  -> {name:<28}", servers[server])

    return "\n".join(lines()) + "\n"


def _number(value: int, *, exact: bool) -> str:
    if exact:
        return f" {value:>8}"
    for limit, unit, letter in _SCALES:
        if value < limit:
            return f"{value // unit:>{9 - len(letter)}}{letter}"
    return f"{value // 1_000_000_000_000:>8}T"
