"""ldirectord.cf, as ldirectord(8) describes it and ldirectord 4.12 reads it."""

from monlvs.config.importers.ldirectord.mapping import read

__all__ = ["read"]
