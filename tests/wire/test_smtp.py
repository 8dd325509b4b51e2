"""Mail is handed to servers that take it, put it off, refuse it, or hang."""

import asyncio
from contextlib import suppress

import pytest

from monlvs.model.plugin import AlertError
from monlvs.wire.smtp import Envelope, MailServer, MailTls, deliver
from tests.alerts.post_office import PostOffice, open_office
from tests.monitors.loopback import closed_port, serving, silence

LATER = "451 4.7.1 Greylisted, try again later"
NEVER = "550 5.1.1 No such user here"
MAIL = Envelope(
    sender="monlvs@lvs.example",
    recipients=("a@example.org", "b@example.org"),
    message=b"Subject: x\r\n\r\n.leading dot\r\n",
)


def at(port: int, *, timeout: float = 20) -> MailServer:
    return MailServer(host="127.0.0.1", port=port, tls=MailTls.NONE, timeout=timeout)


async def refused(server: MailServer, envelope: Envelope = MAIL) -> AlertError:
    """Deliver what cannot be delivered, and return what is said about it."""
    with pytest.raises(AlertError) as caught:
        await deliver(server, envelope)
    return caught.value


async def test_mail_arrives_whole() -> None:
    async with open_office(PostOffice()) as office:
        await deliver(at(office.port), MAIL)
    (envelope,) = office.envelopes
    assert envelope.mail_from == MAIL.sender
    assert envelope.rcpt_tos == list(MAIL.recipients)
    assert envelope.content == MAIL.message


async def test_greylisting_is_worth_another_try_and_the_next_one_passes() -> None:
    put_off = {address: [LATER] for address in MAIL.recipients}
    async with open_office(PostOffice(replies=put_off)) as office:
        error = await refused(at(office.port))
        assert not error.lasting
        assert "a@example.org: 451" in str(error)
        await deliver(at(office.port), MAIL)
    assert len(office.envelopes) == 1


async def test_readers_that_do_not_exist_are_not_worth_another_try() -> None:
    replies = {address: [NEVER] for address in MAIL.recipients}
    async with open_office(PostOffice(replies=replies)) as office:
        error = await refused(at(office.port))
    assert error.lasting
    assert "b@example.org: 550 5.1.1 No such user here" in str(error)


async def test_one_reader_who_does_not_exist_keeps_the_mail_from_nobody_else() -> None:
    async with open_office(PostOffice(replies={"a@example.org": [NEVER]})) as office:
        error = await refused(at(office.port))
    assert error.lasting
    assert "a@example.org: 550" in str(error)
    assert "b@example.org" not in str(error)
    assert office.envelopes[0].rcpt_tos == ["b@example.org"]


async def test_one_reader_who_is_put_off_is_worth_another_try() -> None:
    replies = {"a@example.org": [LATER], "b@example.org": [NEVER]}
    envelope = Envelope(
        sender=MAIL.sender,
        recipients=(*MAIL.recipients, "c@example.org"),
        message=MAIL.message,
    )
    async with open_office(PostOffice(replies=replies)) as office:
        error = await refused(at(office.port), envelope)
    assert not error.lasting


@pytest.mark.parametrize(
    ("reply", "lasting"),
    [("452 4.3.1 Mail system full", False), ("554 5.7.1 Looks like spam", True)],
)
async def test_the_code_says_whether_a_refused_mail_may_pass_later(
    reply: str, lasting: bool
) -> None:
    async with open_office(PostOffice(data_reply=reply)) as office:
        error = await refused(at(office.port))
    assert error.lasting is lasting
    assert reply[:3] in str(error)


async def test_a_server_that_never_greets_is_left_at_the_time_limit() -> None:
    async with serving(silence) as served:
        error = await refused(at(served.port, timeout=0.3))
    assert not error.lasting


async def test_a_server_that_drips_cannot_stretch_the_time_limit() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not reader.at_eof():
            writer.write(b"220-still here\r\n")
            await writer.drain()
            with suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    await reader.read(100)

    async with serving(drip) as served:
        error = await refused(at(served.port, timeout=0.5))
    assert not error.lasting


async def test_a_mail_that_was_taken_is_delivered_even_without_a_goodbye() -> None:
    taken = asyncio.Event()

    async def post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 post.example\r\n")
        while line := await reader.readline():
            if line == b"DATA\r\n":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                taken.set()
            if line == b"QUIT\r\n":
                return
            writer.write(b"250 fine\r\n")

    async with serving(post) as served:
        await deliver(at(served.port), MAIL)
    assert taken.is_set()


async def test_a_server_that_hangs_up_is_worth_another_try() -> None:
    async def rude(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 post.example\r\n")

    async with serving(rude) as served:
        error = await refused(at(served.port))
    assert not error.lasting


async def test_a_server_that_is_busy_says_so() -> None:
    async def busy(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"421 4.3.2 too many connections\r\n")

    async with serving(busy) as served:
        error = await refused(at(served.port))
    assert not error.lasting
    assert "421" in str(error)


async def test_a_closed_port_is_worth_another_try() -> None:
    served = await closed_port()
    error = await refused(at(served.port))
    assert not error.lasting
    assert f"127.0.0.1:{served.port}" in str(error)


async def test_a_missing_ca_file_is_told() -> None:
    server = MailServer(
        host="127.0.0.1", port=1, tls=MailTls.TLS, ca_file="/nonexistent.pem"
    )
    error = await refused(server)
    assert error.lasting
    assert str(error).startswith("ca_file: cannot read /nonexistent.pem: ")


def test_a_server_hides_its_password_and_brackets_its_address() -> None:
    server = MailServer(host="::1", port=25, username="u", password="sesame")
    assert str(server) == "[::1]:25"
    assert "sesame" not in repr(server)
