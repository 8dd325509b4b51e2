"""Everything that decides.

Synchronous and pure: an event and `now` go in, effects come out as values. No IO, no
await, no clock, no randomness; the import contracts hold us to it.
"""
