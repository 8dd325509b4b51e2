"""`monlvs director audit` where there is no IPVS, or no privilege: told, with a status."""

import json
from pathlib import Path

import pytest

from tests.commandline import monlvs, run, without_privileges
from tests.daemons import configuration


def test_what_is_found_is_told_with_the_cure_and_exits_with_2(tmp_path: Path) -> None:
    path = str(configuration(tmp_path, 80))

    ended = monlvs("director", "audit", "-c", path)
    plain = monlvs("director", "audit", "-c", path, "--json")

    assert ended.status == plain.status == 2
    assert "LOST director: this kernel has no IPVS  [ipvs-missing]" in ended.out
    assert "     # modprobe ip_vs\n" in ended.out
    assert ended.out.splitlines()[-1].endswith("found; looked at: director")
    told = json.loads(plain.out)
    assert told["looked_at"] == ["director"]
    first = told["findings"][0]
    assert (first["name"], first["machine"]) == ("ipvs-missing", "director")
    assert (first["severity"], first["fix"]) == ("lost", ["modprobe ip_vs"])


def test_what_needs_privileges_is_said_not_to_have_been_looked_at(
    tmp_path: Path,
) -> None:
    path = str(configuration(tmp_path, 80))

    ended = run(without_privileges("director", "audit", "-c", path, "--json"))

    left_out = json.loads(ended.out)["not_looked_at"]
    assert len(left_out) == 2
    for words in left_out:
        assert words.endswith("(as root?)")
        assert f"monlvs: warning: {words}\n" in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ("--nope",),
        ("-c", "/no/such"),
        ("-c", "/"),
        ("--client", "nobody"),
        ("--client", "10.0.0.0/8"),
    ],
)
def test_an_audit_that_cannot_be_made_is_not_taken_for_one(
    words: tuple[str, ...],
) -> None:
    ended = monlvs("director", "audit", *words)

    assert ended.status == 1
    assert ended.out == ""
    assert "Traceback" not in ended.err
