"""The six scripts: which a configuration needs, and what is in each. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from monlvs.director.machine.director_side import director_settings
from monlvs.director.machine.roles import Role, roles_of, servers_of, vips_of
from monlvs.director.machine.server_side import server_settings
from monlvs.director.machine.settings import DeviceAddress
from monlvs.director.scripts.calls import calls, table_calls
from monlvs.director.scripts.kinds import Kind
from monlvs.model.config import Config
from monlvs.model.lvs import Table
from monlvs.model.values import Address

MARK: Final = "# Written by monlvs from "
"""Begins a line of every script: what has it may be written anew."""

_FUNCTION: Final = re.compile(
    r"(?:^#[^\n]*\n)*^(\w+)\(\) \{(?:[^\n]*\}|\n.*?^\})\n", re.MULTILINE | re.DOTALL
)
_ENDING: Final = ("say", "complain", "remember", "make", "undo_all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A script, ready to run."""

    name: str
    text: str
    remarks: tuple[str, ...] = ()
    """What whoever runs it has to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a configuration has of one kind."""

    kind: Kind
    config: Config
    table: Table
    gateways: Mapping[Address, Address]
    """Of VS-NAT's real servers, as far as they are known."""


def scripts(part: Part, source: str) -> tuple[Script, ...]:
    """Write the director's script and, where the kind has real servers, theirs.

    `source` is what the configuration is called, for people.
    """
    roles = roles_of(part.config)
    made = [_director(part, roles, source)]
    if roles:
        made.append(_server(part, roles, source))
    return tuple(made)


def _director(part: Part, roles: Sequence[Role], source: str) -> Script:
    settings = director_settings(part.config)
    vips = [e for e in settings if isinstance(e, DeviceAddress) and e.virtual]
    others = [each for each in settings if each not in vips]
    body = [
        *calls(others),
        *_no_redirects(part, roles),
        *table_calls(part.table),
        "# Clients come with the VIP: it is last, when everything behind it stands.",
        *calls(vips),
        "ipvsadm -Ln",
    ]
    name = f"rc.ipvs_{part.kind}director"
    about = [f"the director of {part.kind.told} (LVS-HOWTO {_SECTION[part.kind]})."]
    text = script_text(name, about, source, body)
    return Script(name=name, text=text)


def _no_redirects(part: Part, roles: Sequence[Role]) -> Iterator[str]:
    machine = part.config.machine
    if part.kind is not Kind.NAT or (machine is not None and not machine.sysctls):
        return
    for vip in vips_of(roles):
        servers = [str(r.server) for r in roles if r.vip == vip and r.server.version == 4]  # fmt: skip
        if vip.version == 4 and servers:
            yield f"no_redirects {vip} {' '.join(dict.fromkeys(servers))}"


def _server(part: Part, roles: Sequence[Role], source: str) -> Script:
    wanted = {
        address: server_settings(
            [role for role in roles if role.server == address], gateways=part.gateways
        )
        for address in servers_of(roles)
    }
    blocks: dict[tuple[str, ...], list[Address]] = {}
    for address, each in wanted.items():
        lines = (*calls(each.settings, hidden=True), *_gateway(part, address))
        blocks.setdefault(lines, []).append(address)
    everybody = " ".join(map(str, wanted))
    body = ["found=''", "for address in $(own_addresses); do", "    case $address in"]
    for lines, addresses in blocks.items():
        body += [
            f"        {' | '.join(map(str, addresses))})",
            "            found=$address",
            *(f"            {line}" for line in lines),
            "            ;;",
        ]
    body += [
        "    esac",
        "done",
        'if [ -z "$found" ]; then',
        "    complain 'nothing to do: this machine has no address of a real server of "
        f"{part.kind.told} ({everybody})'",
        "fi",
    ]
    name = f"rc.ipvs_{part.kind}server"
    about = [f"a real server of {part.kind.told} (LVS-HOWTO {_SECTION[part.kind]}).",
             *_SERVERS[part.kind]]  # fmt: skip
    text = script_text(name, about, source, body)
    remarks = [words for each in wanted.values() for words in each.remarks]
    if part.kind is not Kind.NAT:
        remarks += [words for each in wanted.values() for words in each.obstacles]
    elif missing := [address for address in wanted if address not in part.gateways]:
        remarks.append(
            f"the director's address in the network of {', '.join(map(str, missing))} is "
            'not known: expected gateway = ["ADDRESS"] in [machine], or '
            f"{_variable(missing[0])}=ADDRESS in the environment of the script"
        )
    return Script(name=name, text=text, remarks=tuple(dict.fromkeys(remarks)))


_SECTION: Final = {Kind.NAT: "7", Kind.TUN: "8", Kind.DR: "9"}
_SERVERS: Final = {
    Kind.NAT: (
        "Its answers go back by the director, which gives them the VIP as their source:",
        "the director is the default gateway.",
    ),
    Kind.TUN: (
        "It takes the clients' packets out of the tunnel and answers them directly, as",
        "the VIP. The VIP is on a device that nobody is told of. Make sure that it has a",
        "route to the clients. They are asked for segments that fit into the tunnel on a",
        "wire that carries 1500 bytes: WIRE_MTU=BYTES in the environment says otherwise.",
    ),
    Kind.DR: (
        "It answers the clients directly, as the VIP. All machines are on the same piece",
        "of wire, and the director alone may answer when others ask who has the VIP.",
    ),
}


def _gateway(part: Part, address: Address) -> Iterator[str]:
    """Ask whoever runs the script for a gateway that is not known here."""
    if part.kind is not Kind.NAT or address in part.gateways:
        return
    name = _variable(address)
    yield f': "${{{name}:?expected {name}=ADDRESS: the director, as real servers see it}}"'
    yield f'have_route -{address.version} default "via ${name}"'


def _variable(address: Address) -> str:
    return "GATEWAY6" if address.version == 6 else "GATEWAY"


def script_text(
    name: str, about: Sequence[str], source: str, body: Sequence[str]
) -> str:
    """Put a script together: `about` says what it is for, `body` is what `start` does."""
    start = ["start() {", *(f"    {line}" if line else "" for line in body), "}"]
    head = [
        "#!/bin/sh",
        "### BEGIN INIT INFO",
        f"# Provides: {name}",
        "# Required-Start: $network $remote_fs",
        "# Required-Stop: $network $remote_fs",
        "# Default-Start: 2 3 4 5",
        "# Default-Stop: 0 1 6",
        f"# Short-Description: {about[0]}",
        "### END INIT INFO",
        "#",
        f"# {name}: {about[0]}",
        *(f"# {line}" for line in about[1:]),
        "#",
        f"{MARK}{source!a}; it needs no monlvs to run.",
        f"#     sh {name} start    changes only what is not so yet",
        f"#     sh {name} stop     puts back what was there before",
        "# Exit status: 0 done, 1 something was refused, 2 a wrong command line.",
        "set -u",
        "cd / || exit 1",
        f"NAME={name}",
        "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin",
        "LC_ALL=C",
        "export PATH LC_ALL",
        "",
    ]
    tail = [
        "",
        'case "${1:-}" in',
        "    start)",
        '        mkdir -p "$MEMORY" && : >>"$MEMORY/$NAME" || exit 1',
        "        say start",
        "        start",
        "        ;;",
        "    stop)",
        "        say stop",
        "        undo_all",
        "        ;;",
        "    *)",
        '        echo "usage: $0 start|stop" >&2',
        "        exit 2",
        "        ;;",
        "esac",
        'exit "$FAILED"',
        "",
    ]
    used = "\n".join([*start, *_ENDING])
    return "\n".join([*head, _functions(used), *start, *tail])


def _functions(text: str) -> str:
    """Return the functions that `text` calls, and those that these call, as they are
    in the file."""
    source = (files(__package__) / "functions.sh").read_text("utf-8")
    pieces = {found[1]: found[0] for found in _FUNCTION.finditer(source)}
    needed: set[str] = set()
    waiting = set(_words(text))
    while waiting:
        name = waiting.pop()
        if name in pieces and name not in needed:
            needed.add(name)
            waiting |= _words(pieces[name])
    first = source[: source.index("\n\n")]
    kept = [piece.strip("\n") for name, piece in pieces.items() if name in needed]
    return "\n\n".join([first, *kept]) + "\n"


def _words(text: str) -> set[str]:
    code = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return set(re.findall(r"\w+", "\n".join(code)))
