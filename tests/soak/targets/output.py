"""What monitor programs say."""

from datetime import timedelta

from monlvs.model.result import Verdict
from monlvs.mon.escape import escape, unescape
from monlvs.monitors.external import External
from monlvs.wire.monitor import Round
from monlvs.wire.process import ProgramOutcome
from tests.soak.target import Target

HOSTS = ("h1", "h2", "192.0.2.7", "2001:db8::1")
_MONITOR = External(command="/bin/true")
_ROUND = Round(hosts=HOSTS, timeout=5.0)


def _outcome(data: bytes) -> ProgramOutcome:
    kind, value, output = data[0] % 4, data[1], data[2:]
    cut = bool(data[0] & 64)
    match kind:
        case 0:
            return ProgramOutcome(exit=value, output=output, truncated=cut)
        case 1:
            return ProgramOutcome(signal=value % 65 + 1, output=output, truncated=cut)
        case 2:
            return ProgramOutcome(signal=9, timed_out=True, output=output)
        case _:
            return ProgramOutcome(error="no such file", output=b"")


def examine(data: bytes) -> None:
    """A result names hosts of the group alone, and its text goes anywhere."""
    if len(data) < 2:
        return
    outcome = _outcome(data)
    result = _MONITOR.judge(_ROUND, outcome)
    assert (result.verdict is Verdict.UP) == (outcome.exit == 0)
    assert result.verdict is not Verdict.UP or result.exit == 0
    assert result.duration >= timedelta(0)
    assert all(host in HOSTS for host, _ in result.outcomes)
    assert len({host for host, _ in result.outcomes}) == len(result.outcomes)
    if result.verdict is Verdict.DOWN and result.outcomes:
        assert any(found.verdict is Verdict.DOWN for _, found in result.outcomes)
    result.output.encode("utf-8")  # no byte of a program's makes it no text
    assert unescape(escape(result.output)) == result.output
    assert len(result.output) <= 4 * len(outcome.output) + 200


TARGET = Target(
    examine=examine,
    files=("monlvs/monitors/external.py",),
    seeds=(
        b"\x00\x00fine\n",
        b"\x00\x01h1 h2\nh1: refused\n",
        b"\x40\x02192.0.2.7\tx\x00\xff\r\n",
        b"\x01\x0eh1",
        b"\x02\x00h2\n\n\n",
        b"\x03\x00",
    ),
    words=(*(f"{host} ".encode() for host in HOSTS), b"\n", b"\xc3", b"\x85"),
)
