"""The director's table: what it is, what it should be, and how one becomes the other.

`desired` and `plan` decide and are pure; `kernel` and `memory` are two tables behind
one Protocol; `reconcile` holds them together.
"""
