"""The trap alert sends datagrams that a mon server understands."""

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from monlvs.alerts.trap import Trap
from monlvs.model.plugin import Alert, AlertError
from monlvs.mon.trap import MAX_DATAGRAM, decode_trap
from monlvs.mon.trap import Trap as Message
from tests.alerts.occasions import FAILURE, UP


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(20)
        yield listening


def received(server: socket.socket) -> Message:
    trap = decode_trap(server.recv(MAX_DATAGRAM))
    assert isinstance(trap, Message)
    return trap


def to(server: socket.socket, **options: object) -> Trap:
    port = server.getsockname()[1]
    return Trap(to=("127.0.0.1",), port=port, **options)  # type: ignore[arg-type]


def test_it_is_an_alert() -> None:
    assert isinstance(Trap(to=("mon2",)), Alert)


async def test_a_failure_arrives_as_it_was_found(server: socket.socket) -> None:
    await to(server, username="joe", password="it's").send(replace(FAILURE, exit=3))
    trap = received(server)

    assert (trap.group, trap.service, trap.status) == ("web", "http", 3)
    assert (trap.summary, trap.detail) == ("10.1.1.2", "10.1.1.2: connection refused")
    assert (trap.user, trap.password) == ("joe", "it's")
    assert (trap.kind, trap.time) == (0, int(FAILURE.time.timestamp()))


async def test_a_recovery_is_a_success(server: socket.socket) -> None:
    await to(server).send(UP)
    trap = received(server)

    assert (trap.status, trap.kind, trap.user) == (0, 1, "")


async def test_the_services_variables_beat_the_options(server: socket.socket) -> None:
    variables = (("MON_TRAP_USER", "ann"), ("MON_TRAP_PASS", "other"))
    alert = to(server, username="joe", password="x", opstatus=6)
    await alert.send(replace(FAILURE, variables=variables))
    trap = received(server)

    assert (trap.user, trap.password, trap.kind) == ("ann", "other", 6)


async def test_what_is_too_long_is_cut(server: socket.socket) -> None:
    await to(server).send(replace(FAILURE, text="x\n" + "\x01" * 100_000))
    trap = received(server)

    assert trap.summary == "x"
    assert 10_000 < len(trap.detail) < 20_000


async def test_every_server_that_cannot_be_told_is_named(server: socket.socket) -> None:
    port = server.getsockname()[1]
    alert = Trap(to=("no.such.invalid", "127.0.0.1"), port=port)
    with pytest.raises(AlertError, match=r"no\.such\.invalid") as found:
        await alert.send(FAILURE)

    assert "127.0.0.1:" not in str(found.value)
    assert received(server).summary == "10.1.1.2"


def test_the_preview_hides_the_password() -> None:
    shown = Trap(to=("mon2",), username="joe", password="secret").preview(FAILURE)

    assert "to mon2, UDP port 2583" in shown
    assert "pas='…'" in shown
    assert "secret" not in shown


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"to": ()}, "to: expected at least one server"),
        ({"to": ("a b",)}, "to: expected a name or an address"),
        ({"to": ("a",), "port": 0}, "port: expected 1 to 65535"),
        ({"to": ("a",), "opstatus": 12}, "opstatus: expected 0 to 9"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Trap(**options)  # type: ignore[arg-type]
