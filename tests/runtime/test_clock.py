"""When this process was started."""

from monlvs.runtime import clock


def test_this_process_was_begun_before_now() -> None:
    assert 0 < clock.begun() <= clock.since_boot()
