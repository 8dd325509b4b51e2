"""What is missing for a lab is named, with the packages that bring it."""

from pathlib import Path

import pytest

from monlvs.lab.kernel import LabError, find_kernel


def test_all_that_is_missing_is_named_with_its_packages(tmp_path: Path) -> None:
    (tmp_path / "ip").write_text("#!/bin/sh\n")
    (tmp_path / "ip").chmod(0o755)
    with pytest.raises(LabError) as caught:
        find_kernel(search_path=str(tmp_path), modules=tmp_path / "none")
    message = str(caught.value)
    assert message.startswith("a lab needs linux.uml, ipvsadm, modprobe, busybox,")
    assert f"kernel modules in {tmp_path / 'none'}; on Debian: apt install" in message
    assert message.endswith(
        "user-mode-linux ipvsadm iproute2 kmod iptables curl busybox-static"
    )


@pytest.mark.lab
def test_the_kernel_of_this_machine_is_found() -> None:
    kernel = find_kernel()
    assert kernel.binary.name == "linux.uml"
    assert any(kernel.modules.glob("*/kernel/net/netfilter/ipvs/ip_vs.ko*"))
