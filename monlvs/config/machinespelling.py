"""The shape of `[machine]` in mon_lvs.toml; see `spelling`."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_interface, ip_network
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import BeforeValidator, ConfigDict, WithJsonSchema

from monlvs.config import scalars
from monlvs.config.notation import STRICT, AnyAddress, Reads, listed
from monlvs.model.machine import Interface, Network

_TEXT = {"type": "string"}
# linux/if.h, IFNAMSIZ; net/core/dev.c, dev_valid_name.
_DEVICE = re.compile(r"(?!\.{1,2}$)[^\s/:\0]{1,15}")
_VARIABLE = re.compile(r"net\.[A-Za-z0-9_./@-]+")


def device(value: Any) -> str:
    """Read the name of a network device."""
    if isinstance(value, str) and _DEVICE.fullmatch(value):
        return value
    raise ValueError(
        f"expected a network device such as eth0, not {scalars.shown(value)}"
    )


def interface(value: Any) -> Interface:
    """Read ADDRESS/PREFIX, or an address that is alone in its network."""
    try:
        if isinstance(value, str):
            return ip_interface(value)
    except ValueError:
        pass
    raise ValueError(
        "expected an address with the prefix of its network such as 10.1.1.1/24, not "
        f"{scalars.shown(value)}"
    )


def network(value: Any) -> Network:
    """Read a network; `default` is 0.0.0.0/0."""
    try:
        if isinstance(value, str):
            return ip_network("0.0.0.0/0" if value == "default" else value)
    except ValueError:
        pass
    raise ValueError(
        f"expected a network such as 10.1.1.0/24, not {scalars.shown(value)}"
    )


def masquerade(value: Any) -> tuple[Network, ...] | None:
    """Read true (None), false (nothing) or networks."""
    if isinstance(value, bool):
        return None if value else ()
    if isinstance(value, list):
        return tuple(map(network, value))
    raise ValueError(
        "expected true, false or a list of networks such as 10.1.1.0/24, not "
        f"{scalars.shown(value)}"
    )


def variables(value: Any) -> dict[str, str]:
    """Read variables of the network by name, with a number or text as value."""
    if isinstance(value, dict):
        return {_variable(name): _value(each) for name, each in value.items()}
    raise ValueError(
        'expected a table such as { "net.ipv4.vs.sloppy_tcp" = 1 }, not '
        f"{scalars.shown(value)}"
    )


def _variable(name: str) -> str:
    if _VARIABLE.fullmatch(name) and ".." not in name and "//" not in name:
        return name
    raise ValueError(
        "expected variables in quotes, of the network as sysctl(8) has them, such as "
        f'"net.ipv4.vs.sloppy_tcp", not {scalars.shown(name)}'
    )


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str) and value.isprintable() and value.strip():
        return " ".join(value.split())
    raise ValueError(f"expected a number or text, not {scalars.shown(value)}")


DeviceName: TypeAlias = Annotated[str, Reads(device, _TEXT)]
AnyInterface: TypeAlias = Annotated[Interface, Reads(interface, _TEXT)]
AnyNetwork: TypeAlias = Annotated[Network, Reads(network, _TEXT)]
_NETWORKS = {"type": "array", "items": _TEXT}
Masqueraded: TypeAlias = Annotated[
    tuple[Network, ...] | None,
    Reads(masquerade, {"anyOf": [{"type": "boolean"}, _NETWORKS]}),
]
Variables: TypeAlias = Annotated[
    dict[str, str],
    Reads(
        variables,
        {
            "type": "object",
            "additionalProperties": {"type": ["integer", "boolean", "string"]},
        },
    ),
]


@dataclass(frozen=True, kw_only=True)
class OwnAddressTable:
    """An address that the director is to have."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    address: AnyInterface
    """The address with the prefix of its network: "10.1.1.1/24"."""
    device: DeviceName
    """The network device that has it."""


@dataclass(frozen=True, kw_only=True)
class OwnRouteTable:
    """A route that the director is to have."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    to: AnyNetwork
    """The network that it leads to, or "default"."""
    via: AnyAddress | None = None
    """The router."""
    device: DeviceName | None = None
    """The network device."""


@dataclass(frozen=True, kw_only=True)
class MachineTable:
    """The machine around the table. With this table `director apply` sees to it, too:
    VIPs, forwarding, the kernel's variables, modules, routes, translation."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    vips: bool = True
    """Give the VIPs to a device; false where another program moves them."""
    device: DeviceName | None = None
    """The VIPs' network device; the one whose network a VIP is in unless set."""
    addresses: list[OwnAddressTable] = field(default_factory=list)
    """Further addresses of the director; a VIP among them gets this device and prefix."""
    gateway: Annotated[
        list[AnyAddress],
        BeforeValidator(listed),
        WithJsonSchema({"anyOf": [_TEXT, _NETWORKS]}),
    ] = field(default_factory=list)
    """What VS-NAT's real servers have as their default gateway, one address for each
    family; unless set, the director's own in their network."""
    routes: list[OwnRouteTable] = field(default_factory=list)
    """Routes of the director."""
    masquerade: Masqueraded = None
    """Translate what VS-NAT's real servers themselves send to the outside: true (those
    with private addresses), false, or a list of networks."""
    sysctls: bool = True
    """Set the kernel's variables that the kinds of LVS need, and the policies below."""
    modules: bool = True
    """Load the kernel modules that the virtual services need."""
    expire_nodest_conn: bool = True
    """End the connections of a real server that was taken out; false: they hang until
    it is back."""
    expire_quiescent_template: bool = True
    """A real server of weight 0 loses its persistent clients, too."""
    conn_reuse_mode: Literal[0, 1, 2, 3] = 1
    """Whether a client's port that comes again is scheduled anew (ipvs-sysctl)."""
    sysctl: Variables = field(default_factory=dict)
    """Further variables of the network by name; they go before all that sets them."""
    keep: bool = False
    """The daemon looks after all this as it does after the table."""
