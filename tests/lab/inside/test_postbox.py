"""A mail server that real senders can talk to."""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from email.message import EmailMessage

import aiosmtplib
import pytest

from monlvs.lab.inside import postbox
from monlvs.lab.records import read_mails
from tests.lab.loopback import loopback


@contextlib.asynccontextmanager
async def open_postbox(log: io.StringIO) -> AsyncIterator[int]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await postbox.Session(log, reader, writer).serve()

    async with loopback(talk) as port:
        yield port


async def test_messages_are_kept_as_they_were_sent(tmp_path) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "mon@director", "a@client, b@client"
    message["Subject"] = "down"
    message.set_content("rs2\n.\n..\nüber\n")
    log = io.StringIO()
    async with open_postbox(log) as port:
        sender = aiosmtplib.SMTP(hostname="127.0.0.1", port=port)
        async with sender:
            for _ in range(2):
                await sender.send_message(message)
    (tmp_path / "log").write_text(log.getvalue())
    first, second = read_mails(tmp_path / "log")
    assert first.at < second.at
    assert (first.sender, first.recipients) == (
        "mon@director",
        ("a@client", "b@client"),
    )
    assert "\nrs2\n.\n..\n" in first.text


@pytest.mark.parametrize(
    ("commands", "code"),
    [
        (["RCPT TO:<a>"], 503),
        (["MAIL FROM:<a>", "DATA"], 503),
        (["VRFY a"], 502),
        (["MAIL FROM:<a>", "RSET", "RCPT TO:<b>"], 503),
    ],
)
async def test_what_is_out_of_turn_is_refused(commands: list[str], code: int) -> None:
    log = io.StringIO()
    async with open_postbox(log) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.readline()
        for command in commands:
            writer.write(f"{command}\r\n".encode())
            reply = await reader.readline()
        writer.close()
        await writer.wait_closed()
    assert int(reply[:3]) == code
    assert log.getvalue() == ""
