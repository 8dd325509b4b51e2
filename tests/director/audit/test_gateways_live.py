"""Two directors of VS-NAT on real kernels: each is told where the gateway is astray."""

import asyncio
import json

import pytest

from monlvs.lab import PAIR
from tests.director.machine.test_director_side import service

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

VIP = "192.168.1.110"


def one_of_two(address, other):
    """The configuration of a director of a pair."""
    return (
        '[machine]\nvips = false\nsysctls = false\ngateway = "10.1.1.254"\n'
        f'[pair]\nlisten = "{address}"\npeer = "{other}"\nsecret_file = "/none"\n'
        + service(f"{VIP}:80", "nat", "10.1.1.2")
    )


async def of_gateways(lab, configurations):
    """Have both directors audit themselves; what each finds of gateways, and says."""

    async def on(director, configuration):
        argv = [lab.python, "-m", "monlvs", "director", "audit", "--json", "-c"]
        ended = await lab.run(director, [*argv, str(configuration)], timeout=60)
        found = json.loads(ended.stdout)["findings"]
        return {
            each["name"]: each["what"]
            for each in found
            if each["name"].startswith("gateway-")
        }

    return await asyncio.gather(*(on(*each) for each in configurations.items()))


async def test_two_directors_of_nat_are_told_of_a_gateway_without_its_vip(nat_pair_lab):
    lab = nat_pair_lab
    ends = ("192.168.1.1", "192.168.1.111")
    configurations = {
        director: lab.write_file(f"{director}.toml", one_of_two(*pair))
        for director, pair in zip(PAIR, (ends, ends[::-1]), strict=True)
    }
    a, b = PAIR
    await lab.run(a, f"ip addr add {VIP}/32 dev eth0", check=True)
    gateway = "ip addr {0} 10.1.1.254/24 dev eth1"
    await lab.run(b, gateway.format("add"), check=True)

    serving, waiting = await of_gateways(lab, configurations)

    assert "the other director" in serving["gateway-missing"]
    assert [*waiting] == ["gateway-without-vip"]

    await lab.run(b, gateway.format("del"), check=True)
    await lab.run(a, gateway.format("add"), check=True)
    assert await of_gateways(lab, configurations) == [{}, {}]
