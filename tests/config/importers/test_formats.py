"""Whose file it is."""

import pytest

from monlvs.config.importers.formats import Format, detect


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("x", "hostgroup web 10.1.1.2\n\nwatch web\n service http\n", Format.MON),
        ("x", "# c\nvirtual=10.0.0.1:80\n\treal=10.1.1.2:80 gate\n", Format.LDIRECTORD),
        ("x", "virtual6 = [::1]:80\n", Format.LDIRECTORD),
        ("x", "! c\nvirtual_server 10.0.0.1 80 {\n}\n", Format.KEEPALIVED),
        ("x", "@main vrrp_instance V {\n", Format.KEEPALIVED),
        ("x", "include conf.d/*.conf\n", Format.KEEPALIVED),
        ("x", "-A -t 10.0.0.1:80 -s wlc\n-a -t 10.0.0.1:80 -r 10.1.1.2:80\n", Format.IPVSADM),
        ("x", "#!/bin/sh\n/sbin/ipvsadm -A -t 10.0.0.1:80\n", Format.IPVSADM),
        ("x", "\tippfvsadm -A -t 10.0.0.1:80 -R 10.1.1.2\n", Format.IPVSADM),
        ("mon.cf", "", Format.MON),
        ("ldirectord.cf", "checktimeout = 3\n", Format.LDIRECTORD),
        ("keepalived.conf", "", Format.KEEPALIVED),
        ("rc.ipvs_nat", "", Format.IPVSADM),
        ("keepalived.conf", "virtual = 10.0.0.1:80\nvrrp_instance V {\n", Format.KEEPALIVED),
        ("x", "\xff\xfe\x00", Format.MON),
    ],
)  # fmt: skip
def test_content_tells_and_else_the_name(name: str, text: str, wanted: Format) -> None:
    assert detect(name, text.encode("latin-1")) is wanted
