"""The kernel's own table, in the lab: ours and ipvsadm's word for it agree."""

import errno
import itertools
import pickle
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from monlvs.director.changes import (
    AddServer,
    AddService,
    DeleteServer,
    DeleteService,
    SetServer,
    SetService,
)
from monlvs.director.plan import plan
from monlvs.lab import DIRECTOR
from monlvs.model.lvs import (
    Entry,
    Family,
    Forwarding,
    Fwmark,
    Listener,
    Protocol,
    RealServer,
    ServiceFlags,
    Tunnel,
    TunnelFlags,
    TunnelType,
    VirtualService,
)
from tests.director.strategies import SCHEDULERS, pool, table

pytestmark = pytest.mark.lab

IN_GUEST = Path(__file__).parent / "in_guest.py"
_numbers = itertools.count(1)


async def do(lab, *steps):
    """Have the director's kernel do `steps` (in_guest.py); their answers."""
    number = next(_numbers)
    asked, answered = (lab.folder / f"{word}-{number}" for word in ("steps", "answers"))
    asked.write_bytes(pickle.dumps(steps))
    command = [lab.python, str(IN_GUEST), str(asked), str(answered)]
    await lab.run(DIRECTOR, command, check=True, timeout=120)
    return pickle.loads(answered.read_bytes())


async def ipvsadm(lab, options, stdin=""):
    command = f"ipvsadm {options}"
    return (await lab.run(DIRECTOR, command, check=True, stdin=stdin)).stdout


def tcp(address, port, protocol=Protocol.TCP):
    return Listener(protocol, ip_address(address), port)


def real(address, port, forwarding=Forwarding.MASQ, **attributes):
    server = RealServer(ip_address(address), port)
    return Entry(server=server, forwarding=forwarding, **attributes)


ROUTE, MASQ, TUNNEL = Forwarding.ROUTE, Forwarding.MASQ, Forwarding.TUNNEL
MINUTE = timedelta(minutes=1)
SH1, SH2, SH3 = ServiceFlags.SCHED1, ServiceFlags.SCHED2, ServiceFlags.SCHED3


def gue(flags):
    return Tunnel(type=TunnelType.GUE, port=6080, flags=flags)


def gre(flags):
    return Tunnel(type=TunnelType.GRE, flags=flags)


def everything():
    """A table with all that IPVS can hold."""
    yield from (
        pool(
            VirtualService(key=tcp("192.168.1.110", 1000 + n), scheduler=scheduler),
            real(f"10.1.1.{n + 1}", 80, weight=n),
        )
        for n, scheduler in enumerate(SCHEDULERS)
    )
    yield pool(
        VirtualService(key=tcp("192.168.1.110", 80), scheduler="wrr"),
        real("10.1.1.2", 8080, weight=65535, upper=500, lower=400),
        real("10.1.1.3", 80, ROUTE, weight=0),
        real("10.1.1.4", 80, TUNNEL),
        real("10.1.1.5", 80, TUNNEL, tunnel=gue(TunnelFlags.NOCSUM)),
        real("10.1.1.6", 80, TUNNEL, tunnel=gue(TunnelFlags.CSUM)),
        real("10.1.1.7", 80, TUNNEL, tunnel=gue(TunnelFlags.REMCSUM)),
        real("10.1.1.8", 80, TUNNEL, tunnel=gre(TunnelFlags.NOCSUM)),
        real("10.1.1.9", 80, TUNNEL, tunnel=gre(TunnelFlags.CSUM)),
    )
    yield pool(
        VirtualService(key=tcp("fd00::110", 80), persistence=MINUTE, netmask=64),
        real("fd00::11", 80, ROUTE),
        real("fd00::12", 8080, MASQ, weight=3),
        real("fd00::13", 80, TUNNEL),
    )
    yield pool(
        VirtualService(key=tcp("192.168.1.110", 81)),
        real("fd00::14", 81, TUNNEL),
    )
    yield pool(
        VirtualService(key=tcp("192.168.1.110", 0), persistence=6 * MINUTE, netmask=24),
        real("10.1.1.2", 0, ROUTE),
    )
    yield pool(
        VirtualService(key=Fwmark(7), scheduler="sh", flags=SH1 | SH2),
        real("10.1.1.2", 0, ROUTE),
    )
    yield pool(
        VirtualService(
            key=Fwmark(7, Family.IPV6), scheduler="mh", flags=SH2, persistence=MINUTE
        ),
        real("fd00::11", 0, ROUTE),
    )
    yield pool(
        VirtualService(
            key=tcp("192.168.1.110", 5060, Protocol.UDP),
            scheduler="rr",
            flags=ServiceFlags.ONE_PACKET | SH3,
            persistence=MINUTE / 2,
            persistence_engine="sip",
        ),
        real("10.1.1.2", 5060),
    )
    yield pool(
        VirtualService(key=tcp("192.168.1.110", 36412, Protocol.SCTP)),
        real("10.1.1.2", 36412),
    )


WHOLE = table(*everything())
PLAIN = {key: (each.service, dict(each.entries)) for key, each in WHOLE.items()}


def without_thresholds(rules):
    """`ipvsadm -Sn` does not print them."""
    return {rule.split(" -x ")[0] for rule in rules}


async def test_what_we_set_is_what_we_read_and_what_ipvsadm_prints(nat_lab):
    changes = plan({}, WHOLE)
    refusals, (read, counters, unread), shown = await do(
        nat_lab, ("apply", changes), ("read",), ("shown",)
    )
    rules = [change.as_ipvsadm() for change in changes]

    assert refusals == []
    assert unread == ()
    assert read == PLAIN
    assert counters.keys() == {(key, s) for key, p in PLAIN.items() for s in p[1]}
    assert shown == await ipvsadm(nat_lab, "-Ln")
    saved = (await ipvsadm(nat_lab, "-Sn")).splitlines()
    assert set(map(str.strip, saved)) == without_thresholds(rules)
    assert "500        400" in await ipvsadm(nat_lab, "-Ln --thresholds")


async def test_what_ipvsadm_sets_is_what_we_read(nat_lab):
    rules = [change.as_ipvsadm() for change in plan({}, WHOLE)]
    await ipvsadm(nat_lab, "-R", stdin="\n".join(rules) + "\n")

    ((read, _, unread),) = await do(nat_lab, ("read",))

    assert (read, unread) == (PLAIN, ())


async def test_only_what_the_kernel_tells_anew_is_understood_anew(nat_lab):
    commands = (
        "ipvsadm -C; ipvsadm -A -t 192.168.1.110:80; ipvsadm -A -t 192.168.1.110:81; "
        "ipvsadm -a -t 192.168.1.110:80 -r 10.1.1.2 -m; "
        "ipvsadm -a -t 192.168.1.110:81 -r 10.1.1.2 -m",
        "true",
        "curl -s -m 2 -o /dev/null http://192.168.1.110/ || true",  # counted, no more
        "ipvsadm -e -t 192.168.1.110:80 -r 10.1.1.2 -m -w 7",
        "ipvsadm -E -t 192.168.1.110:81 -s rr",
        "ipvsadm -d -t 192.168.1.110:80 -r 10.1.1.2",
        "ipvsadm -D -t 192.168.1.110:81",
    )

    (found,) = await do(nat_lab, ("followed", *commands))

    first, second = tcp("192.168.1.110", 80), tcp("192.168.1.110", 81)
    told = [same for _, _, _, same in found]
    both = {first, second}
    assert told == [set(), both, both, {second}, {first}, {second}, {first}]
    tables = [table for table, _, _, _ in found]
    weights = [[e.weight for e in table[first][1].values()] for table in tables]
    assert weights == [[1], [1], [1], [7], [7], [], []]
    schedulers = [table[second][0].scheduler for table in tables[:-1]]
    assert schedulers == ["wlc", "wlc", "wlc", "wlc", "rr", "rr"]
    assert tables[-1].keys() == {first}
    counted = [len(counters) for _, counters, _, _ in found]
    assert counted == [2, 2, 2, 2, 2, 1, 0]
    connected = [
        sum(c.active + c.inactive for c in each.values()) for _, each, _, _ in found
    ]
    assert connected[:3] == [0, 0, 1]


WEB = VirtualService(key=tcp("192.168.1.110", 80))
WEB6 = VirtualService(key=tcp("fd00::110", 80))
SIP = VirtualService(key=tcp("192.168.1.110", 5060, Protocol.UDP))


def odd_changes():
    """Changes in order, most of which the kernel refuses for one reason each."""
    for service in (
        VirtualService(key=tcp("192.168.1.110", 0), scheduler="rr"),
        VirtualService(key=WEB.key, scheduler="bogus"),
        VirtualService(key=WEB.key, persistence_engine="xx"),
        VirtualService(key=WEB6.key, persistence=MINUTE, netmask=0),
        VirtualService(key=Fwmark(9), persistence=MINUTE, netmask=0),
        VirtualService(key=Fwmark(0)),
        VirtualService(key=tcp("224.0.0.1", 5)),
        VirtualService(key=WEB.key, flags=ServiceFlags.HASHED | ServiceFlags.SCHED1),
        WEB,
    ):
        yield AddService(service=service)
    yield SetService(service=SIP)
    yield DeleteService(key=SIP.key)
    yield DeleteServer(key=SIP.key, server=real("10.1.1.1", 1).server)
    yield DeleteServer(key=WEB.key, server=real("10.1.1.1", 1).server)
    for entry in (
        real("10.1.1.1", 80, lower=3),
        real("10.1.1.1", 80, weight=-1),
        real("10.1.1.1", 80, weight=2**31),
        real("10.1.1.1", 80, weight=2**31 - 1, upper=2**32 - 1),
        real("10.1.1.1", 80, ROUTE),
        real("fd00::1", 80, MASQ),
        real("fd00::1", 80, TUNNEL),
        real("10.1.1.2", 80, TUNNEL, tunnel=Tunnel(type=TunnelType.GUE)),
        real("10.1.1.3", 80, TUNNEL, tunnel=Tunnel(port=9, flags=TunnelFlags.CSUM)),
        real("10.1.1.4", 80, Forwarding.LOCAL),
        real("10.1.1.5", 80, ROUTE, tunnel=gue(TunnelFlags.CSUM)),
        real("10.1.1.6", 0, ROUTE),
        real("224.0.0.1", 80),
        real("255.255.255.255", 80),
        real("0.0.0.0", 80),
    ):
        yield AddServer(parent=WEB, entry=entry)
    yield SetServer(parent=WEB, entry=real("10.1.1.99", 80))
    yield SetServer(parent=WEB, entry=real("10.1.1.1", 80, weight=4))
    yield AddServer(parent=WEB6, entry=real("fd00::1", 80))
    yield DeleteServer(key=WEB.key, server=real("fd00::1", 80).server)
    yield DeleteService(key=Fwmark(9))


async def test_the_table_in_memory_answers_as_the_kernel_does(nat_lab):
    changes = list(odd_changes())
    ((codes, kernel, memory),) = await do(nat_lab, ("both", changes))

    told = dict(zip((c.as_ipvsadm() for c in changes), codes, strict=False))
    assert {rule: pair for rule, pair in told.items() if pair[0] != pair[1]} == {}
    assert {code for code, _ in codes} == {0, 2, 3, 17, 22, 34}
    assert kernel == memory


async def test_localnode_is_satisfied_by_what_the_kernel_makes_of_it(nat_lab):
    own = (await nat_lab.run(DIRECTOR, "hostname -I", check=True)).stdout.split()
    wanted = [AddService(service=WEB)]
    for address in ("127.0.0.1", *own):
        if ip_address(address).version == 4:
            for port, method in ((80, ROUTE), (8080, MASQ)):
                entry = real(address, port, method)
                wanted.append(AddServer(parent=WEB, entry=entry))
    wanted += [
        AddService(service=WEB6),
        AddServer(parent=WEB6, entry=real("::1", 80, ROUTE)),
        AddServer(parent=WEB6, entry=real("::1", 8080, MASQ)),
    ]
    ((before, refusals, after),) = await do(nat_lab, ("repairs", wanted))

    assert len(before) == len(wanted)
    assert refusals == ()
    assert after == ()


async def test_counters_are_those_of_ipvsadm(fresh_dr_lab):
    fresh_dr_lab.cluster.fill_table()
    await fresh_dr_lab.run("client", f"curl -s http://{fresh_dr_lab.vip}/", check=True)

    (_, counters, _), shown = await do(fresh_dr_lab, ("read",), ("shown",))

    assert sum(each.active + each.inactive for each in counters.values()) == 1
    assert shown == await ipvsadm(fresh_dr_lab, "-Ln")


async def test_timeouts_can_be_read_and_set_and_a_flush_asked_for(nat_lab):
    await ipvsadm(nat_lab, "-A -t 192.168.1.110:80")
    ((info, before, after, left),) = await do(nat_lab, ("settings",))

    assert info.version == (1, 2, 1)
    assert before.tcp == timedelta(minutes=15)
    assert (after.tcp, after.udp) == (before.tcp * 2, before.udp)
    assert left == ({}, {}, ())


async def test_answers_that_were_lost_are_asked_for_again(nat_lab):
    """64 refusals do not fit into the smallest receive buffer."""
    changes = [
        AddServer(parent=SIP, entry=real(f"10.1.1.{n}", 80)) for n in range(1, 65)
    ]
    ((few, many),) = await do(nat_lab, ("crowded", changes))

    assert few == many == [3] * 64


async def test_a_refused_dump_raises(nat_lab):
    assert await do(nat_lab, ("refused_dump",)) == [errno.EOPNOTSUPP]


async def test_this_machines_addresses_are_those_of_its_devices(nat_lab):
    (found,) = await do(nat_lab, ("addresses",))
    own = (await nat_lab.run(DIRECTOR, "hostname -I", check=True)).stdout.split()

    assert found >= {ip_address(address) for address in own}
    assert ip_address("127.0.0.1") in found


def rack():
    """1,000 virtual services of 10 real servers."""
    for n in range(1000):
        web = VirtualService(key=tcp(f"10.{n >> 8}.{n & 255}.1", 80), scheduler="rr")
        yield pool(web, *(real(f"172.16.{m}.1", 80) for m in range(10)))


@pytest.mark.soak
async def test_ten_thousand_servers_cost_a_fraction_of_ipvsadm(nat_lab, capsys):
    changes = plan({}, table(*rack()))
    rules = "".join(f"{change.as_ipvsadm()}\n" for change in changes)
    ((refusals, count, (wall, cpu), theirs, dumps),) = await do(
        nat_lab, ("storm", changes, rules)
    )
    with capsys.disabled():
        print(f"\nours {wall:.3f} s wall, {cpu:.3f} s CPU; ipvsadm -R {theirs:.3f} s;")
        print(f"dump {dumps[0]:.3f} s, again {dumps[1]:.3f} s")

    assert refusals == ()
    assert count == 10_000
    assert cpu <= theirs / 5
    assert wall <= theirs / 3
