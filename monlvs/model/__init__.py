"""What a director watches and keeps, as plain frozen values.

Rule 1: no behaviour beyond restating a field. Rule 2: equality is meaningful: two
spellings of one configuration compare equal.
"""
