"""How late the checker itself is: silence noticed late proves nothing about a host."""

_LEAST = 0.2  # seconds; below this a busy machine is just a busy machine


def is_late(overdue: float, timeout: float) -> bool:
    """Say whether a deadline of `timeout` seconds was noticed `overdue` seconds too late.

    A quarter of the time limit is tolerated, for a check that is a little late has still
    given its host all the time that it had to give.
    """
    return overdue > max(0.25 * timeout, _LEAST)
