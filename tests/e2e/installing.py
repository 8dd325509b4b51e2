"""An LVS installed by one `director apply`, and what is on its director before and after."""

import itertools
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from monlvs.lab import DIRECTOR, Lab

WARM = Path(__file__).parent / "warm.py"
_numbers = itertools.count(1)

SNAPSHOT = r"""
ip -o address | sed 's/ tentative//; s/valid_lft.*//'
ip route; ip -6 route | sed 's/ expires.*//'
ip -o link | cut -d' ' -f2,3
for table in iptables-legacy-save ip6tables-legacy-save; do $table | grep ^-A; done
ipvsadm -Sn
cd /proc/sys/net; grep -rs "" . | grep -v '^\./netfilter/' | sort
"""
"""All that a director has of an LVS. netfilter's variables come with its modules."""


class Ended(NamedTuple):
    """What a command has left."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


async def told(lab: Lab, steps: Sequence[str | list[str]]) -> list[Ended]:
    """Take steps on the director: monlvs's words, or lines of sh."""
    name = f"warm-{next(_numbers)}"
    given = lab.write_file(f"{name}.steps", json.dumps(steps))
    answers = lab.folder / f"{name}.answers"
    argv = [lab.python, str(WARM), str(given), str(answers)]
    await lab.run(DIRECTOR, argv, check=True, timeout=240)
    found = [Ended(*each) for each in json.loads(answers.read_text())]
    for ended in found:
        assert "Traceback" not in ended.err, ended.err
    return found


def service(vip: str, servers: Iterable[str], more: str = "", *, port: int = 80) -> str:
    """A virtual service, of http unless said; `servers` are inline tables."""
    return f"""
[[virtual_service]]
address = "{vip}"
port = {port}
scheduler = "rr"
{more}
servers = [{", ".join(servers)}]
"""


def server(address: str, forwarding: str, more: str = "") -> str:
    """An entry of a virtual service."""
    return f'{{ address = "{address}", forwarding = "{forwarding}"{more} }}'


def visit(vip: str, times: int) -> str:
    """A line of sh: the client asks `times` times."""
    host = f"[{vip}]" if ":" in vip else vip
    get = f"curl -gs -m 5 'http://{host}/'"
    return f"for i in $(seq {times}); do ip netns exec client {get}; done"
