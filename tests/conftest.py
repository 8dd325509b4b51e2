"""Fixtures that every test may ask for."""

from tests.labs import (
    dr_lab,
    fresh_dr_lab,
    fresh_nat_lab,
    localnode_lab,
    nat_lab,
    running_labs,
    tun_lab,
)

__all__ = [
    "dr_lab",
    "fresh_dr_lab",
    "fresh_nat_lab",
    "localnode_lab",
    "nat_lab",
    "running_labs",
    "tun_lab",
]
