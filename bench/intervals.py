"""How exactly intervals are kept: who connects when, as the host under check sees it."""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import quantiles
from types import TracebackType
from typing import Self

from bench import ours
from bench.measurement import Cost
from bench.peers import mon
from bench.process import Program
from bench.trial import Stage, at_once, measure_running

PORT = 8083
MINUTE = 60.0


class Arrivals:
    """Listens on all of 127.0.0.0/8 and notes when each address was connected to."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("", PORT), backlog=16_384)
        self.times: dict[str, list[float]] = {}
        self.count = 0
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            now = time.monotonic()
            with connection:
                host = connection.getsockname()[0]
            self.times.setdefault(host, []).append(now)
            self.count += 1


def exactness(times: Sequence[Sequence[float]], interval: float) -> dict[str, float]:
    """Say by how many milliseconds checks miss their interval.

    `off_*`: one interval, as it was and as it should be. `drift_ms`: by how much the
    whole row of checks has moved, of the service that has moved most.
    """
    steps = [
        abs(after - before - interval) * 1000
        for row in times
        for before, after in pairwise(row)
    ]
    drifts = [abs(row[-1] - row[0] - (len(row) - 1) * interval) * 1000 for row in times]
    if len(steps) < 2:
        raise ValueError("hardly any checks arrived")
    return {
        "off_p99_ms": quantiles(steps, n=100)[98],
        "off_most_ms": max(steps),
        "drift_ms": max(drifts),
    }


def kept(stage: Stage, services: int) -> Cost:
    """Watch the daemon check so many services once a second, for a minute."""
    state = ours.fresh(stage.work / "state")
    text = ours.service_per_host("tcp", services, state, port=PORT)
    with Arrivals() as arrivals, ours.daemon(stage, text) as program:
        return _watch(
            program, arrivals, services, 1.0, ready=lambda: ours.is_saved(state)
        )


def kept_by_mon(stage: Stage, services: int, interval: int) -> Cost:
    """Watch Perl mon check so many services, for a minute."""
    monitor = f"tcp.monitor -p {PORT}"
    text = mon.config(services, interval=interval, monitor=monitor)
    with Arrivals() as arrivals, mon.daemon(stage, text) as program:
        return _watch(program, arrivals, services, interval)


def _watch(
    program: Program,
    arrivals: Arrivals,
    services: int,
    interval: float,
    ready: Callable[[], bool] = at_once,
) -> Cost:
    # mon is slower than it was asked to be, which is what is to be shown.
    rate = services / interval / 2
    cost = measure_running(
        program, lambda: arrivals.count, rate=rate, seconds=MINUTE, ready=ready
    )
    end = time.monotonic()
    rows = [
        [when for when in row if end - MINUTE <= when <= end]
        for row in list(arrivals.times.values())
    ]
    cost.more.update(exactness([row for row in rows if len(row) > 1], interval))
    return cost
