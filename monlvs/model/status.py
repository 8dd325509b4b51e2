"""The states a service and a host can be in."""

from enum import IntEnum, StrEnum


class OpStatus(IntEnum):
    """mon's operational status; the values go over the wire (mon(8), "opstatus")."""

    FAIL = 0
    OK = 1
    COLDSTART = 2
    WARMSTART = 3
    LINKDOWN = 4
    UNKNOWN = 5
    TIMEOUT = 6
    UNTESTED = 7
    DEPEND = 8
    WARN = 9

    @property
    def is_failure(self) -> bool:
        """Whether a service in this state is failing."""
        return self in (OpStatus.FAIL, OpStatus.LINKDOWN, OpStatus.TIMEOUT)

    @property
    def is_success(self) -> bool:
        """Whether a service in this state has shown that it works."""
        return self in (OpStatus.OK, OpStatus.COLDSTART, OpStatus.WARMSTART)


class Health(StrEnum):
    """What is believed of one host, or of one guard."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"
