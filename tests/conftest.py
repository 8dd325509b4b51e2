"""Fixtures that every test may ask for."""

from pathlib import Path

import pytest

# What several tests share asserts, too, and is to say what it saw: pytest rewrites only
# the asserts of test modules and plugins by itself.
pytest.register_assert_rewrite(
    *(f"tests.{path.stem}" for path in Path(__file__).parent.iterdir())
)
pytest_plugins = ["tests.labs"]
