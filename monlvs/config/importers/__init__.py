"""Configurations of other programs that keep an IPVS table, to mon_lvs.toml.

    text → statements → blocks → Blueprint → TOML, which is read again and compared

Rule 1: nothing here reads a file or a clock; what has to be looked up comes with `Site`.
Rule 2: what is refused is an error with its place, and then nothing is written; what has
no counterpart is a note that says what to do instead.
"""
