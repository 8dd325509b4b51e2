"""Somebody edits the table by hand: ours is repaired, theirs is left alone."""

import pytest

from monlvs.lab import DIRECTOR, Lab
from tests.e2e import configurations as say
from tests.e2e.configurations import SLACK
from tests.e2e.seen import comes, first_change, run
from tests.e2e.watching import Home, pass_time

pytestmark = pytest.mark.lab

RESYNC = 5.0
"""The default of settings.resync."""
REPAIRED = RESYNC + SLACK
THEIRS = (
    "ipvsadm -A -t 192.168.1.1:8443 -s wlc && "
    "ipvsadm -a -t 192.168.1.1:8443 -r 10.1.1.9:8443 -m -w 3 && "
    "ipvsadm -A -f 7 -s rr && ipvsadm -a -f 7 -r 10.1.1.8:0 -m && "
    "ipvsadm -a -t 192.168.1.1:80 -r 10.1.1.7:80 -m -w 0"
)
FOREIGN = {
    "tcp 192.168.1.1:8443 wlc",
    "tcp 192.168.1.1:8443 -> 10.1.1.9:8443 Masq 3",
    "fwm 7 rr",
    "fwm 7 -> 10.1.1.8:0 Masq 1",
    "tcp 192.168.1.1:80 -> 10.1.1.7:80 Masq 0",
}


async def test_ours_is_repaired_and_what_is_foreign_stands_over_reload_and_restart(
    nat_lab: Lab,
) -> None:
    lab = nat_lab
    home = await Home.make(lab)
    text = say.general(home.state) + say.lvs(lab.topology, "http", 80)
    watch = await home.start(text)
    ours = await lab.until_table(lambda table: len(table) == 4, timeout=15)
    await lab.watch_table()

    cleared = await run(lab, DIRECTOR, "ipvsadm -C")
    for line in ours:
        assert await comes(lab, line, after=cleared.began) <= REPAIRED + cleared.took
    assert await lab.table() == ours

    await run(lab, DIRECTOR, THEIRS)
    entry = "tcp 192.168.1.1:80 -> 10.1.1.3:80 Masq 1"
    deleted = await run(lab, DIRECTOR, "ipvsadm -d -t 192.168.1.1:80 -r 10.1.1.3:80")
    assert await comes(lab, entry, after=deleted.began) <= REPAIRED + deleted.took
    both = {*ours, *FOREIGN}
    assert set(await lab.table()) == both
    assert "drift" in watch.process.output()

    # A weight that the configuration does not state is the administrator's.
    await run(lab, DIRECTOR, "ipvsadm -e -t 192.168.1.1:80 -r 10.1.1.4:80 -m -w 5")
    since = await pass_time(lab, REPAIRED)
    both ^= {
        "tcp 192.168.1.1:80 -> 10.1.1.4:80 Masq 1",
        "tcp 192.168.1.1:80 -> 10.1.1.4:80 Masq 5",
    }
    assert set(await lab.table()) == both

    home.write(text.replace('"10.1.1.2", ', ""))
    await watch.reload()
    both.remove("tcp 192.168.1.1:80 -> 10.1.1.2:80 Masq 1")
    await lab.until_table(lambda table: set(table) == both)
    await watch.stop()
    watch = await home.start(home.config.read_text())
    await pass_time(lab, 2.5)
    assert set(await lab.table()) == both
    assert not any(
        first_change(lab, line, after=since, gone=gone)
        for line in FOREIGN
        for gone in (True, False)
    )
    await watch.stop()
