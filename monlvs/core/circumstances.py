"""What, besides a result itself, decides what the result means."""

from dataclasses import dataclass

from monlvs.model.values import Host


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """How things stand around a service when a result of it comes."""

    stopped: bool = False
    """The scheduler is stopped."""
    watch_disabled: bool = False
    excluded: bool = False
    """The service's exclude_period is in force."""
    holds: bool | None = None
    """What the service's alerts depend on; None: nothing."""
    runs: bool | None = None
    """What the running of its monitor depends on; None: nothing."""
    standby: bool = False
    """The other director tells people."""
    spared: frozenset[Host] = frozenset()
    """Hosts that were not checked: a parent that fails has named them."""

    @property
    def quiet(self) -> bool:
        """Nobody is told anything of the service, and it moves nothing."""
        return self.stopped or self.watch_disabled

    @property
    def silent(self) -> bool:
        """Nobody is told anything of the service from here."""
        return self.quiet or self.standby

    @property
    def frozen(self) -> bool:
        """The table stays as it is, whatever the result says."""
        depends = self.holds is False or self.runs is False
        return self.quiet or self.excluded or depends


FREE = Circumstances()
STANDBY = Circumstances(standby=True)
