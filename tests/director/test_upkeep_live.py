"""Sync daemons, counts and connections beside ipvsadm's word for them, in the lab."""

import errno
from ipaddress import ip_address

import pytest

from monlvs.model.sync import SyncDaemon, SyncRole
from tests.director.test_kernel import do, ipvsadm
from tests.director.test_kinds_live import without_expiry

pytestmark = pytest.mark.lab

MASTER = SyncDaemon(
    role=SyncRole.MASTER,
    interface="eth0",
    sync_id=7,
    max_length=1400,
    group=ip_address("224.0.0.99"),
    port=9000,
    ttl=3,
)
BACKUP = SyncDaemon(
    role=SyncRole.BACKUP, interface="eth1", sync_id=255, group=ip_address("ff02::81")
)


async def test_sync_daemons_run_as_they_were_started(nat_lab):
    (codes, found, shown, theirs) = (
        await do(nat_lab, ("synced", (MASTER, BACKUP), "ipvsadm -L --daemon"))
    )[0]
    assert codes == [0, 0, errno.EEXIST, errno.EEXIST]
    assert found[0] == MASTER
    assert (found[1].role, found[1].sync_id) == (SyncRole.BACKUP, 255)
    assert (found[1].group, found[1].port, found[1].ttl) == (BACKUP.group, 8848, 1)
    assert shown == theirs
    assert shown.count("\n") == 2


async def test_what_ipvsadm_starts_is_what_we_read(nat_lab):
    options = "--start-daemon backup --mcast-interface eth0 --syncid 3 --mcast-port 99"
    await ipvsadm(nat_lab, options)
    ((before, codes, after),) = await do(nat_lab, ("unsynced", SyncRole.BACKUP))
    (daemon,) = before
    assert (daemon.role, daemon.interface, daemon.sync_id, daemon.port) == (
        SyncRole.BACKUP,
        "eth0",
        3,
        99,
    )
    assert (codes, after) == ([0, errno.ESRCH], ())


async def test_no_sync_daemon_runs_beside_servers_of_another_family(nat_lab):
    await ipvsadm(nat_lab, "-A -t 192.168.1.1:80")
    await ipvsadm(nat_lab, "-a -t 192.168.1.1:80 -r '[fd00:2::2]:80' -i")
    ((codes, found, _, _),) = await do(nat_lab, ("synced", (MASTER,), "true"))
    assert (codes[0], found) == (errno.EINVAL, ())


async def test_counts_and_connections_are_those_of_ipvsadm(fresh_nat_lab):
    fresh_nat_lab.cluster.fill_table()
    get = f"for i in 1 2 3 4; do curl -s http://{fresh_nat_lab.vip}/; done"
    await fresh_nat_lab.run("client", get, check=True)

    ((totals, rates, listed), zeroed) = await do(
        fresh_nat_lab, ("counted", 4), ("zeroed",)
    )

    assert totals[0] == totals[1]
    assert rates[0].splitlines()[:3] == rates[1].splitlines()[:3]
    assert without_expiry(listed[0]) == without_expiry(listed[1])
    assert listed[0].count("TIME_WAIT") == 4
    assert zeroed == [0, 0]
