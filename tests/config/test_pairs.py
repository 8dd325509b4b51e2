"""What a configuration says of the other director."""

from datetime import timedelta
from ipaddress import ip_address

import pytest

from monlvs.config.reading import parse
from monlvs.model.pair import Endpoint, Pair, Sync, SyncRoles, Teller

REST = '[[virtual_service]]\nfwmark = 1\nservers = ["10.1.1.2"]\n'
LEAST = """
[pair]
listen = "192.168.1.1"
peer = "192.168.1.111"
secret_file = "/etc/monlvs/pair.secret"
"""
QUIET = "[machine]\nvips = false\n"


def pair(text: str) -> Pair | None:
    config, problems = parse(text + REST, "pair.toml")
    assert [str(problem) for problem in problems] == []
    assert config is not None
    return config.pair


def test_three_lines_are_enough() -> None:
    assert pair(LEAST) == Pair(
        listen=Endpoint(address=ip_address("192.168.1.1"), port=2584),
        peer=Endpoint(address=ip_address("192.168.1.111"), port=2584),
        secret_file="/etc/monlvs/pair.secret",
        interval=timedelta(seconds=1),
        patience=timedelta(seconds=3),
        alerts=Teller.MASTER,
    )


def test_everything_can_be_stated() -> None:
    text = f"""
    {QUIET}
    [pair]
    listen = "[fd00::1]:4000"
    peer = "[fd00::2]:4001"
    secret_file = "/s"
    name = "dirA"
    interval = "500ms"
    patience = "2s"
    alerts = "both"
    [pair.sync]
    device = "eth1"
    id = 7
    roles = "by-role"
    group = "239.0.0.81"
    port = 8849
    ttl = 2
    """
    assert pair(text) == Pair(
        listen=Endpoint(address=ip_address("fd00::1"), port=4000),
        peer=Endpoint(address=ip_address("fd00::2"), port=4001),
        secret_file="/s",
        name="dirA",
        interval=timedelta(seconds=0.5),
        patience=timedelta(seconds=2),
        alerts=Teller.BOTH,
        sync=Sync(
            device="eth1",
            sync_id=7,
            roles=SyncRoles.BY_ROLE,
            group=ip_address("239.0.0.81"),
            port=8849,
            ttl=2,
        ),
    )


def test_without_the_table_there_is_no_other_director() -> None:
    assert pair("") is None


@pytest.mark.parametrize("which", ["listen", "peer"])
def test_an_address_of_every_device_is_none_of_one_director(which: str) -> None:
    other = {"listen": "192.168.1.1", "peer": "192.168.1.111"}[which]
    config, problems = parse(
        LEAST.replace(f'"{other}"', '"0.0.0.0"') + REST, "pair.toml"
    )
    assert config is None
    (problem,) = problems
    assert str(problem).endswith(f"pair.{which}: expected an address of one director")


def test_the_sync_daemons_do_not_go_by_the_kernels_threshold() -> None:
    sync = '[pair.sync]\ndevice = "eth0"\nid = 1\n'
    assert pair(LEAST + sync + QUIET) is not None
    _, problems = parse(LEAST + sync + REST, "pair.toml")
    assert ["sync_threshold" in problem.message for problem in problems] == [True]
    stated = (
        QUIET + 'sysctls = false\nsysctl = { "net.ipv4.vs.sync_threshold" = "0 1" }'
    )
    assert pair(LEAST + sync + stated + "\n") is not None
