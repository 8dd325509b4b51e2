"""Moments and durations, as people are told of them."""

from datetime import datetime, timedelta

from monlvs.model.span import span


def local(moment: str) -> str:
    """Return a moment as the clock on the wall shows it, as the log does."""
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M:%S}"


def lasted(seconds: float) -> str:
    """Return a duration in words."""
    return span(timedelta(seconds=seconds))
