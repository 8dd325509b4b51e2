"""mon's state files."""

from monlvs.mon import statefile
from monlvs.mon.escape import to_text
from tests.soak.target import Target


def examine(data: bytes) -> None:
    """What was read is read again, all of it, from what it is written as."""
    text = to_text(data)
    disabled, junk = statefile.read_disabled(text)
    assert statefile.read_disabled(statefile.write_disabled(disabled)) == (disabled, ())
    assert all(line in text for line in junk)

    services, junk = statefile.read_opstatus(text)
    assert all(line in text for line in junk)
    assert len(services) + len(junk) <= text.count("\n") + 1
    written = statefile.write_opstatus(services)
    assert written.count("\n") == len(services)
    assert written.isascii() or any(p.key for s in services for p in s.periods)
    again, odd = statefile.read_opstatus(written)
    assert odd == ()
    # Zero is what mon writes for never: once is enough for the two to be one.
    assert statefile.write_opstatus(again) == written
    assert [(s.group, s.service) for s in again] == [
        (s.group, s.service) for s in services
    ]
    for before, after in zip(services, again, strict=True):
        assert after.last_detail == before.last_detail
        assert after.failure_output == before.failure_output
        assert after.ack_comment == before.ack_comment
        assert after.op_status == before.op_status
        assert after.periods == before.periods


_LINE = statefile.ServiceLine(
    group="web",
    service="http",
    op_status=0,
    failure_count=3,
    last_summary="h1 'x' \\ \N{BULLET}",
    failure_output="a\nb\tc",
    exitval=-1,
    periods=(
        statefile.PeriodLine(key="wd {Sun-Sat}", last_alert=5, alert_sent=1),
        statefile.PeriodLine(key="a=b:c", failures=2),
    ),
)

TARGET = Target(
    examine=examine,
    files=("monlvs/mon/statefile.py", "monlvs/mon/escape.py"),
    seeds=(
        statefile.write_opstatus([_LINE]).encode(),
        b"disable host h1\ndisable service web http\ndisable watch web\nnonsense\n",
        b"group=a\tservice=b\texitval=undef\twd {Mon}:1stfailtime=7\r\n\n",
        b"group=\tservice=b\ngroup=a\\0a\tservice=\\\\\\zz\t:failcount=1\t=\t==\n",
    ),
    words=(
        *(b"\tgroup=", b"\tservice=", b"group=a\tservice=b\t", b":1stfailtime="),
        *(b":failcount=1", b":last_alert=", b"disable host ", b"disable watch "),
        *(b"\top_status=", b"\tlast_detail=", b"\\0a", b"\r\n"),
    ),
)
