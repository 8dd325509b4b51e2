"""Bare hosts in the lab, what of a host is compared, and what clients get."""

from monlvs.lab import Lab

KERNELS = r"tunl0|sit0|gre0|gretap0|erspan0|ip6tnl0|ip6gre0"
"""Devices that come with modules, which stay."""
SNAPSHOT = rf"""
ip -o address show | sed 's/ tentative//; s/valid_lft.*//' | grep -vE ' ({KERNELS})'
ip -o link show up | sed 's/^[0-9]*: \([^@:]*\).*/up \1/'
ip -4 route; ip -6 route | grep -v fe80; ip fou show
cd /proc/sys/net
grep -rsH '' ipv4/conf ipv4/vs ipv4/ip_forward ipv6/conf | grep -vE '/({KERNELS})/|secret'
ipvsadm -Sn
for each in nat mangle; do iptables-legacy -t $each -S; ip6tables-legacy -t $each -S; done
true
"""


async def snapshot(lab: Lab, host: str) -> list[str]:
    """All of a host that scripts change, but for the kernel's own tunnel devices."""
    return (await lab.run(host, SNAPSHOT, check=True)).stdout.splitlines()


async def pages(lab: Lab, url: str, times: int = 3) -> set[str]:
    """Who answers the client."""
    urls = " ".join([f"'{url}'"] * times)
    get = f"curl -gs -m 3 -H 'Connection: close' {urls}; true"
    return set((await lab.run("client", get)).stdout.split())
