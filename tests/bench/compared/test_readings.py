"""A table's changes and a client's requests, as figures of one fault."""

from bench.compared.readings import Reading, Window, in_rotation, read
from monlvs.lab.records import Request, TableChange, TableWatch

SERVICE = "tcp 192.168.1.1:80 rr"
BOTH, ONE = frozenset({"10.1.1.2", "10.1.1.3"}), frozenset({"10.1.1.2"})
WINDOW = Window(row="dies", began=10.0, ended=15.0, right=ONE)


def table(**weights: int) -> tuple[str, ...]:
    lines = (
        f"tcp 192.168.1.1:80 -> 10.1.1.{name[2:]}:80 Masq {weight}"
        for name, weight in weights.items()
    )
    return SERVICE, *lines


def watch(
    first: tuple[str, ...], *changes: tuple[float, tuple[str, ...]]
) -> TableWatch:
    return TableWatch(
        first=first,
        changes=tuple(
            TableChange(
                at=at, after=at, added=frozenset(), removed=frozenset(), table=lines
            )
            for at, lines in changes
        ),
        until=99.0,
        longest_gap=0.01,
    )


def request(began: float, *, ok: bool = True) -> Request:
    return Request(
        began=began,
        ended=began + 0.01,
        port=1,
        server="rs1" if ok else None,
        error=None if ok else "refused",
    )


def test_who_has_a_weight_gets_connections() -> None:
    assert in_rotation(table(rs2=1, rs3=1)) == BOTH
    assert in_rotation(table(rs2=7, rs3=0)) == ONE
    assert in_rotation((SERVICE,)) == frozenset()


def test_a_server_that_is_taken_out_is_noticed_and_repaired_at_once() -> None:
    seen = watch(table(rs2=1, rs3=1), (5.0, table(rs2=1, rs3=1)), (11.5, table(rs2=1)))

    reading = read(WINDOW, seen, [])

    assert (reading.noticed, reading.repaired) == (1.5, 1.5)
    assert reading.longest == 5.0


def test_a_table_that_was_never_wrong_took_no_time() -> None:
    reading = read(WINDOW, watch(table(rs2=1)), [])

    assert (reading.noticed, reading.repaired) == (None, 0.0)


def test_a_table_that_stays_wrong_is_never_repaired() -> None:
    late = 16.0, table(rs2=1)

    reading = read(WINDOW, watch(table(rs2=1, rs3=1), late), [])

    assert (reading.noticed, reading.repaired) == (None, None)


def test_what_is_repaired_and_spoilt_again_counts_until_it_is_good_for_good() -> None:
    seen = watch(
        table(rs2=1),
        (11.0, table(rs2=1, rs3=1)),
        (12.0, table(rs2=1)),
        (13.0, table(rs2=1, rs3=1)),
        (14.0, table(rs2=1, rs3=0)),
    )

    reading = read(WINDOW, seen, [])

    assert (reading.noticed, reading.repaired) == (1.0, 4.0)


def test_the_table_that_stands_when_the_window_begins_is_the_last_one_before() -> None:
    seen = watch((), (3.0, table(rs2=1, rs3=1)), (9.0, table(rs2=1)))

    assert read(WINDOW, seen, []).repaired == 0.0


def test_requests_count_where_they_began() -> None:
    requests = [
        request(9.9, ok=False),
        request(10.0, ok=False),
        request(12.0),
        request(14.9, ok=False),
        request(15.1, ok=False),
    ]

    reading = read(WINDOW, watch(table(rs2=1)), requests)

    assert reading == Reading(
        noticed=None, repaired=0.0, failed=2, requests=3, longest=5.0
    )
