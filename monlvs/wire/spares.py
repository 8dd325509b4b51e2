"""Connected once, and good for another conversation: sockets that were not closed.

To make a socket, to watch it and to close it is 5 of the 37 µs of a check's system calls
(decision 17). connect(2) with AF_UNSPEC ends a connection with a reset and leaves the
socket as it was before it had one.

Rule 1: only a socket that took no options of its own, and whose conversation went well,
comes here (`Exchange.reusable`). Rule 2: one that cannot be dissolved is not kept.
Rule 3: a spare stays in the epoll, and wakes it up when it is dissolved; whoever reads
events looks a descriptor up before it believes one.
"""

import ctypes
from socket import SocketType
from typing import TypeAlias

MOST = 256
"""Spares of one family: about as many as are begun in one turn of the loop."""

_CONNECT = ctypes.CDLL(None).connect
_NOBODY = ctypes.create_string_buffer(16)
"""A struct sockaddr of the family AF_UNSPEC, which is 0; `socket` does not make any."""


Spare: TypeAlias = tuple[SocketType, int, int]
"""A socket without a connection, its descriptor, the events that epoll reports of it. A
tuple: a named one takes as long to make as to keep."""


class Spares:
    """Sockets kept for the next conversation, the latest first: it is still in the caches."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: dict[int, list[Spare]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._kept.values()))

    def take(self, family: int) -> Spare | None:
        """Return a socket of `family`, or None when one has to be made."""
        kept = self._kept.get(family)
        return kept.pop() if kept else None

    def keep(self, family: int, sock: SocketType, fd: int, interest: int) -> bool:
        """End the socket's connection with a reset and keep it; False: it has to be closed."""
        kept = self._kept.get(family)
        if kept is None:
            kept = self._kept[family] = []
        if len(kept) >= self._most or _CONNECT(fd, _NOBODY, 16):
            return False
        kept.append((sock, fd, interest))
        return True

    def close(self) -> None:
        """Close all of them."""
        for kept in self._kept.values():
            for sock, _, _ in kept:
                sock.close()
        self._kept.clear()
