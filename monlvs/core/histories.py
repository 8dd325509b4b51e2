"""The latest failures and alerts, as clients may list them."""

from collections import deque

from monlvs.core.effects import AlertNoted, FailureNoted

LENGTH = 100
"""mon's `histlength` where nothing is said."""


class Histories:
    """Two lists, each of at most `length` entries; the oldest goes first."""

    def __init__(self, length: int = LENGTH) -> None:
        self.failures: deque[FailureNoted] = deque(maxlen=max(length, 0))
        self.alerts: deque[AlertNoted] = deque(maxlen=max(length, 0))

    @property
    def length(self) -> int:
        """How many entries of each kind are kept (mon's `maxkeep`)."""
        return self.failures.maxlen or 0

    def resize(self, length: int) -> None:
        """Keep so many from now on."""
        self.failures = deque(self.failures, maxlen=max(length, 0))
        self.alerts = deque(self.alerts, maxlen=max(length, 0))

    def note(self, entry: FailureNoted | AlertNoted) -> None:
        """Remember one more."""
        match entry:
            case FailureNoted():
                self.failures.append(entry)
            case AlertNoted():
                self.alerts.append(entry)
