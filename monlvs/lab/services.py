"""What runs on the hosts of a lab: web and telnet servers, and how they start."""

from dataclasses import dataclass
from pathlib import Path

from monlvs.lab.topology import DIRECTOR, Kind, Topology

# A state of /proc/net/tcp: TCP_LISTEN (include/net/tcp_states.h).
LISTENING = "0A"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A server program on a host, known by its name there."""

    host: str
    name: str
    port: int
    argv: tuple[str, ...]


def services_of(topology: Topology, folder: Path) -> tuple[Service, ...]:
    """Return the services of a cluster; web pages are expected by `web_root`."""
    hosts = [server.host for server in topology.servers]
    if topology.local:
        hosts.append(DIRECTOR)
    extra = (8080,) if topology.kind is Kind.NAT else ()
    return tuple(
        service
        for host in hosts
        for service in (
            _httpd(host, 80, folder),
            *(_httpd(host, port, folder) for port in extra),
            _telnetd(host),
        )
    )


def web_root(folder: Path, host: str) -> Path:
    """Return the folder whose files the host's web servers show."""
    return folder / "www" / host


def listening_script(ports: list[int]) -> str:
    """Return a script that ends when every one of `ports` is listened on."""
    waits = (
        f"until grep -q '^ *[0-9]*: [0-9A-F]*:{port:04X} [0-9A-F:]* {LISTENING} '"
        " /proc/net/tcp /proc/net/tcp6; do sleep 0.01; done"
        for port in ports
    )
    return "\n".join(waits)


def _httpd(host: str, port: int, folder: Path) -> Service:
    return Service(
        host=host,
        name="httpd" if port == 80 else f"httpd-{port}",
        port=port,
        argv=(
            *("busybox", "httpd", "-f", "-p", str(port)),
            *("-h", str(web_root(folder, host))),
        ),
    )


def _telnetd(host: str) -> Service:
    argv = ("busybox", "telnetd", "-F", "-p", "23", "-l", "/bin/login")
    return Service(host=host, name="telnetd", port=23, argv=argv)
