"""What the server remembers of one client."""

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Session:
    """One connection; it alone changes what stands here."""

    address: str
    """The client's, without its port."""
    name: str = ""
    """`address:port`, for the log."""
    user: str = ""
    """Who logged in; empty: nobody yet."""
    view: str = ""
    """The view whose groups alone are listed; empty: all of them."""
