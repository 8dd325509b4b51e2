"""Tests of what a benchmark finds out about its machine."""

import os

from bench.machine import step_aside


def test_who_measures_leaves_a_core_to_whoever_is_measured() -> None:
    usable = os.sched_getaffinity(0)
    try:
        cores = step_aside()

        assert os.sched_getaffinity(0) == {cores.server}
        assert {cores.client, cores.server} <= usable
        assert cores.client != cores.server or len(usable) == 1
    finally:
        os.sched_setaffinity(0, usable)
