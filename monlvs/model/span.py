"""Durations in words, as people are told of them."""

from datetime import timedelta


def span(duration: timedelta) -> str:
    """Return `1 d 2 h 3 min 4 s`, without the parts that are nothing."""
    seconds = round(duration.total_seconds())
    parts = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
    words = []
    for size, unit in parts:
        count, seconds = divmod(seconds, size)
        words += [f"{count} {unit}"] if count else []
    return " ".join(words) or "0 s"
