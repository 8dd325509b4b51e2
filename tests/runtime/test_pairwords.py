"""What the two directors disagree on, in a line."""

import logging

from monlvs.director.outlook import Disagreement, DisagreementsChanged
from monlvs.runtime.words import sentence


def told(count: int) -> str:
    disagreements = tuple(
        Disagreement(about=f"web/http: host {n}", here="up", there="down")
        for n in range(count)
    )
    record = DisagreementsChanged(peer="dirB", disagreements=disagreements)
    level, words = sentence(record)
    assert level == logging.WARNING
    return words


def test_what_they_disagree_on_is_told() -> None:
    assert told(1) == (
        "the two directors disagree: web/http: host 0: up here, down at dirB"
    )


def test_of_many_the_rest_is_counted() -> None:
    assert told(9).endswith("host 5: up here, down at dirB; and 3 more")


def test_that_they_agree_again_is_told() -> None:
    assert told(0) == "the two directors agree, this one and dirB"
