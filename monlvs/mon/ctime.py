"""Dates as date(1) and ctime(3) print them in the C locale, in the local time zone."""

from datetime import datetime

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


def date_line(time: datetime) -> str:
    """Return `Sun Jun 13 15:08:30 GMT 1999`, as date(1) does."""
    local = time.astimezone()
    return f"{day_and_time(local)} {local.tzname()} {local.year}"


def ctime_line(time: datetime) -> str:
    """Return `Sun Jun 13 15:08:30 1999`, as ctime(3) does."""
    local = time.astimezone()
    return f"{day_and_time(local)} {local.year}"


def day_and_time(local: datetime) -> str:
    """Return `Sun Jun 13 15:08:30`; `local` is in the local time zone."""
    # strftime(3) would use the names of the daemon's locale.
    day = f"{_DAYS[local.weekday()]} {_MONTHS[local.month - 1]} {local.day:2}"
    return f"{day} {local:%H:%M:%S}"
