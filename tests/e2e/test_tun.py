"""VS-TUN by LVS-HOWTO 11.5, in the short form."""

import pytest

from monlvs.lab import Kind
from tests.e2e.howto import Section115

pytestmark = pytest.mark.lab


class TestTun(Section115):
    kind = Kind.TUN
