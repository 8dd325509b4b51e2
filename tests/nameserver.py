"""A name server of one zone, over UDP and TCP at one port, that does as a test likes.

python -m tests.nameserver ADDRESS PORT ORIGIN <ZONE-FILE
"""

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.zone

ZONE = """
@ 60 IN SOA ns1 admin 7 60 60 60 60
@ 60 IN NS ns1
@ 60 IN MX 10 mail
ns1 60 IN A 10.1.1.2
www 60 IN A 10.1.1.2
www 60 IN A 10.1.1.3
"""
"""Of example.org; its serial number is 7."""


class NameServer(asyncio.DatagramProtocol):
    """What it serves and how; both may be changed while it runs."""

    def __init__(self, text: str = ZONE, origin: str = "example.org") -> None:
        self.zone = dns.zone.from_text(text, origin=origin, relativize=False)
        self.port = 0
        self.authoritative = True
        self.silent = 0
        """So many of the next questions over UDP go unanswered."""
        self.truncates = False
        self.garbage = b""
        """Sent before each answer over UDP, and instead of it over TCP."""
        self.asked: list[tuple[str, bool]] = []
        """The way of each question, and whether it asked to look elsewhere."""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        self.asked.append(("udp", bool(query.flags & dns.flags.RD)))
        if self.silent:
            self.silent -= 1
            return
        reply = self._reply(query)
        if self.truncates:
            reply.flags |= dns.flags.TC
            reply.answer.clear()
        if self.garbage:
            self._transport.sendto(self.garbage, address)
        self._transport.sendto(reply.to_wire(), address)

    async def talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer one question over TCP."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            length = int.from_bytes(await reader.readexactly(2))
            query = dns.message.from_wire(await reader.readexactly(length))
            self.asked.append(("tcp", bool(query.flags & dns.flags.RD)))
            reply = self._reply(query).to_wire(prepend_length=True)
            writer.write(self.garbage or reply)
            await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    def _reply(self, query: dns.message.Message) -> dns.message.Message:
        reply = dns.message.make_response(query)
        if self.authoritative:
            reply.flags |= dns.flags.AA
        (question,) = query.question
        if not question.name.is_subdomain(self.zone.origin):
            reply.set_rcode(dns.rcode.REFUSED)
        elif self.zone.get_node(question.name) is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        else:
            found = self.zone.get_rrset(question.name, question.rdtype)
            if found is not None:
                reply.answer.append(found)
        return reply


@contextlib.asynccontextmanager
async def nameserver(
    server: NameServer, *, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[NameServer]:
    """Serve at a port of the kernel's choice unless stated."""
    loop = asyncio.get_running_loop()
    # Whoever has the port for TCP has it for UDP: tests bind nothing else over UDP.
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.bind((host, port))
        udp.setblocking(False)
        server.port = udp.getsockname()[1]
        tcp = await asyncio.start_server(server.talk, host, server.port)
        transport, _ = await loop.create_datagram_endpoint(lambda: server, sock=udp)
        try:
            yield server
        finally:
            tcp.close()
            await tcp.wait_closed()
            transport.close()
            await asyncio.sleep(0)


async def main() -> None:
    """Serve as the arguments say, until killed."""
    address, port, origin = sys.argv[1:]
    server = NameServer(sys.stdin.read() or ZONE, origin)
    async with nameserver(server, host=address, port=int(port)):
        print("serving", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
