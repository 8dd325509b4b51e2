"""Medians, ratios of rounds, and bars."""

import pytest

from bench.measurement import Cost, Measurement
from bench.summary import Bar, Results, spread


def measured(
    contender: str, *costs: float, failed: int = 0, bench: str = "http"
) -> list[Measurement]:
    return [
        Measurement(
            bench=bench,
            contender=contender,
            load=1000,
            round=number,
            cost=Cost(cpu_us=cost, per_second=10.0, failed=failed, more={"lag": 2.5}),
        )
        for number, cost in enumerate(costs)
    ]


def test_a_spread_is_the_median_with_the_least_and_the_most() -> None:
    found = spread([9.0, 1.0, 4.0])

    assert (found.middle, found.least, found.most, found.count) == (4.0, 1.0, 9.0, 3)


def test_a_spread_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        spread([])


def test_a_ratio_is_taken_round_by_round_and_not_of_the_medians() -> None:
    # The machine was slow in the last round, for both.
    results = Results([*measured("ours", 2, 2, 40), *measured("floor", 1, 2, 20)])

    found = results.ratio("http", 1000, "ours", "floor")

    assert found is not None
    assert (found.middle, found.least, found.most) == (2.0, 1.0, 2.0)


def test_a_ratio_leaves_out_rounds_that_only_one_side_took_part_in() -> None:
    results = Results([*measured("ours", 3, 8), *measured("floor", 1)])

    found = results.ratio("http", 1000, "ours", "floor")

    assert found is not None
    assert (found.middle, found.count) == (3.0, 1)


def test_a_ratio_to_somebody_who_was_not_measured_is_none() -> None:
    results = Results(measured("ours", 3))

    assert results.ratio("http", 1000, "ours", "floor") is None


@pytest.mark.parametrize(("limit", "held"), [(2.0, True), (1.99, False)])
def test_a_bar_is_held_up_to_its_limit(limit: float, *, held: bool) -> None:
    results = Results([*measured("ours", 2), *measured("floor", 1)])
    bar = Bar(bench="http", load=1000, contender="ours", against="floor", limit=limit)

    assert results.judge(bar).held is held


def test_a_bar_of_what_was_not_measured_is_neither_held_nor_missed() -> None:
    bar = Bar(bench="icmp", load=1000, contender="ours", limit=1.0)

    assert Results(measured("ours", 2)).judge(bar).held is None


def test_a_bar_can_be_about_a_figure_alone() -> None:
    results = Results(measured("ours", 2, failed=1))
    lost = Bar(bench="http", load=1000, contender="ours", limit=0, figure="failed")
    late = Bar(bench="http", load=1000, contender="ours", limit=3, figure="lag")

    assert results.judge(lost).held is False
    assert results.judge(late).held is True


def test_results_are_listed_by_benchmark_load_and_contender() -> None:
    results = Results(
        [*measured("ours", 1), *measured("floor", 1), *measured("ours", 1, bench="tcp")]
    )

    assert results.benches() == ("http", "tcp")
    assert results.loads("http") == (1000,)
    assert results.contenders("http", 1000) == ("ours", "floor")
