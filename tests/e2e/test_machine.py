"""The daemon looks after the machine around its table, with two capabilities and no more."""

import json
from dataclasses import replace

import pytest

from monlvs.lab import DIRECTOR, Lab
from tests.e2e import configurations as say
from tests.e2e.installing import SNAPSHOT, told, visit
from tests.e2e.test_privileges import GRANTED, launch, prepare
from tests.e2e.watching import START_LIMIT, until_said

pytestmark = pytest.mark.lab

VIP = "192.168.1.110"
ADDRESS = f"ip -o address | grep -q {VIP}/32"
RULE = "iptables-legacy -t nat -A POSTROUTING -s 10.1.1.0/24 -o eth0 -j MASQUERADE"


async def until(lab: Lab, line: str) -> None:
    """Wait until a line of sh succeeds on the director."""
    wait = f"until {line}; do sleep 0.2; done"
    await lab.run(DIRECTOR, wait, timeout=START_LIMIT, check=True)


async def test_the_machine_is_kept_and_what_takes_root_is_left_to_the_unit(
    bare_nat_lab: Lab,
) -> None:
    lab = bare_nat_lab
    block = say.lvs(replace(lab.topology, vip=VIP), "http", 80)
    home = await prepare(
        lab,
        lambda state: (
            say.general(state, 'table = "kernel"\nresync = "1s"')
            + f"[machine]\nkeep = true\n{block}"
        ),
    )
    (before,) = await told(lab, [SNAPSHOT])

    daemon = await launch(home, GRANTED)
    await until_said(lab, daemon, f"machine: ip address add {VIP}/32 dev eth0")
    await lab.until_table(lambda table: len(table) == 4, timeout=START_LIMIT)
    (pages,) = await told(lab, [visit(VIP, 3)])
    assert set(pages.lines) == {"rs1", "rs2", "rs3"}
    # What takes root is told once, and how it is done.
    refusal = f"machine: refused: {RULE}: "
    await until_said(lab, daemon, refusal)

    # Somebody else's hand: as soon as it is seen it is put right, and said.
    spoil = f"ip address del {VIP}/32 dev eth0; sysctl -qw net.ipv4.ip_forward=0"
    await lab.run(DIRECTOR, spoil, check=True)
    await until(lab, ADDRESS)
    await until(lab, "grep -q 1 /proc/sys/net/ipv4/ip_forward")
    said = daemon.output()
    assert said.count(f"machine: ip address add {VIP}/32") == 2
    assert said.count(refusal) == 1
    assert "root can: `monlvs director apply` while no daemon runs" in said

    commands = ("plan", "apply", "clear")
    plan, apply, clear, show, status, journal = await told(
        lab,
        [
            *(["director", each, "-c", home.config] for each in commands),
            ["director", "show", "-c", home.config],
            ["status", "--json", "--state-dir", home.state],
            f"cat {home.state}/journal-*.jsonl",
        ],
    )
    assert (plan.status, len(plan.lines)) == (2, 1)
    assert plan.out.startswith(RULE)
    assert plan.err.startswith(f"cannot be done: {RULE}: "), "it was tried before"
    assert (apply.status, apply.out) == (1, "")
    assert apply.err.startswith(f"refused: {RULE}: ")
    assert clear.status == 1
    assert f"a daemon (pid {daemon.pid}) keeps this table" in clear.err
    assert f"TCP  {VIP}:80 rr" in show.out
    assert f"in, weight 1 TCP {VIP}:80 → 10.1.1.2:80" in show.out
    assert "because http-10.1.1.2/http is up" in show.out
    assert any(RULE in line for line in json.loads(status.out)["refused"])
    events = [json.loads(line) for line in journal.lines]
    acts = [e["acts"] for e in events if e["event"] == "MachineChanged"]
    assert [f"ip address add {VIP}/32 dev eth0", "clients connect to it"] in [
        [act["command"], act["why"]] for made in acts for act in made
    ]

    # The unit: root first, then the daemon, which understands what root has left.
    assert await daemon.stop() == 0
    await until(lab, ADDRESS)
    root, owners = await told(
        lab,
        [
            ["director", "apply", "--machine", "-c", home.config],
            f"stat -c %u {home.state}/machine.json {home.state}/state.json",
        ],
    )
    assert (root.status, root.err, len(root.lines)) == (0, "", 1)
    assert set(owners.lines) == {"4711"}
    daemon = await launch(home, GRANTED)
    await until_said(lab, daemon, "table: adopted")
    plan, status = await told(
        lab,
        [
            ["director", "plan", "-c", home.config],
            ["status", "--json", "--state-dir", home.state],
        ],
    )
    assert (plan.status, plan.out) == (0, "")
    assert json.loads(status.out)["refused"] == []
    assert await daemon.stop() == 0
    assert "refused" not in daemon.output()

    dry, clear, after = await told(
        lab,
        [
            ["director", "clear", "-c", home.config, "--dry-run"],
            ["director", "clear", "-c", home.config],
            SNAPSHOT,
        ],
    )
    assert (dry.status, clear.status, clear.err) == (2, 0, "")
    assert clear.out == dry.out
    assert after.lines == before.lines
