"""SIGHUP: a broken file changes nothing, a good one what it says and no more."""

import pytest

from monlvs.lab import CLIENT, Lab
from tests.e2e import configurations as say
from tests.e2e.configurations import LIMIT
from tests.e2e.seen import comes, leaves, start, stop
from tests.e2e.watching import Home

pytestmark = pytest.mark.lab

# Opens a connection to each server by turns, says half a request on each, and the other
# half when it is told to.
HOLDER = """
import os, socket, sys, time
lines = [socket.create_connection((sys.argv[1], 80), 2) for _ in range(2)]
for line in lines:
    line.sendall(b"GET / HTTP/1.0\\r\\n")
print("held", flush=True)
while not os.path.exists(sys.argv[2]):
    time.sleep(0.05)
for line in lines:
    line.settimeout(1)
    try:
        line.sendall(b"\\r\\n")
        print(line.recv(65536).decode().split()[-1], flush=True)
    except OSError as error:
        print("lost", flush=True)
print("end", flush=True)
"""


async def test_a_broken_file_changes_nothing_and_a_good_one_what_it_says(
    nat_lab: Lab,
) -> None:
    lab = nat_lab
    home = await Home.make(lab)
    whole = say.general(home.state) + say.lvs(lab.topology, "http", 80)
    text = whole.replace(', "10.1.1.4"', "")
    watch = await home.start(text)
    await lab.until_table(lambda table: len(table) == 3, timeout=15)
    await lab.watch_table()

    broken = text.replace('check = "http"', 'check = "http')
    line = 1 + broken[: broken.index('check = "http')].count("\n")
    for text_now, expected in (
        (broken, f"{home.config}:{line}:"),
        (text.replace("scheduler =", "schedular ="), "schedular"),
        (text.replace('"10.1.1.3"', '"10.1.1.300"'), "lvs[0].servers[1]"),
    ):
        home.write(text_now)
        before = len(watch.process.output())
        await watch.reload()
        said = watch.process.output()[before:]
        assert expected in said
        assert f"{home.config} was not loaded; the old configuration goes on" in said
    assert lab.table_watch().changes == ()
    stopped = await stop(lab, "rs1")
    assert (
        await leaves(lab, " -> 10.1.1.2:80 ", after=stopped.began)
        <= LIMIT + stopped.took
    )
    started = await start(lab, "rs1")
    assert (
        await comes(lab, " -> 10.1.1.2:80 ", after=started.began)
        <= LIMIT + started.took
    )

    go = home.folder / "go"
    holder = await lab.start(
        CLIENT, [lab.python, "-I", "-S", "-c", HOLDER, lab.vip, str(go)]
    )
    await lab.until(lambda: "held" in holder.output())
    home.write(whole.replace('"10.1.1.2", ', ""))
    reloading = await lab.now()
    await watch.reload()
    removed = await leaves(lab, " -> 10.1.1.2:80 ", after=reloading)
    added = await comes(lab, " -> 10.1.1.4:80 ", after=reloading)
    assert set(await lab.table()) == {
        "tcp 192.168.1.1:80 rr",
        "tcp 192.168.1.1:80 -> 10.1.1.3:80 Masq 1",
        "tcp 192.168.1.1:80 -> 10.1.1.4:80 Masq 1",
    }
    kept = "tcp 192.168.1.1:80 -> 10.1.1.3:80 Masq 1"
    assert all(kept in change.table for change in lab.table_watch().changes)
    go.touch()
    await lab.until(lambda: "end" in holder.output())
    assert "rs2" in holder.output().split()
    await watch.stop()
    print(f"reload: removed {removed:.2f}, added {added:.2f}")
