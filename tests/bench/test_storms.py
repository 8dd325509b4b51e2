"""What a storm is made of says the same to ipvsadm and to monlvs."""

from pathlib import Path

import pytest

from bench.storms import SERVERS, SHAPES, Shape, settings, used_at
from monlvs.config.reading import parse
from monlvs.director import rules
from monlvs.director.declared import declared_table

SMALL = Shape(3, 4)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_shape_has_ten_thousand_servers(shape: Shape) -> None:
    assert shape.services * shape.servers == SERVERS
    assert len({shape.virtual(n) for n in range(shape.services)}) == shape.services
    assert len({shape.real(n) for n in range(shape.servers)}) == shape.servers


async def test_the_rules_and_the_configuration_make_the_same_table() -> None:
    text = settings(Path("/nowhere")) + SMALL.gated() + SMALL.declared()
    config, problems = parse(text, "storm.toml")
    assert [str(problem) for problem in problems if not problem.warning] == []
    assert config is not None
    declared, refusals = await declared_table(config)

    assert refusals == ()
    assert declared == rules.read(SMALL.rules(), "rules").table
    assert {guard.key for guard in config.guards} == declared.keys()


@pytest.mark.parametrize(
    ("moment", "used"), [(9.0, 2.0), (10.0, 2.0), (10.5, 2.2), (12.0, 3.4), (14.0, 4.4)]
)
def test_what_was_used_at_a_moment_lies_between_two_looks(
    moment: float, used: float
) -> None:
    assert used_at([(10.0, 2.0), (11.0, 2.4), (13.0, 4.4)], moment) == pytest.approx(
        used
    )
