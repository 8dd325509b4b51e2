"""Runs in a guest of the lab: a server that tells its name, and a client that asks.

    talk.py serve KIND PORT NAME ADDRESS  prints "ready" once it can be asked
    talk.py ask KIND HOST PORT WORD...    prints the answers as JSON

KIND is udp (all words from one socket) or sctp (a connection for each word).
"""

import json
import socket
import sys

KINDS = {"udp": (socket.SOCK_DGRAM, 0), "sctp": (socket.SOCK_STREAM, 132)}


def serve(kind, port, name, address):
    sock = socket.socket(socket.AF_INET, *KINDS[kind])
    sock.bind((address, int(port)))
    if kind == "sctp":
        sock.listen()
    print("ready", flush=True)
    while True:
        if kind == "udp":
            sock.sendto(name.encode(), sock.recvfrom(2048)[1])
        else:
            with sock.accept()[0] as connection:
                connection.recv(2048)
                connection.sendall(name.encode())


def connected(kind, host, port):
    sock = socket.socket(socket.AF_INET, *KINDS[kind])
    sock.settimeout(5)
    sock.connect((host, int(port)))
    return sock


def ask(kind, host, port, *words):
    answers = []
    sock = connected(kind, host, port)
    for word in words:
        sock.sendall(word.encode())
        answers.append(sock.recv(2048).decode())
        if kind == "sctp":
            sock.close()
            sock = connected(kind, host, port)
    print(json.dumps(answers))


if __name__ == "__main__":
    {"serve": serve, "ask": ask}[sys.argv[1]](*sys.argv[2:])
