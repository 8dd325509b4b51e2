"""The tables for the terminal and for the documentation."""

from bench import cli, report
from bench.bars import BARS
from bench.measurement import Cost, Measurement
from bench.suites import SUITES, trials
from bench.summary import Bar, Results


def results() -> Results:
    costs = {"C floor": 20.0, "monlvs": 40.0, "keepalived": 80.0}
    return Results(
        Measurement(
            bench="http-open",
            contender=contender,
            load=5_000,
            round=number,
            cost=Cost(cpu_us=cost, per_second=5_000, rss_kb=2048),
            load_average=0.25,
        )
        for contender, cost in costs.items()
        for number in range(2)
    )


def test_a_table_has_costs_and_ratios_to_floor_and_peer() -> None:
    text = report.figures(results())

    assert "| 5,000 | C floor | 20.0 [20.0 to 20.0] |  |  | 5,000 | 2 |" in text
    assert "| monlvs | 40.0 [40.0 to 40.0] | 2.00 [2.00 to 2.00] |  |" in text
    assert "| keepalived | 80.0 [80.0 to 80.0] | 4.00 [4.00 to 4.00] | 0.50" in text


def test_a_storms_table_has_wall_time_and_no_memory() -> None:
    storm = Measurement(
        bench="storm-one",
        contender="ipvsadm -R",
        load=10_000,
        round=0,
        cost=Cost(cpu_us=250.0, per_second=4_000, more={"wall_ms": 2_500.0}),
    )

    text = report.figures(Results([storm]))

    assert "| per second | wall ms | MB |" in text
    assert "| 4,000 | 2,500 |  |" in text


def test_each_bar_is_marked() -> None:
    missed = Bar(
        bench="http-open",
        load=5_000,
        contender="monlvs",
        against="C floor",
        limit=1.5,
    )
    held = Bar(
        bench="http-open",
        load=5_000,
        contender="monlvs",
        against="keepalived",
        limit=1.0,
    )
    absent = Bar(bench="icmp", load=1, contender="monlvs", limit=1.0)
    judged = [results().judge(bar) for bar in (missed, held, absent)]

    lines = report.bars(judged).splitlines()[2:]

    assert lines[0].endswith("| 2.00 [2.00 to 2.00] | **missed** |")
    assert lines[1].endswith("| 0.50 [0.50 to 0.50] | held |")
    assert lines[2].endswith("| not measured |  |")


def test_the_document_says_which_command_made_it() -> None:
    command = "python -m bench --write-docs"
    text = report.document(results(), [], command, ["icmp: no fping here"])

    assert "Made by `python -m bench --write-docs`" in text
    assert "- Not measured: icmp: no fping here." in text
    assert "2 rounds; load average while measuring 0.25 to 0.25" in text


def test_the_command_is_told_without_where_the_results_are() -> None:
    words = ["icmp", "--results", "/x/y.jsonl", "--runs", "3", "--from=z"]

    assert cli._command(words) == "python -m bench icmp --runs 3"


def test_the_beginning_of_a_name_chooses_benchmarks() -> None:
    assert {trial.bench for trial in trials(["http"])} == {
        "http-closed",
        "http-open",
        "http-single",
    }
    assert {trial.bench for trial in trials([])} >= set(SUITES) - {"replan"}


def test_one_load_of_a_benchmark_can_be_chosen() -> None:
    chosen = trials(["http-open@5000", "timetable"])

    assert {t.load for t in chosen if t.bench == "http-open"} == {5_000}
    assert {t.load for t in chosen if t.bench == "timetable"} == {1_000, 10_000, 50_000}
    assert trials(["http-open@7"]) == []


def test_every_bar_is_about_something_that_is_measured() -> None:
    measured = {(t.bench, t.load, t.contender) for t in trials([])}

    for bar in BARS:
        assert (bar.bench, bar.load, bar.contender) in measured
        if bar.against is not None:
            assert (bar.bench, bar.load, bar.against) in measured
