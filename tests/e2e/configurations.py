"""What the daemon is told in these tests, spelled as an administrator would."""

from collections.abc import Iterable

from monlvs.lab import Kind
from monlvs.lab.topology import RealServer, Topology

INTERVAL = 1.0
TIMEOUT = 0.8
SLACK = 0.5
LIMIT = INTERVAL + TIMEOUT + SLACK
"""Seconds from a cable to what has to follow from it."""

MAIL = '{ name = "mail", to = ["root@client"], server = "192.168.1.5", tls = "none" }'
_WORDS = {Kind.NAT: "nat", Kind.DR: "dr", Kind.TUN: "tun", Kind.LOCALNODE: "dr"}
_LOCAL = '{ address = "127.0.0.1", forwarding = "local" }'


def general(
    state: object,
    settings: str = "",
    *,
    interval: float = INTERVAL,
    timeout: float = TIMEOUT,
) -> str:
    """Return what stands at the head of every file."""
    return f"""
[settings]
state_dir = "{state}"
{settings}
[defaults]
interval = "{interval:g}s"
timeout = "{timeout * 1000:g}ms"
upalert_first = true
"""


def log(path: object) -> str:
    """Return a line of the log alert."""
    return f'{{ name = "log", file = "{path}" }}'


def guard(virtual: str, real: str, more: str = "") -> str:
    """Return a virtualserver line, as in the HOWTO's mon_lvs.cf."""
    return f'{{ name = "virtualserver", virtual = "{virtual}", real = "{real}"{more} }}'


def group(name: str, host: str) -> str:
    """Return a host group of one server."""
    return f'[hostgroups]\n{name} = ["{host}"]\n'


def groups(servers: Iterable[RealServer]) -> str:
    """Return a host group for each server: LVS1, LVS2 and so on."""
    lines = (f'LVS{n} = ["{s.address}"]\n' for n, s in enumerate(servers, 1))
    return "".join(["[hostgroups]\n", *lines])


def service(
    group: str, name: str, alerts: Iterable[str], *, monitor: str = "", more: str = ""
) -> str:
    """Return a service of a group; its alerts are told of failures and recoveries."""
    lines = ", ".join(alerts)
    told = monitor or f'"{name}"'
    return f"""
[watch.{group}.service.{name}]
monitor = {told}
{more}
[[watch.{group}.service.{name}.period]]
alert = [{lines}]
upalert = [{lines}]
"""


def lvs(topology: Topology, check: str, port: int, more: str = "") -> str:
    """Return the short form for all servers of an LVS, the director's own too."""
    servers = [f'"{server.address}"' for server in topology.servers]
    if topology.local:
        servers.append(_LOCAL)
    return f"""
[[lvs]]
name = "{check}"
vip = "{topology.vip}:{port}"
kind = "{_WORDS[topology.kind]}"
scheduler = "rr"
servers = [{", ".join(servers)}]
check = "{check}"
{more}
"""


def mailing(topology: Topology, check: str, port: int) -> str:
    """Return the short form with mail to root at the client."""
    mail = MAIL.replace('name = "mail", ', "")
    return lvs(topology, check, port, f"mail = {mail}")
