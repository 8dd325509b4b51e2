"""What was changed on a machine is remembered until it boots, whatever it was."""

import json
from ipaddress import ip_address, ip_interface, ip_network
from types import MappingProxyType

import pytest

from monlvs.director.machine.record import Done, from_plain, to_plain
from monlvs.director.machine.settings import (
    DeviceAddress,
    GuePort,
    LinkUp,
    Masquerade,
    Module,
    Route,
    SegmentLimit,
    Sysctl,
    TunnelDevice,
)
from monlvs.model.lvs import TunnelType

ALL = (
    Done(setting=Module(name="ip_vs")),
    Done(
        setting=Sysctl(name="net.ipv4.conf.eth0/100.rp_filter", value="0"),
        before="1",
        beside=MappingProxyType({"net.ipv4.conf.eth0.forwarding": "0"}),
    ),
    Done(
        setting=TunnelDevice(
            device="t", type=TunnelType.GUE, local=ip_address("fd00::1"), remote=None
        )
    ),
    Done(setting=GuePort(port=6080, version=6)),
    Done(setting=LinkUp(device="eth0")),
    Done(
        setting=DeviceAddress(
            interface=ip_interface("fd00::110/128"), device="eth0", virtual=True
        )
    ),
    Done(
        setting=Route(to=ip_network("0.0.0.0/0"), via=ip_address("10.1.1.1")),
        before="0.0.0.0/0 via 10.1.1.9 dev eth1",
    ),
    Done(setting=Masquerade(source=ip_network("10.1.1.0/24"), device="eth0")),
    Done(setting=SegmentLimit(address=ip_address("fd00::110"), size=1400)),
)


def test_a_record_comes_back_as_it_was() -> None:
    text = json.dumps(to_plain(ALL, boot="b"))
    assert from_plain(json.loads(text), boot="b") == ALL


def test_a_boot_undoes_it() -> None:
    assert from_plain(to_plain(ALL, boot="b"), boot="c") == ()
    assert from_plain({}, boot="b") == ()


@pytest.mark.parametrize(
    "done",
    [
        None,
        [1],
        [{}],
        [{"kind": "Rocket", "before": None, "beside": {}}],
        [{"kind": "Module", "before": None, "beside": {}}],
        [{"kind": "Route", "to": "x", "via": None, "device": None, "because": "",
          "before": None, "beside": {}}],
    ],
)  # fmt: skip
def test_what_was_not_written_here_is_refused(done: object) -> None:
    with pytest.raises(ValueError, match=r"(record|route|network)"):
        from_plain({"boot": "b", "done": done}, boot="b")
