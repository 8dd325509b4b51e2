"""Writes down when a director begins a check of a real server.

    sniffer.py LOG DEVICE SOURCE

One JSON line for each SYN that SOURCE, the director's address, sends through DEVICE:
`at` (CLOCK_MONOTONIC) and `to`, an address. Clients' connections have other sources.
"""

import ctypes
import json
import socket
import struct
import sys
import time

ETH_P_ALL = 3  # linux/if_ether.h; only such sockets see what goes out
SO_ATTACH_FILTER = 26  # asm-generic/socket.h
LENGTH = 14 + 20 + 20  # of the headers: Ethernet, IP, TCP


def syn_filter(source: bytes) -> list[tuple[int, int, int, int]]:
    """Return the program of packet(7) that lets SYNs from an address through.

    The instructions are linux/bpf_common.h's: code, jump if true, if false, operand.
    """
    half, byte, word, equal, both, take = 0x28, 0x30, 0x20, 0x15, 0x54, 0x06
    return [
        (half, 0, 0, 12),  # Ethernet's type: IPv4
        (equal, 0, 8, 0x0800),
        (byte, 0, 0, 23),  # IP's protocol: TCP
        (equal, 0, 6, socket.IPPROTO_TCP),
        (word, 0, 0, 26),  # IP's source
        (equal, 0, 4, int.from_bytes(source, "big")),
        (byte, 0, 0, 47),  # TCP's flags: SYN without ACK
        (both, 0, 0, 0x12),
        (equal, 0, 1, 0x02),
        (take, 0, 0, LENGTH),
        (take, 0, 0, 0),
    ]


def attach(sock: socket.socket, program: list[tuple[int, int, int, int]]) -> None:
    """Have the kernel drop what the program does not let through."""
    code = b"".join(struct.pack("=HBBI", *line) for line in program)
    memory = ctypes.create_string_buffer(code)
    wanted = struct.pack("@HP", len(program), ctypes.addressof(memory))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, wanted)


def sniff(path: str, device: str, source: str) -> None:
    """Write to `path` for ever."""
    with (
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock,
        open(path, "a", buffering=1, encoding="utf-8") as log,  # noqa: PTH123  # pathlib costs its import
    ):
        attach(sock, syn_filter(socket.inet_aton(source)))
        sock.bind((device, ETH_P_ALL))
        while True:
            frame = sock.recv(LENGTH)
            seen = {"at": time.monotonic(), "to": socket.inet_ntoa(frame[30:34])}
            log.write(json.dumps(seen) + "\n")


if __name__ == "__main__":
    sniff(*sys.argv[1:])
