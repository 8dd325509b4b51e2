"""Who is the gateway of whom: what VS-NAT, VS-DR and VS-TUN ask of the networks."""

from tests.config.spelled import config, errors, lvs, warnings

MACHINE = """[machine]
gateway = ["{gateway}"]
addresses = [
  {{ address = "{own}", device = "eth1" }},
  {{ address = "192.168.1.1/24", device = "eth0" }},
]
"""


def again(kind: str, server: str) -> str:
    return (
        '[[virtual_service]]\naddress = "192.168.1.1"\nport = 81\n'
        f'servers = [{{ address = "{server}", forwarding = "{kind}" }}]\n'
    )


def machine(gateway: str, own: str = "10.1.1.1/24") -> str:
    return MACHINE.format(gateway=gateway, own=own)


def test_a_server_cannot_have_two_gateways() -> None:
    (told,) = warnings(lvs() + again("dr", "10.1.1.2") + again("tun", "10.1.1.2")
                       .replace("81", "82"))  # fmt: skip
    assert told.startswith("13: 10.1.1.2 is behind VS-NAT in TCP 192.168.1.1:80, so ")
    assert "what VS-DR's servers answer" in told
    config(lvs() + again("dr", "10.1.1.3"))
    config(lvs(servers='["127.0.0.1"]', kind='"local"') + again("dr", "127.0.0.1"))


def test_a_gateway_is_in_the_server_s_own_network() -> None:
    config(lvs() + machine("10.1.1.1"))
    config(lvs() + machine("fd00::1"))
    config(lvs() + machine("10.9.9.1", own="10.9.9.2/24"))
    assert warnings(lvs() + machine("192.168.1.1")) == [
        "11: expected an address in 10.1.1.0/24 as the gateway of 10.1.1.2, whose "
        "network that is, not 192.168.1.1"
    ]


def test_a_real_server_is_no_gateway() -> None:
    (told,) = errors(lvs() + machine("10.1.1.2"))
    assert told.startswith(
        "11: 10.1.1.2 is a real server: expected an address of the d"
    )


def test_clients_beside_the_servers_of_vs_nat_are_warned_about() -> None:
    text = lvs(servers='["192.168.1.2", "192.168.1.3"]') + machine("192.168.1.1")
    (told,) = warnings(text)
    assert told.startswith("8: 192.168.1.2 and the VIP 192.168.1.1 are both in 192.168")
    config(text.replace('kind = "nat"', 'kind = "dr"'))
