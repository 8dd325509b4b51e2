"""The networks that a machine is in: its devices, their addresses, its routes."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network

from monlvs.director.machine.settings import Route
from monlvs.model.machine import Interface, Network
from monlvs.model.values import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A network device."""

    name: str
    up: bool = True
    loopback: bool = False
    arp: bool = True
    """It answers for addresses: neither the loopback nor a tunnel does."""
    mtu: int = 0
    addresses: tuple[Interface, ...] = ()
    hears_routers: bool = False
    """It has IPv6 routes from a router's advertisements, or is to have them even where
    the machine forwards (`accept_ra` 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a look at the machine found; empty: nobody has looked."""

    devices: tuple[Device, ...] = ()
    routes: tuple[Route, ...] = ()
    """Of the main table, the most wanted first."""

    def device(self, name: str) -> Device | None:
        """Return the device of this name."""
        return next((each for each in self.devices if each.name == name), None)

    def holder(self, address: Address) -> Device | None:
        """Return the device that has `address`."""
        return next(
            (
                device
                for device, interface in self._addresses()
                if interface.ip == address
            ),
            None,
        )

    def network(self, address: Address) -> tuple[Device, Interface] | None:
        """Return the device and own address in the network that `address` is in.

        Of several the smallest network; an address of the machine itself has none
        but that of its own prefix, and a single address is no network.
        """
        found = [
            (interface.network.prefixlen, device, interface)
            for device, interface in self._addresses()
            if not device.loopback
            and address in interface.network
            and interface.network.num_addresses > 1
        ]
        if not found:
            return None
        _, device, interface = max(found, key=lambda each: each[0])
        return device, interface

    def route(self, address: Address) -> Route | None:
        """Return the route of the main table that `address` is reached by."""
        found: Route | None = None
        for each in self.routes:
            if address in each.to and (
                found is None or each.to.prefixlen > found.to.prefixlen
            ):
                found = each
        return found

    def towards(self, address: Address) -> str | None:
        """Return the device by which `address` is reached, or would be."""
        near = self.network(address)
        if near is not None:
            return near[0].name
        route = self.route(address)
        return None if route is None else route.device

    def network_or_host(self, address: Address) -> Network:
        """Return the network that the machine shares with `address`, or it alone."""
        near = self.network(address)
        return near[1].network if near else ip_network(address)

    def _addresses(self) -> Iterator[tuple[Device, Interface]]:
        for device in self.devices:
            for interface in device.addresses:
                yield device, interface
