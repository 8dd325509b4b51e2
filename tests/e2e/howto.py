"""LVS-HOWTO, 11.5, "Testing mon", step by step; done by each kind of LVS.

The steps end where the HOWTO ends them: mon is killed, its file is edited, it is started
again. A limit is what the HOWTO's reader would accept: the next check, its time limit,
and half a second.
"""

import re
from typing import ClassVar

import pytest

from monlvs.lab import Kind, Lab
from monlvs.lab.topology import RealServer
from tests.e2e import configurations as say
from tests.e2e.configurations import INTERVAL, LIMIT, SLACK
from tests.e2e.seen import comes, is_regular, leaves, mails
from tests.e2e.watching import Home, pass_time, pass_until_after_check
from tests.labs import LendLab

# Sun Jun 13 15:08:30 GMT 1999 -s fping -g LVS3 -h 10.1.1.2 -t 929286507 -u -l 0
LINE = r"[A-Z]\w\w [A-Z]\w\w [ 1-3]\d \d\d:\d\d:\d\d \w+ \d{4} -s fping -g LVS3 -h %s -t \d+%s -l 0"
SILENCE = 3.5 * INTERVAL
"""Seconds that nothing may come in: three checks are made in them at least."""


class Section115:
    """The steps; a kind of LVS inherits them."""

    kind: ClassVar[Kind]

    @pytest.fixture
    def lab(self, running_labs: LendLab) -> Lab:
        return running_labs(self.kind)

    @pytest.fixture
    def victim(self, lab: Lab) -> RealServer:
        """Server-1, 10.1.1.2 in the HOWTO's VS-NAT."""
        return lab.topology.servers[0]

    def alone(self, home: Home, victim: RealServer, *services: str) -> str:
        """Watch the victim and nothing else, with no virtual service declared."""
        head = say.general(home.state) + say.group("LVS3", victim.address)
        return head + "".join(services)

    async def test_fping_and_the_log_without_an_lvs(
        self, lab: Lab, victim: RealServer
    ) -> None:
        home = await Home.make(lab)
        service = say.service("LVS3", "fping", [say.log(home.log_file)])
        watch = await home.start(self.alone(home, victim, service))
        up = LINE % (re.escape(victim.address), " -u")
        down = LINE % (re.escape(victim.address), "")

        await lab.until(home.logged, timeout=10)
        await pass_time(lab, SILENCE)
        (first,) = home.logged()
        assert re.fullmatch(up, first)

        await pass_until_after_check(home, "LVS3/fping", INTERVAL)
        pulled = (await lab.pull(victim.host)).began
        await lab.until(lambda: len(home.logged()) >= 4, timeout=30)
        sent = [entry.at for entry in home.delivered("failure")]
        assert sent[0] - pulled <= LIMIT
        assert is_regular(sent)

        await pass_until_after_check(home, "LVS3/fping", INTERVAL)
        plugged = (await lab.plug(victim.host)).began
        await lab.until(lambda: len(home.delivered("up")) >= 2, timeout=30)
        back = home.delivered("up")[1].at - plugged
        assert back <= LIMIT
        await pass_time(lab, SILENCE)
        *while_down, last = home.logged()[1:]
        assert all(re.fullmatch(down, line) for line in while_down)
        assert re.fullmatch(up, last)
        await watch.stop()
        told = [line.split(" -t ")[1].split()[0] for line in home.logged()]
        journal = [e.at for kind in ("failure", "up") for e in home.delivered(kind)]
        for stamp, at in zip(map(int, told), sorted(journal), strict=True):
            assert 0 <= at + home.offset - stamp <= 1 + SLACK
        print(f"{self.kind.value} fping+log: {sent[0] - pulled:.2f} {back:.2f}")

    async def test_telnet_and_mail_without_an_lvs(
        self, lab: Lab, victim: RealServer
    ) -> None:
        await lab.receive_mail()
        home = await Home.make(lab)
        service = say.service("LVS3", "telnet", [say.MAIL])
        watch = await home.start(self.alone(home, victim, service))
        await self.watch_mail(home, victim, "LVS3/telnet")
        await watch.stop()
        assert await lab.table() == ()

    async def watch_mail(self, home: Home, victim: RealServer, where: str) -> None:
        """One UPALERT, silence; ALERTs while the cable is out; one UPALERT, silence."""
        lab = home.lab
        await lab.until(lambda: mails(lab, "UPALERT", where), timeout=15)
        quiet = await pass_time(lab, SILENCE)
        assert [m for m in lab.mails() if m.at > quiet] == []
        (first,) = mails(lab, "UPALERT", where)
        assert mails(lab, "ALERT", where) == []

        await pass_until_after_check(home, where, INTERVAL)
        pulled = (await lab.pull(victim.host)).began
        await lab.until(lambda: len(mails(lab, "ALERT", where)) >= 3, timeout=30)
        down = mails(lab, "ALERT", where)
        assert down[0] - pulled <= LIMIT
        assert is_regular(down)

        await pass_until_after_check(home, where, INTERVAL)
        plugged = (await lab.plug(victim.host)).began
        up = await lab.until(
            lambda: mails(lab, "UPALERT", where, after=plugged), timeout=30
        )
        assert up[0] - plugged <= LIMIT
        quiet = await pass_time(lab, SILENCE)
        assert [m for m in lab.mails() if m.at > quiet] == []
        assert len(mails(lab, "UPALERT", where, after=first + 0.001)) == 1
        print(
            f"{self.kind.value} telnet+mail: {down[0] - pulled:.2f} {up[0] - plugged:.2f}"
        )

    def telnet(self, home: Home, victim: RealServer) -> tuple[str, str]:
        """Return a configuration of telnet, mail and virtualserver, and group/service."""
        topology = home.lab.topology
        text = say.general(home.state) + say.mailing(topology, "telnet", 23)
        return text, f"telnet-{victim.address}/telnet"

    def http(self, home: Home, victim: RealServer) -> tuple[str, str]:
        """Return a configuration of http, mail and virtualserver, and group/service."""
        topology = home.lab.topology
        text = say.general(home.state) + say.mailing(topology, "http", 80)
        return text, f"http-{victim.address}/http"

    async def test_telnet_mail_and_virtualserver(
        self, lab: Lab, victim: RealServer
    ) -> None:
        await lab.receive_mail()
        lab.cluster.fill_table()
        primed = await lab.table()
        await lab.watch_table()
        home = await Home.make(lab)
        text, where = self.telnet(home, victim)
        watch = await home.start(text)
        await lab.until(lambda: mails(lab, "UPALERT", where), timeout=15)
        await pass_time(lab, INTERVAL)
        assert lab.table_watch().changes == ()

        entry = f" -> {victim.address}:23 "
        await pass_until_after_check(home, where, INTERVAL)
        pulled = (await lab.pull(victim.host)).began
        gone = await leaves(lab, entry, after=pulled)
        assert gone <= LIMIT
        await lab.until(lambda: mails(lab, "ALERT", where), timeout=15)
        await pass_until_after_check(home, where, INTERVAL)
        plugged = (await lab.plug(victim.host)).began
        back = await comes(lab, entry, after=plugged)
        assert back <= LIMIT
        await lab.until(lambda: mails(lab, "UPALERT", where, after=plugged), timeout=15)
        await watch.stop()
        # The http entry of the same server was primed by hand, and nobody watches it.
        assert len(lab.table_watch().changes) == 2
        assert await lab.table() == primed
        print(f"{self.kind.value} telnet+virtualserver: {gone:.2f} {back:.2f}")

    async def test_http_mail_and_virtualserver(
        self, lab: Lab, victim: RealServer
    ) -> None:
        await lab.receive_mail()
        lab.cluster.fill_table()
        primed = await lab.table()
        await lab.watch_table()
        home = await Home.make(lab)
        text, where = self.http(home, victim)
        watch = await home.start(text)
        await lab.until(lambda: mails(lab, "UPALERT", where), timeout=15)
        await lab.visit(interval=0.05)

        entry = f" -> {victim.address}:80 "
        await pass_until_after_check(home, where, INTERVAL)
        pulled = (await lab.pull(victim.host)).began
        gone = await leaves(lab, entry, after=pulled)
        assert gone <= LIMIT
        await lab.until(lambda: len(mails(lab, "ALERT", where)) >= 3, timeout=30)
        down = mails(lab, "ALERT", where)
        assert down[0] - pulled <= LIMIT
        assert is_regular(down)

        await pass_until_after_check(home, where, INTERVAL)
        plugged = (await lab.plug(victim.host)).began
        back = await comes(lab, entry, after=plugged)
        assert back <= LIMIT
        up = await lab.until(
            lambda: mails(lab, "UPALERT", where, after=plugged), timeout=30
        )
        assert up[0] - plugged <= LIMIT
        quiet = await pass_time(lab, SILENCE)
        assert [m for m in lab.mails() if m.at > quiet] == []
        assert len(mails(lab, "UPALERT", where, after=plugged)) == 1
        assert len(lab.table_watch().changes) == 2
        assert await lab.table() == primed

        after = [r for r in lab.requests() if r.began > pulled + gone]
        assert len(after) > 50
        assert [r for r in after if not r.ok] == []
        served = {r.server for r in after if r.began > plugged + back}
        assert victim.host in served
        await watch.stop()
        print(
            f"{self.kind.value} http+virtualserver: {gone:.2f} {back:.2f}; mail "
            f"{down[0] - pulled:.2f} {up[0] - plugged:.2f}; {len(after)} requests"
        )
