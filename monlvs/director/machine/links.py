"""Devices, addresses and routes of this machine (network namespace), through pyroute2.

Everything blocks, and imports pyroute2 (0.15 s): a daemon calls it in a worker thread.
What the kernel refuses raises OSError.
"""

import contextlib
import errno
import os
from collections.abc import Collection, Iterator
from ipaddress import ip_address, ip_interface, ip_network
from typing import Any, Final

from monlvs.director.machine import sysctls
from monlvs.director.machine.settings import DeviceAddress, Route, sysctl_device
from monlvs.director.machine.surroundings import Device, Surroundings

# linux/if.h, if_addr.h, rtnetlink.h
_IFF_UP: Final = 0x1
_IFF_LOOPBACK: Final = 0x8
_IFF_NOARP: Final = 0x80
_IFA_F_NODAD: Final = 0x02
_RT_TABLE_MAIN: Final = 254
_RTN_UNICAST: Final = 1
_RTPROT_RA: Final = 9
_EVEN_FORWARDING: Final = "2"  # ip-sysctl, accept_ra
_FOREVER: Final = 0xFFFFFFFF
_ANYWHERE: Final = {2: "0.0.0.0/0", 10: "::/0"}


def look_around() -> Surroundings:
    """Read devices, their addresses, and the routes of the main table."""
    with _open() as kernel:
        names = {
            link["index"]: link.get_attr("IFLA_IFNAME") for link in kernel.get_links()
        }
        addresses: dict[int, list[Any]] = {index: [] for index in names}
        for each in kernel.get_addr():
            # Of a line between two, IFA_ADDRESS is the other end's.
            own = each.get_attr("IFA_LOCAL") or each.get_attr("IFA_ADDRESS")
            addresses.setdefault(each["index"], []).append(
                ip_interface(f"{own}/{each['prefixlen']}")
            )
        routes = [
            (route.get_attr("RTA_PRIORITY") or 0, _route(route, names))
            for route in kernel.get_routes()
            if route.get_attr("RTA_TABLE", route["table"]) == _RT_TABLE_MAIN
            and route["type"] == _RTN_UNICAST
        ]
        told = {route.device for _, route in routes if route.because}
        devices = tuple(
            Device(
                name=names[link["index"]],
                up=bool(link["flags"] & _IFF_UP),
                loopback=bool(link["flags"] & _IFF_LOOPBACK),
                arp=not link["flags"] & (_IFF_NOARP | _IFF_LOOPBACK),
                mtu=link.get_attr("IFLA_MTU") or 0,
                addresses=tuple(addresses[link["index"]]),
                hears_routers=_hears_routers(names[link["index"]], told),
            )
            for link in kernel.get_links()
            if link["index"] in names
        )
    routes.sort(key=lambda each: each[0])
    return Surroundings(devices=devices, routes=tuple(route for _, route in routes))


def add_address(setting: DeviceAddress) -> None:
    """Give the address to its device. Raises OSError: EEXIST when it has it."""
    with _open() as kernel:
        kernel.addr("add", **_address(kernel, setting), **_lifetime(setting))


def delete_address(setting: DeviceAddress) -> None:
    """Take the address from its device. Raises OSError: EADDRNOTAVAIL without it."""
    with _open() as kernel:
        kernel.addr("del", **_address(kernel, setting))


def set_link(device: str, *, up: bool) -> None:
    """Set a device up or down."""
    with _open() as kernel:
        kernel.link("set", index=_index(kernel, device), state="up" if up else "down")


def put_route(route: Route) -> None:
    """Make the route, in the place of one to the same network."""
    with _open() as kernel:
        kernel.route("replace", **_spelled(kernel, route))


def delete_route(route: Route) -> None:
    """Delete the route. Raises OSError: ESRCH without it."""
    with _open() as kernel:
        kernel.route("del", **_spelled(kernel, route))


@contextlib.contextmanager
def _open() -> Iterator[Any]:
    from pyroute2 import IPRoute
    from pyroute2.netlink.exceptions import NetlinkError

    try:
        with IPRoute() as kernel:
            yield kernel
    except NetlinkError as error:  # an Exception of its own, with the kernel's number
        raise OSError(error.code, os.strerror(error.code)) from error


def _index(kernel: Any, device: str) -> int:
    found = kernel.link_lookup(ifname=device)
    if not found:
        raise OSError(errno.ENODEV, f"there is no device {device}")
    return int(found[0])


def _address(kernel: Any, setting: DeviceAddress) -> dict[str, Any]:
    assert setting.device is not None
    return {
        "index": _index(kernel, setting.device),
        "address": str(setting.interface.ip),
        "prefixlen": setting.interface.network.prefixlen,
        "family": 2 if setting.interface.version == 4 else 10,
    }


def _lifetime(setting: DeviceAddress) -> dict[str, Any]:
    """As `commands` spells it: nobody is asked, and a VIP is no source."""
    if setting.interface.version == 4:
        return {}
    life = {"preferred": 0, "valid": _FOREVER} if setting.virtual else {}
    return {"flags": _IFA_F_NODAD, **life}


def _route(message: Any, names: dict[int, str]) -> Route:
    to = message.get_attr("RTA_DST")
    via = message.get_attr("RTA_GATEWAY")
    hops = message.get_attr("RTA_MULTIPATH") or [None]
    index = message.get_attr("RTA_OIF") or (hops[0] and hops[0]["oif"])
    return Route(
        to=ip_network(
            f"{to}/{message['dst_len']}" if to else _ANYWHERE[message["family"]]
        ),
        via=ip_address(via) if via else None,
        device=names.get(index),
        because="told by a router" if message["proto"] == _RTPROT_RA else "",
    )


def _hears_routers(device: str, told: Collection[str | None]) -> bool:
    name = f"net.ipv6.conf.{sysctl_device(device)}.accept_ra"
    return device in told or sysctls.read_all([name]).get(name) == _EVEN_FORWARDING


def _spelled(kernel: Any, route: Route) -> dict[str, Any]:
    told: dict[str, Any] = {
        "dst": str(route.to),
        "family": 2 if route.to.version == 4 else 10,
    }
    if route.via is not None:
        told["gateway"] = str(route.via)
    if route.device is not None:
        told["oif"] = _index(kernel, route.device)
    return told
