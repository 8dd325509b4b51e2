"""The document: what is said of figures, and all of it in place."""

from pathlib import Path

from bench.compared import document
from bench.compared.contenders import CONTENDERS, broken
from bench.compared.faults import FAULTS, ROWS
from bench.compared.session import plan
from bench.compared.summary import Comparison
from tests.bench.compared.test_summary import result

DIES = [
    result("monlvs", 1.0, 12),
    result("keepalived", 1.25, 14),
    result("ldirectord", None, 60),
]
UNDISTURBED = [
    result("monlvs", 0.0, row="killed"),
    result("keepalived", 3.0, 25, row="killed"),
]
BEHIND = [
    result("monlvs", 2.0, row="returns"),
    result("keepalived", 1.0, row="returns"),
]


def test_each_row_tells_what_everybody_did_and_whether_monlvs_is_behind() -> None:
    lines = document.overview(Comparison([*DIES, *UNDISTURBED, *BEHIND])).splitlines()

    assert lines[2:] == [
        "| server dies | 1.00 s, 12 failed | 1.25 s, 14 failed | never, 60 failed | held |",
        "| server is back | 2.00 s, 0 failed | 1.00 s, 0 failed |  | **behind** (time) |",
        "| daemon killed, started a second later | never wrong, 0 failed |"
        " 3.00 s, 25 failed |  | held |",
    ]


def test_the_figures_show_how_far_the_rounds_lie_apart() -> None:
    rounds = [*DIES, result("monlvs", 3.0, 20, number=1)]

    text = document.details(Comparison(rounds))

    assert (
        "| server dies | monlvs | 2.00 s [1.00 s to 3.00 s] | 2.00 s [1.00 s to 3.00 s]"
        " | 16 of 200 [12 to 20] |" in text
    )
    assert "|  | ldirectord | - | never (within 5 s) | 60 of 200 [60 to 60] |" in text


def test_the_verdict_names_the_rows_in_which_monlvs_is_behind() -> None:
    good, bad = Comparison(DIES), Comparison([*DIES, *BEHIND])

    assert document.verdict(good).startswith("In 1 of 1 rows monlvs is the best")
    assert document.verdict(bad).endswith("behind in: returns.")


def test_the_document_holds_figures_faults_and_configurations() -> None:
    text = document.document(Comparison(DIES), "make compared", {"keepalived": "2.2.7"})

    assert text.count("\n# ") == 0
    assert "keepalived 2.2.7" in text
    assert all(f"**{row.title}.**" in text for row in ROWS)
    for each in CONTENDERS:
        command = " ".join(each.command("python", Path(each.file), Path("/var/lib/x")))
        assert f"`{command.split('/var')[0]}" in text
    assert "virtual_server 192.168.1.1 80 {" in text


def test_rows_have_names_of_their_own() -> None:
    assert len({row.key for row in ROWS}) == len(ROWS)
    assert all(fault.rows for fault in FAULTS)


def test_contenders_take_turns_and_phases_are_spread_evenly() -> None:
    sessions = plan(CONTENDERS, 5)

    assert len(sessions) == 15
    assert [s.contender.name for s in sessions[:6]] == [
        *("monlvs", "keepalived", "ldirectord"),
        *("keepalived", "ldirectord", "monlvs"),
    ]
    phases = {s.phase for s in sessions if s.contender.name == "monlvs"}
    assert sorted(phases) == [0.1, 0.3, 0.5, 0.7, 0.9]
    assert phases == {s.phase for s in sessions if s.contender.name == "ldirectord"}


def test_a_broken_file_ends_in_the_middle_of_the_second_server() -> None:
    for each in CONTENDERS:
        text = each.text("192.168.1.1", document.ADDRESSES, Path("/var/lib/x"))
        assert broken(text).endswith("10.1.1")
        assert "10.1.1.2" in broken(text)
