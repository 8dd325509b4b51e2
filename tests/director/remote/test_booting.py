"""What makes a host a real server again after a reboot."""

import shutil
import subprocess
from ipaddress import ip_interface

import pytest

from monlvs.director.machine.settings import DeviceAddress, LinkUp, Sysctl
from monlvs.director.remote.booting import NAME, Init, boot_of

SETTINGS = (
    Sysctl(name="net.ipv4.conf.all.arp_ignore", value="1"),
    Sysctl(name="net.ipv4.conf.all.arp_announce", value="2"),
    LinkUp(device="lo"),
    DeviceAddress(
        interface=ip_interface("192.168.1.110/32"), device="lo", virtual=True
    ),
)


@pytest.mark.parametrize(
    ("init", "paths", "enabled"),
    [
        (
            Init.SYSTEMD,
            [f"/etc/monlvs/{NAME}", f"/etc/systemd/system/{NAME}.service"],
            f"systemctl -q enable {NAME}.service",
        ),
        (Init.UPDATE_RC, [f"/etc/init.d/{NAME}"], f"update-rc.d {NAME} defaults"),
        (Init.OPENRC, [f"/etc/init.d/{NAME}"], f"rc-update add {NAME} default"),
        (Init.CHKCONFIG, [f"/etc/init.d/{NAME}"], f"chkconfig --add {NAME}"),
        (Init.NONE, [f"/etc/monlvs/{NAME}"], None),
    ],
)
def test_each_init_gets_its_files_and_is_told_of_them(init, paths, enabled):
    boot = boot_of(init, SETTINGS)

    assert [file.path for file in boot.files] == paths
    assert enabled in [" ".join(argv) for argv in boot.enable] or enabled is None


def test_the_script_sets_the_variables_before_the_vip_comes(tmp_path):
    script = boot_of(Init.SYSTEMD, SETTINGS).files[0]
    path = tmp_path / NAME
    path.write_text(script.text)
    subprocess.run(["dash", "-n", path], check=True)

    lines = [line.strip() for line in script.text.splitlines()]
    vip = lines.index("hidden_vip 192.168.1.110/32 lo")
    assert lines.index("keep_quiet") < vip
    assert script.mode == "755"


def test_systemd_understands_the_unit(tmp_path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:  # nothing on this machine could start it
        return
    unit = tmp_path / f"{NAME}.service"
    unit.write_text(boot_of(Init.SYSTEMD, SETTINGS).files[1].text)
    told = subprocess.run(
        [analyze, "verify", unit], capture_output=True, text=True, check=False
    )

    assert NAME not in told.stderr
