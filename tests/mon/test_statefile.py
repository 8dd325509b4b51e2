"""mon's state files, as mon 1.3 wrote them."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from monlvs.mon.statefile import (
    DisabledFile,
    PeriodLine,
    ServiceLine,
    read_disabled,
    read_opstatus,
    write_disabled,
    write_opstatus,
)

DISABLED = "disable host h4\ndisable host h2\ndisable service g t\ndisable watch k\n"
FAILING = (
    "group=g\tservice=s\top_status=0\tfailure_count=3\talert_count=5\tlast_success=0\t"
    "first_success=\tconsec_failures=3\tlast_failure=1795489117\t"
    "first_failure=1795489113\tlast_summary=1x\tlast_failure_time=\t"
    "last_failure_summary=\tlast_failure_detail=\tlast_detail=d\\20t\\0a\tack=0\t"
    "ack_comment=\tlast_trap=0\tlast_traphost=\texitval=1\tlast_check=1795489116\t"
    "last_op_status=0\tfailure_output=1x\\0ad\\20t\\0a\ttrap_timer=\t"
    "L:last_alert=1795489117\tL:alert_sent=2\tL:1stfailtime=1795489113\tL:failcount=3\t"
    "wd {Sun-Sat}:last_alert=1795489117\twd {Sun-Sat}:alert_sent=3\t"
    "wd {Sun-Sat}:1stfailtime=\twd {Sun-Sat}:failcount=\n"
)
FRESH = (
    "group=h\tservice=trap\top_status=7\tfailure_count=0\talert_count=0\t"
    "last_success=0\tfirst_success=\tconsec_failures=0\tlast_failure=0\t"
    "first_failure=\tlast_summary=\tlast_failure_time=\tlast_failure_summary=\t"
    "last_failure_detail=\tlast_detail=\tack=0\tack_comment=\tlast_trap=0\t"
    "last_traphost=\texitval=undef\tlast_check=\tlast_op_status=7\tfailure_output=\t"
    "trap_timer=3593\t:last_alert=\t:alert_sent=0\t:1stfailtime=\t:failcount=\n"
)


def test_what_mon_has_disabled_is_read_and_written_alike() -> None:
    disabled, junk = read_disabled(DISABLED + "\n")

    assert disabled == DisabledFile(
        hosts=("h4", "h2"), services=(("g", "t"),), watches=("k",)
    )
    assert junk == ()
    assert write_disabled(disabled) == DISABLED


def test_lines_that_disable_nothing_are_returned() -> None:
    assert read_disabled("disable host\nfoo\ndisable watch a b\n")[1] == (
        "disable host",
        "foo",
        "disable watch a b",
    )


def test_a_service_of_mon_is_read() -> None:
    (service,), junk = read_opstatus(FAILING + "\n")

    assert service == ServiceLine(
        group="g",
        service="s",
        op_status=0,
        failure_count=3,
        alert_count=5,
        last_success=0,
        consec_failures=3,
        last_failure=1795489117,
        first_failure=1795489113,
        last_summary="1x",
        last_detail="d t\n",
        ack=0,
        last_trap=0,
        exitval=1,
        last_check=1795489116,
        last_op_status=0,
        failure_output="1x\nd t\n",
        periods=(
            PeriodLine(
                key="L",
                last_alert=1795489117,
                alert_sent=2,
                first_failure=1795489113,
                failures=3,
            ),
            PeriodLine(key="wd {Sun-Sat}", last_alert=1795489117, alert_sent=3),
        ),
    )
    assert junk == ()


def test_what_mon_wrote_is_written_again() -> None:
    for text in (FAILING, FRESH, FAILING + FRESH):
        assert write_opstatus(read_opstatus(text)[0]) == text


def test_a_service_without_a_state_is_written_as_mon_writes_it() -> None:
    fresh = ServiceLine(
        group="h",
        service="trap",
        op_status=7,
        last_op_status=7,
        trap_timer=3593,
        periods=(PeriodLine(key="", alert_sent=0),),
    )
    assert write_opstatus([fresh]) == FRESH


def test_what_is_not_known_counts_for_nothing() -> None:
    services, junk = read_opstatus(
        "group=g\tservice=s\tnew_key=5\top_status=x\tack=\tjunk\nservice=t\nfoo\n"
    )

    assert services == (ServiceLine(group="g", service="s"),)
    assert junk == ("service=t", "foo")


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NAME = TEXT.filter(bool)
NUMBER = st.none() | st.integers(0, 10**10)
PERIOD = st.builds(
    PeriodLine,
    key=st.text(alphabet="ab {}:-=,", max_size=8),
    last_alert=NUMBER,
    alert_sent=NUMBER,
    first_failure=NUMBER,
    failures=NUMBER,
)


@given(
    st.builds(
        ServiceLine,
        group=NAME,
        service=NAME,
        op_status=NUMBER,
        last_summary=TEXT,
        failure_output=TEXT,
        ack=st.integers(0, 10**10),
        ack_comment=TEXT,
        exitval=st.none() | st.integers(-1, 300),
        first_failure=NUMBER,
        periods=st.lists(PERIOD, max_size=3, unique_by=lambda p: p.key).map(tuple),
    )
)
def test_what_is_written_is_read(service: ServiceLine) -> None:
    (read,), junk = read_opstatus(write_opstatus([service]))
    zeros = {
        key: getattr(service, key) or 0
        for key in (
            *("failure_count", "alert_count", "consec_failures"),
            *("last_success", "last_failure", "last_trap"),
        )
    }
    assert read == replace(service, **zeros)
    assert junk == ()


@given(st.text() | st.text(alphabet="group=service\t\n:1"))
def test_any_text_is_read(text: str) -> None:
    read_disabled(text)
    for service in read_opstatus(text)[0]:
        assert service.group
