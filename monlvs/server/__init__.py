"""mon's client port (TCP) and trap port (UDP).

Rule 1: nothing is decided here: a request becomes an event for the engine, or is
answered from its states. Rule 2: a client costs bounded memory, time and descriptors
whatever it does, and never makes a check late by more than a few milliseconds.
"""
