"""LocalNode by LVS-HOWTO 11.5, in the short form: the director is a server too."""

import pytest

from monlvs.lab import DIRECTOR, Kind, Lab
from tests.e2e import configurations as say
from tests.e2e.configurations import LIMIT
from tests.e2e.howto import Section115
from tests.e2e.seen import PATIENCE, comes, leaves, start, stop
from tests.e2e.watching import Home

pytestmark = pytest.mark.lab


class TestLocalNode(Section115):
    kind = Kind.LOCALNODE


async def test_the_director_s_own_server_leaves_and_comes_back(
    localnode_lab: Lab,
) -> None:
    lab = localnode_lab
    home = await Home.make(lab)
    text = say.general(home.state) + say.lvs(lab.topology, "http", 80)
    watch = await home.start(text)
    await lab.until_table(lambda table: len(table) == 5, timeout=15)
    await lab.watch_table()
    await lab.visit(interval=0.05)
    stopped = await stop(lab, DIRECTOR)
    took = await leaves(lab, " -> 127.0.0.1:80 ", after=stopped.began)
    assert took <= LIMIT + stopped.took
    gone = stopped.began + took
    started = await start(lab, DIRECTOR)
    took = await comes(lab, " -> 127.0.0.1:80 ", after=started.began)
    assert took <= LIMIT + started.took
    back = started.began + took
    await lab.until(
        lambda: any(r.server == DIRECTOR for r in lab.requests() if r.began > back),
        timeout=PATIENCE,
    )
    assert [r for r in lab.requests() if r.began > gone and not r.ok] == []
    await watch.stop()
