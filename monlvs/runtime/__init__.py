"""The thin adapters that carry out effects and report back events."""
