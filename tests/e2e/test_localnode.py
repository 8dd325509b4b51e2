"""LocalNode by LVS-HOWTO 11.5, in the short form: the director is a server too."""

import pytest

from monlvs.lab import Kind
from tests.e2e.howto import Section115

pytestmark = pytest.mark.lab


class TestLocalNode(Section115):
    kind = Kind.LOCALNODE
