"""Monitors: one file each, one frozen dataclass whose fields are its options."""
