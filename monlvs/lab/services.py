"""What runs on the hosts of a lab: web and telnet servers, and how they start."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from monlvs.lab.inside import program
from monlvs.lab.topology import DIRECTOR, Kind, Topology

# Made by init.sh. To get as far as its prompt takes /bin/login four times as long.
LOGIN = "/run/bin/login"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A server program on a host, known by its name there.

    `start` is the verb that the warden is asked to start it by, `details` what it
    needs besides the host and the name of a log.
    """

    host: str
    name: str
    ports: tuple[int, ...]
    start: str
    details: Mapping[str, object]


def services_of(topology: Topology, folder: Path) -> tuple[Service, ...]:
    """Return the services of a cluster; web pages are expected by `web_root`."""
    hosts = [server.host for server in topology.servers]
    if topology.local:
        hosts.append(DIRECTOR)
    # Only translation can change the port: LVS-HOWTO 7.3 has a server on 8080.
    ports = (80, 8080) if topology.kind is Kind.NAT else (80,)
    services = [
        service
        for host in hosts
        for service in (_httpd(host, ports, folder), _telnetd(host))
    ]
    if topology.paired:  # whose change long connections are to survive
        services += map(_echod, hosts)
    return tuple(services)


def web_root(folder: Path, host: str) -> Path:
    """Return the folder whose files the host's web server shows."""
    return folder / "www" / host


def _httpd(host: str, ports: tuple[int, ...], folder: Path) -> Service:
    return Service(
        host=host,
        name="httpd",
        ports=ports,
        start="fork",
        details={
            "program": str(program("httpd.py")),
            "arguments": [str(web_root(folder, host)), *map(str, ports)],
        },
    )


def _telnetd(host: str) -> Service:
    argv = ["busybox", "telnetd", "-F", "-p", "23", "-l", LOGIN]
    return Service(
        host=host, name="telnetd", ports=(23,), start="start", details={"argv": argv}
    )


def _echod(host: str) -> Service:
    return Service(
        host=host,
        name="echod",
        ports=(7,),
        start="fork",
        details={"program": str(program("echod.py")), "arguments": [host, "7"]},
    )
