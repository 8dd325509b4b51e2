"""When what was refused is tried again."""

import errno

from monlvs.director.changes import AddServer
from monlvs.director.table import Refusal
from monlvs.director.trouble import next_try, renewed
from tests.director.worlds import WEB, stands

REFUSAL = Refusal(change=AddServer(parent=WEB, entry=stands(1)), code=errno.EBUSY)


def test_each_try_waits_twice_as_long_up_to_a_minute():
    troubles, waits, now = {}, [], 100.0
    for _ in range(12):
        troubles = renewed(troubles, [REFUSAL], now=now)
        waits.append(next_try(troubles) - now)
        now += waits[-1]
    assert waits == [0.25, 0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    (trouble,) = troubles.values()
    assert (trouble.since, trouble.tries) == (100.0, 12)


def test_what_is_not_refused_again_is_over():
    troubles = renewed({}, [REFUSAL], now=1.0)
    assert renewed(troubles, [], now=2.0) == {}
    assert next_try({}) is None
