"""Asks a name server a question, over UDP as resolvers do, or over TCP (RFC 1035).

What comes back is an Answer, whatever it says, or a Finding about why there is none. The
wire format is dnspython's; it is imported with the first question.
"""

import asyncio
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monlvs.model.result import Reason
from monlvs.model.values import Address
from monlvs.wire.finding import Finding, local_fault, printable, remote_fault
from monlvs.wire.lag import is_late

if TYPE_CHECKING:
    from dns.message import Message, QueryMessage

_LARGEST = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: a name, the type of its records, and whether to look elsewhere."""

    name: str
    type: str
    recursive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How it is asked: the port, the way, and how often when nobody answers."""

    port: int = 53
    tcp: bool = False
    tries: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A server's answer: its code, such as NOERROR, and the records of its answer."""

    code: str
    authoritative: bool
    records: tuple[tuple[str, str], ...]
    """Type and data of each, as a zone file spells them, sorted: servers shuffle them."""


def check_question(option: str, question: Question) -> None:
    """Raise ValueError with a sentence for what cannot be asked."""
    from dns.exception import DNSException

    try:
        _message(question)
    except DNSException as error:
        raise ValueError(
            f"{option}: expected a domain name and a type of records such as MX, not "
            f"{question.name!r} and {question.type!r}: {error}"
        ) from None


async def ask(
    question: Question,
    server: Address,
    terms: Terms,
    *,
    timeout: float,  # noqa: ASYNC109  shared out among the tries, and told in the finding
) -> Answer | Finding:
    """Ask `server` within `timeout` seconds, evenly shared out among the tries."""
    query, share = _message(question), timeout / terms.tries
    loop = asyncio.get_running_loop()
    found: Answer | Finding = Finding(Reason.TIMED_OUT, f"nothing in {timeout:g} s")
    for _ in range(terms.tries):
        started = loop.time()
        try:
            async with asyncio.timeout(share):
                return await _once(query, server, terms)
        except TimeoutError:
            if is_late(loop.time() - started - share, share):
                found = Finding(Reason.LATE, "no answer, but we were kept away")
    return found


async def _once(
    query: "QueryMessage", server: Address, terms: Terms
) -> Answer | Finding:
    from dns.exception import DNSException
    from dns.flags import TC

    family = socket.AF_INET if server.version == 4 else socket.AF_INET6
    end = (str(server), terms.port)
    try:
        if not terms.tcp:
            message = await _over_udp(query, family, end)
            if isinstance(message, Finding) or not message.flags & TC:
                return _read(message)
        return _read(await _over_tcp(query, family, end))
    except DNSException as error:
        words = printable(str(error).encode())
        return Finding(Reason.UNEXPECTED, f"not an answer: {words}")


async def _over_udp(
    query: "QueryMessage", family: int, end: tuple[str, int]
) -> "Message | Finding":
    from dns.exception import DNSException
    from dns.message import from_wire

    loop = asyncio.get_running_loop()
    with socket.socket(family, socket.SOCK_DGRAM) as wire:
        wire.settimeout(0.0)
        try:
            # Connected, so that the kernel tells what came back by ICMP.
            wire.connect(end)
            await loop.sock_sendall(wire, query.to_wire())
        except OSError as error:
            return local_fault(error)
        while True:
            try:
                data = await loop.sock_recv(wire, _LARGEST)
            except OSError as error:
                return remote_fault(error)
            # What answers nothing that was asked may be an answer to an earlier try, or
            # a forgery: the real one may still come.
            with suppress(DNSException):
                message = from_wire(data)
                if query.is_response(message):
                    return message


async def _over_tcp(
    query: "QueryMessage", family: int, end: tuple[str, int]
) -> "Message | Finding":
    from dns.message import from_wire

    loop = asyncio.get_running_loop()
    with socket.socket(family, socket.SOCK_STREAM) as wire:
        wire.settimeout(0.0)
        try:
            await loop.sock_connect(wire, end)
        except OSError as error:
            return local_fault(error)
        try:
            await loop.sock_sendall(wire, query.to_wire(prepend_length=True))
            length = int.from_bytes(await _exactly(wire, 2))
            message = from_wire(await _exactly(wire, length))
        except OSError as error:
            return remote_fault(error)
        except EOFError:
            return Finding(Reason.CLOSED_EARLY, "")
    if query.is_response(message):
        return message
    return Finding(Reason.UNEXPECTED, "the answer to another question")


async def _exactly(wire: socket.socket, count: int) -> bytes:
    loop, data = asyncio.get_running_loop(), b""
    while len(data) < count:
        part = await loop.sock_recv(wire, count - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def _message(question: Question) -> "QueryMessage":
    from dns.flags import RD
    from dns.message import make_query
    from dns.name import from_text
    from dns.rdatatype import RdataType

    query = make_query(from_text(question.name), RdataType.make(question.type))
    if not question.recursive:
        query.flags &= ~RD
    return query


def _read(message: "Message | Finding") -> Answer | Finding:
    if isinstance(message, Finding):
        return message
    from dns.flags import AA
    from dns.rcode import to_text
    from dns.rdatatype import to_text as type_name

    return Answer(
        code=to_text(message.rcode()),
        authoritative=bool(message.flags & AA),
        records=tuple(
            sorted(
                (type_name(records.rdtype), record.to_text())
                for records in message.answer
                for record in records
            )
        ),
    )
