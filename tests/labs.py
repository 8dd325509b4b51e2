"""Fixtures that lend a running LVS to a test.

Tests of one session (one worker of xdist) share a guest per kind or topology; each
gets it tidy: all cables plugged, all services running, an empty table, nothing of the test
before left over. They need no event loop, so that every test may have its own.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from monlvs.lab import DIRECTOR, PAIR, GuestOptions, Kind, Lab, Topology, lay_out
from monlvs.model.lvs import TunnelType

LendLab = Callable[[Kind | Topology], Lab]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what is long and the files that boot labs: left to the end, one worker
    has them alone."""
    labs = Counter(item.path for item in items if item.get_closest_marker("lab"))
    labs += Counter({i.path: len(items) for i in items if i.get_closest_marker("long")})
    items.sort(key=lambda item: -labs[item.path])


def options(seconds: float = 300.0) -> GuestOptions:
    """Put all guests of a worker on one core: it works with one at a time, and the
    others' active ones are on the other core as often."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        return GuestOptions(time_limit=seconds)
    cores = sorted(os.sched_getaffinity(0))
    core = cores[int(worker.removeprefix("gw")) % len(cores)]
    return GuestOptions(time_limit=seconds, core=core)


@pytest.fixture(scope="session")
def running_labs() -> Iterator[LendLab]:
    labs: dict[Kind | Topology, Lab] = {}

    def lend(kind: Kind | Topology) -> Lab:
        if kind in labs and not labs[kind].guest.alive:
            labs.pop(kind).halt()
        if kind in labs:
            labs[kind].tidy()
        else:
            labs[kind] = Lab.boot(kind, options=options(3600))
        return labs[kind]

    yield lend
    for lab in labs.values():
        lab.halt()


@pytest.fixture
def nat_lab(running_labs: LendLab) -> Lab:
    return running_labs(Kind.NAT)


@pytest.fixture
def dr_lab(running_labs: LendLab) -> Lab:
    return running_labs(Kind.DR)


@pytest.fixture
def tun_lab(running_labs: LendLab) -> Lab:
    return running_labs(Kind.TUN)


@pytest.fixture
def localnode_lab(running_labs: LendLab) -> Lab:
    return running_labs(Kind.LOCALNODE)


@pytest.fixture
def bare_nat_lab(running_labs: LendLab) -> Lab:
    """The director is bare: it has its addresses, and no more."""
    return running_labs(lay_out(Kind.NAT, bare=[DIRECTOR]))


@pytest.fixture
def bare_tun_lab(running_labs: LendLab) -> Lab:
    """The director is bare; the servers serve any kind on one wire, and any tunnel."""
    return running_labs(lay_out(Kind.TUN, bare=[DIRECTOR], tunnels=TunnelType))


@pytest.fixture
def pair_lab(running_labs: LendLab) -> Lab:
    """Two directors of VS-DR, a client, three real servers."""
    return running_labs(lay_out(Kind.DR, pair=True))


@pytest.fixture
def nat_pair_lab(running_labs: LendLab) -> Lab:
    """Two directors of VS-NAT, which are bare, a client, three real servers."""
    return running_labs(lay_out(Kind.NAT, pair=True, bare=PAIR))


def _alone(kind: Kind) -> Iterator[Lab]:
    """A guest without a past: the kernel remembers connections of tests before."""
    lab = Lab.boot(kind, options=options())
    yield lab
    lab.halt()


@pytest.fixture
def fresh_nat_lab() -> Iterator[Lab]:
    yield from _alone(Kind.NAT)


@pytest.fixture
def fresh_dr_lab() -> Iterator[Lab]:
    yield from _alone(Kind.DR)
