"""Fixtures that every test may ask for."""

import signal
from pathlib import Path

import pytest

# Started in the background (`make test &`) it would ignore Ctrl-C and hand that down to
# every program that a test interrupts (sh(1): asynchronous lists).
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What several tests share asserts, too, and is to say what it saw: pytest rewrites only
# the asserts of test modules and plugins by itself.
pytest.register_assert_rewrite(
    *(f"tests.{path.stem}" for path in Path(__file__).parent.iterdir())
)
pytest_plugins = ["tests.labs"]
