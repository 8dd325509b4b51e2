"""What a user of `monlvs lab up` can say."""

import pytest

from monlvs.lab import Lab, LabError
from monlvs.lab.shell import HELP, obey

pytestmark = pytest.mark.lab


async def test_a_host_s_name_runs_a_command_there(nat_lab: Lab) -> None:
    assert await obey(nat_lab, "rs2 hostname; false\n") == "rs2\n(status 1)\n"


async def test_cables_services_and_table_obey(nat_lab: Lab) -> None:
    ping = "director busybox ping -c1 -W{} 10.1.1.2 >/dev/null"
    assert await obey(nat_lab, "pull rs1 eth0") == ""
    assert await obey(nat_lab, ping.format(1)) == "(status 1)\n"
    assert await obey(nat_lab, "plug rs1") == ""
    # Asked in vain before, ARP asks again only after a second (RFC 1122, 2.3.2.1).
    assert await obey(nat_lab, ping.format(5)) == ""
    assert await obey(nat_lab, "cut rs1") == ""
    assert await obey(nat_lab, "stop rs1 httpd") == ""
    assert await obey(nat_lab, "start rs1 httpd") == ""
    assert await obey(nat_lab, "director ipvsadm -A -t 192.168.1.1:80 -s rr") == ""
    assert await obey(nat_lab, "table") == "tcp 192.168.1.1:80 rr\n"


async def test_hosts_and_help_are_shown(nat_lab: Lab) -> None:
    assert await obey(nat_lab, "help") == HELP
    shown = await obey(nat_lab, "hosts")
    assert "rs1       eth0 10.1.1.2/24 fd00:2::2/64\n" in shown
    assert await obey(nat_lab, "   ") == ""


async def test_a_daemon_watches_and_is_asked(nat_lab: Lab) -> None:
    with pytest.raises(LabError, match="nothing watches yet"):
        await obey(nat_lab, "log")
    assert await obey(nat_lab, "watch") == ""
    await nat_lab.until_table(lambda entries: len(entries) == 4, timeout=15)
    assert "services: 3 ok" in await obey(nat_lab, "monlvs status")
    assert "another daemon" in await obey(nat_lab, "watch")
    assert "another daemon" in await obey(nat_lab, "log")
    assert await obey(nat_lab, "mails") == ""
    missing = await obey(nat_lab, "monlvs why 10.1.1.9")
    assert "nothing is known of '10.1.1.9'" in missing


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("watch /nonexistent/mon.cf", "No such file"),
        ("monlvs 'x", "No closing quotation"),
        ("dance", "unknown command 'dance'; try help"),
        ("rs1", "rs1: which command"),
        ("pull", r"expected pull HOST \[DEVICE\]"),
        ("stop rs1", "expected stop HOST SERVICE"),
        ("plug 'rs1", "No closing quotation"),
        ("pull mars", "no cable at mars"),
    ],
)
async def test_what_cannot_be_done_is_explained(
    nat_lab: Lab, line: str, said: str
) -> None:
    with pytest.raises(LabError, match=said):
        await obey(nat_lab, line)
