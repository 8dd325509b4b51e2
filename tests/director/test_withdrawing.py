"""What a clear takes out of a table: what monlvs put there, and nobody else's."""

from ipaddress import ip_address

from monlvs.config.reading import parse
from monlvs.director.intents import intents
from monlvs.director.ledger import Record
from monlvs.director.withdrawing import owning, staying
from monlvs.model.lvs import (
    Entry,
    Listener,
    Pool,
    Protocol,
    RealServer,
    VirtualService,
)

KEY = Listener(Protocol.TCP, ip_address("192.168.1.110"), 80)
ONE, TWO, SORRY, THEIRS = (
    RealServer(ip_address(f"10.1.1.{n}"), 80) for n in (2, 3, 9, 77)
)
TEXT = """
[[virtual_service]]
address = "192.168.1.110"
port = 80
servers = ["10.1.1.2", "10.1.1.3"]
fallback = "10.1.1.9"
"""


def wanted():
    config, problems = parse(TEXT, "clear.toml")
    assert [str(problem) for problem in problems] == []
    return intents(config.virtual_services, config.guards)


def table(*servers):
    entries = {server: Entry(server=server) for server in servers}
    return {KEY: Pool(service=VirtualService(key=KEY), entries=entries)}


def test_a_ledger_that_was_lost_is_made_of_what_is_declared() -> None:
    record = owning({}, wanted())[KEY]
    assert record.service is not None
    assert record.added == {ONE, TWO, SORRY}


def test_what_is_remembered_is_kept_beside_what_is_declared() -> None:
    known = {KEY: Record(added=frozenset({THEIRS}))}
    assert owning(known, wanted())[KEY].added == {ONE, TWO, SORRY, THEIRS}


def test_what_stood_before_monlvs_is_said_to_stay() -> None:
    ours = {KEY: Record(added=frozenset({TWO}))}
    assert staying(table(ONE, TWO, THEIRS), ours, wanted()) == (
        "-t 192.168.1.110:80 -r 10.1.1.2:80 stays, since monlvs did not add it",
    )
    assert staying(table(TWO), ours, wanted()) == (
        "-t 192.168.1.110:80 stays, since monlvs did not create it",
    )
    assert staying({}, ours, wanted()) == ()
    created = {KEY: Record(service=VirtualService(key=KEY), added=frozenset({ONE}))}
    assert staying(table(ONE), created, wanted()) == ()
    assert staying(table(ONE, THEIRS), created, wanted()) == (
        "-t 192.168.1.110:80 stays, since others have real servers in it",
    )


def test_what_failed_is_said_to_stay_out_and_how_it_was() -> None:
    record = Record(
        service=VirtualService(key=KEY),
        known={ONE: Entry(server=ONE, weight=3), TWO: Entry(server=TWO)},
        quiesced=frozenset({TWO}),
    )
    assert staying(table(TWO), {KEY: record}, wanted()) == (
        "-t 192.168.1.110:80 -r 10.1.1.3:80 stays, since monlvs did not add it, with "
        "weight 0: its checks failed",
        "-t 192.168.1.110:80 -r 10.1.1.2:80 stays out, since its checks failed; it was "
        "`ipvsadm -a -t 192.168.1.110:80 -r 10.1.1.2:80 -m -w 3`",
    )
