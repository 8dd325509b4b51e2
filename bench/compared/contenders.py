"""Who is compared: how each is configured, started and told to read its file again.

Same virtual service, same servers, same checks: a page every two seconds, one second for
it, the first failure counts. What is not stated is each program's default.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.peers import keepalived

INTERVAL = 2.0
"""Seconds between checks; ldirectord and keepalived wait as long after each."""
TIMEOUT = 1.0
"""Seconds for a check; ldirectord takes whole ones."""
PORT = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A program that keeps a director's table."""

    name: str
    file: str
    """The name of its configuration."""
    text: Callable[[str, Sequence[str], Path], str]
    """Spell a configuration: the VIP, the servers, a folder for what it keeps."""
    command: Callable[[str, Path, Path], list[str]]
    """Start it in the foreground: the interpreter of Python, its file, its folder."""
    needs: tuple[str, ...] = ()
    """Commands that the machine has to have; also the names of Debian's packages."""


def _monlvs_text(vip: str, servers: Sequence[str], folder: Path) -> str:
    listed = ", ".join(f'"{server}"' for server in servers)
    return f"""\
[settings]
state_dir = "{folder}/state"

[defaults]
interval = "{INTERVAL:g}s"
timeout = "{TIMEOUT:g}s"

[[lvs]]
name = "http"
vip = "{vip}:{PORT}"
kind = "nat"
scheduler = "rr"
servers = [{listed}]
check = "http"
"""


def _monlvs_command(python: str, file: Path, _folder: Path) -> list[str]:
    return [python, "-m", "monlvs", "daemon", "-c", str(file)]


def _keepalived_text(vip: str, servers: Sequence[str], _folder: Path) -> str:
    reals = "".join(
        f"""\
    real_server {server} {PORT} {{
        weight 1
        HTTP_GET {{
            url {{
                path /
                status_code 200
            }}
            connect_timeout {TIMEOUT:g}
            retry 0
            delay_before_retry {INTERVAL:g}
        }}
    }}
"""
        for server in servers
    )
    return f"""\
global_defs {{
    router_id lab
}}
virtual_server {vip} {PORT} {{
    delay_loop {INTERVAL:g}
    lb_algo rr
    lb_kind NAT
    protocol TCP
{reals}}}
"""


def _keepalived_command(_python: str, file: Path, folder: Path) -> list[str]:
    return keepalived.command(file, folder)


def _ldirectord_text(vip: str, servers: Sequence[str], _folder: Path) -> str:
    reals = "".join(f"\treal = {server}:{PORT} masq 1\n" for server in servers)
    return f"""\
checkinterval = {INTERVAL:g}
checktimeout = {TIMEOUT:g}
negotiatetimeout = {TIMEOUT:g}
virtual = {vip}:{PORT}
{reals}\tservice = http
\tchecktype = negotiate
\trequest = "/"
\tscheduler = rr
\tprotocol = tcp
"""


def _ldirectord_command(_python: str, file: Path, _folder: Path) -> list[str]:
    return ["ldirectord", "-d", str(file), "start"]


OURS = "monlvs"

CONTENDERS = (
    Contender(
        name=OURS,
        file="mon_lvs.toml",
        text=_monlvs_text,
        command=_monlvs_command,
    ),
    Contender(
        name="keepalived",
        file="keepalived.conf",
        text=_keepalived_text,
        command=_keepalived_command,
        needs=("keepalived",),
    ),
    Contender(
        name="ldirectord",
        file="ldirectord.cf",
        text=_ldirectord_text,
        command=_ldirectord_command,
        needs=("ldirectord", "ipvsadm"),
    ),
)


def broken(text: str) -> str:
    """Return a configuration as an editor leaves it that ran out of disk space.

    It ends in the middle of what is said of the second server.
    """
    second = text.index("10.1.1.3")
    return text[: second + len("10.1.1")]
