"""The commands of the kernel's table, in the lab, beside ipvsadm's."""

import json

import pytest

from monlvs.lab import DIRECTOR
from tests.director.test_kernel import ipvsadm

pytestmark = pytest.mark.lab


async def director(lab, words, *, check=True):
    command = [lab.python, "-m", "monlvs", "director", *words.split()]
    return await lab.run(DIRECTOR, command, check=check)


async def said(lab, words):
    return (await director(lab, words)).stdout


async def test_every_command_speaks_of_the_kernel(fresh_nat_lab):
    fresh_nat_lab.cluster.fill_table()
    await fresh_nat_lab.run(
        "client", f"curl -s http://{fresh_nat_lab.vip}/", check=True
    )

    assert await said(fresh_nat_lab, "export --live") == await ipvsadm(
        fresh_nat_lab, "-Sn"
    )
    (seen,) = json.loads(await said(fresh_nat_lab, "connections --json"))
    assert (seen["protocol"], seen["client"]["address"]) == ("tcp", "192.168.1.5")
    assert "1 TIME_WAIT" in await said(fresh_nat_lab, "connections --summary")
    web, _ = sorted(
        json.loads(await said(fresh_nat_lab, "stats --json")), key=lambda e: -e["port"]
    )
    assert web["port"] == 80
    assert len(web["servers"]) == 3
    await said(fresh_nat_lab, f"zero {fresh_nat_lab.vip}:80")
    missing = await director(fresh_nat_lab, "zero 9.9.9.9:80", check=False)
    assert missing.stderr == "monlvs: there is no virtual service TCP 9.9.9.9:80\n"


async def test_timeouts_and_sync_daemons_can_be_changed(nat_lab):
    before = await said(nat_lab, "timeouts")
    assert before == await ipvsadm(nat_lab, "-L --timeout")
    await said(nat_lab, "timeouts 0 0 77")
    assert json.loads(await said(nat_lab, "timeouts --json"))["udp"] == 77
    await said(nat_lab, "timeouts " + " ".join(before.split()[-3:]))

    await said(nat_lab, "sync start master --interface eth0 --id 7 --ttl 3")
    assert await said(nat_lab, "sync show") == await ipvsadm(nat_lab, "-L --daemon")
    again = await director(nat_lab, "sync start master --interface eth0", check=False)
    assert again.stderr == "monlvs: a master sync daemon runs already\n"
    await said(nat_lab, "sync stop master")
    absent = await director(nat_lab, "sync start backup --interface eth9", check=False)
    assert absent.stderr == "monlvs: there is no device eth9\n"
    assert json.loads(await said(nat_lab, "sync show --json")) == []
