"""What operators have decided of real servers, over what checks say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from monlvs.model.lvs import RealServer, VirtualKey
from monlvs.model.pool import Act

Target: TypeAlias = tuple[VirtualKey, RealServer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forced:
    """An operator's decision, until it is released."""

    act: Act
    who: str
    why: str
    at: datetime
    until: datetime | None = None
    """When it ends by itself."""


Forcings: TypeAlias = Mapping[Target, Forced]
