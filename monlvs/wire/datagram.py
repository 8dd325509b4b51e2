"""Says something to a UDP port and waits for an answer, or for a refusal.

A port that nobody listens at refuses with an ICMP message; one that listens may well say
nothing to what it does not understand.
"""

import asyncio
import re
import socket
from contextlib import suppress
from dataclasses import dataclass

from monlvs.model.result import Reason
from monlvs.model.values import Address
from monlvs.wire.finding import Finding, local_fault, printable, remote_fault

_LARGEST = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Datagram:
    """What is said, and what one datagram of the answer has to contain."""

    send: bytes = b""
    expect: re.Pattern[bytes] | None = None
    """None: it is enough that nothing is refused."""
    tries: int = 2
    """How often it is said when nobody answers."""


async def converse(
    said: Datagram,
    address: Address,
    port: int,
    *,
    timeout: float,  # noqa: ASYNC109  shared out among the tries
) -> Finding:
    """Talk with a port for `timeout` seconds at most, evenly shared out among the tries.

    Where no answer is expected, their end without a refusal is a success.
    """
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    loop = asyncio.get_running_loop()
    others: list[bytes] = []
    with socket.socket(family, socket.SOCK_DGRAM) as wire:
        wire.settimeout(0.0)
        for _ in range(said.tries):
            try:
                # Connected, so that the kernel tells what came back by ICMP.
                wire.connect((str(address), port))
                await loop.sock_sendall(wire, said.send)
            except OSError as error:
                return local_fault(error)
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout / said.tries):
                    return await _answer(wire, said.expect, others)
    if others:
        return Finding(Reason.UNEXPECTED, printable(others[-1]))
    if said.expect is None:
        return Finding(Reason.OK, "nothing was refused")
    return Finding(Reason.TIMED_OUT, f"no answer in {timeout:g} s")


async def _answer(
    wire: socket.socket, expect: re.Pattern[bytes] | None, others: list[bytes]
) -> Finding:
    """Wait for what is expected; the last of all that is not goes to `others`."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            data = await loop.sock_recv(wire, _LARGEST)
        except OSError as error:
            return remote_fault(error)
        if expect is None or expect.search(data):
            return Finding(Reason.OK, printable(data))
        others[:] = [data]
