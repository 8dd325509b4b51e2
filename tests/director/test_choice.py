"""Which table is opened, and what is said when it is not the kernel's."""

import pytest

from monlvs.director.choice import open_table
from monlvs.director.table import TableError


def test_memory_is_opened_when_asked_for():
    choice = open_table("memory")
    assert (choice.table.name, choice.shortfall) == (
        "memory",
        "the table in memory was asked for",
    )


def test_auto_says_why_it_is_not_the_kernels():
    choice = open_table("auto")
    assert (choice.table.name == "kernel") is (choice.shortfall is None)
    if choice.shortfall is None:
        return
    with pytest.raises(TableError, match=r".") as error:
        open_table("kernel")
    assert str(error.value) == choice.shortfall


def test_any_other_word_is_an_error():
    with pytest.raises(TableError, match="expected kernel, memory or auto"):
        open_table("iptables")
