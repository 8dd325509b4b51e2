"""What a mail says, and how it is handed to servers and to sendmail."""

import os
import re
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, message_from_string
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from monlvs.alerts.mail import Mail
from monlvs.model.plugin import Alert, AlertError, AlertKind, Occasion
from monlvs.wire.smtp import MailTls
from tests.alerts.occasions import FAILURE, UP
from tests.alerts.post_office import PostOffice, open_office

ROOT_MAIL = Mail(to=("root",))


def read(mail: str) -> EmailMessage:
    """Parse a mail as its reader would."""
    parsed = message_from_string(mail, policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_it_is_an_alert() -> None:
    assert isinstance(ROOT_MAIL, Alert)


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (AlertKind.FAILURE, "ALERT"),
        (AlertKind.UP, "UPALERT"),
        (AlertKind.STARTUP, "STARTUPALERT"),
        (AlertKind.TRAP, "TRAPALERT"),
        (AlertKind.TRAP_TIMEOUT, "TRAPTIMEOUTALERT"),
        (AlertKind.ACK, "ACKALERT"),
        (AlertKind.TEST, "TESTALERT"),
    ],
)
def test_the_subject_tells_what_happened_and_where(kind: AlertKind, word: str) -> None:
    subject = read(ROOT_MAIL.preview(replace(FAILURE, kind=kind)))["Subject"]
    assert subject == f"{word} web/http: 10.1.1.2"


def test_the_subject_can_be_set_and_begun() -> None:
    mail = Mail(to=("root",), subject="look at it", prefix="[lvs]")
    assert read(mail.preview(FAILURE))["Subject"] == "[lvs] ALERT web/http: look at it"


def test_a_failure_without_a_summary_has_one_in_the_subject() -> None:
    told = read(ROOT_MAIL.preview(replace(FAILURE, text="")))
    assert told["Subject"] == "ALERT web/http: (NO SUMMARY)"


def test_the_body_tells_all_that_is_known() -> None:
    body = read(ROOT_MAIL.preview(FAILURE)).get_content()
    for line in (
        "Group:        web",
        "Service:      http",
        "Description:  The shop",
        "Hosts:        10.1.1.2 10.1.1.3",
        "Down:         10.1.1.2",
        "Next alert:   in 30 min",
        "10.1.1.2: connection refused",
    ):
        assert line in body.splitlines()
    assert "Outage:" not in body


def test_an_upalert_tells_how_long_the_outage_lasted() -> None:
    body = read(ROOT_MAIL.preview(UP)).get_content()
    assert "Outage:       1 h 1 min 3 s" in body.splitlines()
    assert "Down:" not in body


def test_the_headers_tell_machines_what_it_is() -> None:
    mail = read(
        Mail(to=("a@b.example", "c@d.example"), sender="m@l.example").preview(FAILURE)
    )
    assert mail["From"] == "m@l.example"
    assert mail["To"] == "a@b.example, c@d.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Monlvs-Group"] == "web"
    assert mail["X-Monlvs-Service"] == "http"
    assert mail["X-Monlvs-Alert"] == "failure"
    assert mail["Date"].datetime == FAILURE.time
    assert re.fullmatch(r"<[0-9a-f]{32}@[A-Za-z0-9.-]+>", mail["Message-ID"])


def test_one_occasion_has_one_message_id_and_another_has_another() -> None:
    def message_id(mail: Mail, occasion: Occasion) -> str:
        return str(read(mail.preview(occasion))["Message-ID"])

    mail = Mail(to=("root",))
    ours = message_id(mail, FAILURE)
    assert message_id(Mail(to=("root",)), replace(FAILURE)) == ours
    assert message_id(mail, UP) != ours
    assert message_id(Mail(to=("ops",)), FAILURE) != ours


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=2000))
def test_nothing_that_is_told_makes_a_header_or_leaves_ascii(
    group: str, description: str, text: str
) -> None:
    told = replace(FAILURE, group=group, description=description, text=text)
    mail = ROOT_MAIL.preview(told)
    assert mail.isascii()
    assert max(map(len, mail.split("\n"))) <= 998
    usual = [name for name, _ in read(ROOT_MAIL.preview(FAILURE)).items()]
    names = [name for name, _ in read(mail).items()]
    assert set(names) - {"Content-Transfer-Encoding"} <= set(usual)
    assert len(names) == len(set(names))


def test_a_line_break_in_a_summary_or_name_is_no_header() -> None:
    evil = replace(FAILURE, group="web\r\nBcc: all@example.org", text="x\rBcc: y\n")
    mail = read(ROOT_MAIL.preview(evil))
    assert mail["Bcc"] is None
    assert mail["Subject"] == "ALERT web Bcc: all@example.org/http: x Bcc: y"


def test_names_that_are_not_ascii_arrive_as_they_are() -> None:
    mail = read(
        ROOT_MAIL.preview(replace(FAILURE, group="Börse", text="größe €\nmehr ☃"))
    )
    assert mail["Subject"] == "ALERT Börse/http: größe €"
    assert "mehr ☃" in mail.get_content()


async def test_a_server_gets_the_mail_as_it_was_shown() -> None:
    async with open_office(PostOffice()) as office:
        mail = Mail(to=("ops@example.org", "root"), server=office.server)
        await mail.send(FAILURE)
    (envelope,) = office.envelopes
    assert envelope.rcpt_tos == ["ops@example.org", "root"]
    content = envelope.content
    assert isinstance(content, bytes)
    assert content.decode("ascii").replace("\r\n", "\n") == mail.preview(FAILURE)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def certificate(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Iterator[str]:
    with authority.cert_pem.tempfile(dir=str(tmp_path)) as path:
        yield path


async def test_starttls_comes_first_where_it_is_asked_for(
    certificate: ssl.SSLContext, ca_file: str
) -> None:
    async with open_office(PostOffice(), starttls=certificate, insist=True) as office:
        await Mail(
            to=("root",), server=office.server, tls=MailTls.STARTTLS, ca_file=ca_file
        ).send(FAILURE)
    assert office.secured == [True]


async def test_opportunistic_tls_takes_what_is_offered(
    certificate: ssl.SSLContext,
) -> None:
    async with open_office(PostOffice(), starttls=certificate) as office:
        await Mail(to=("root",), server=office.server).send(FAILURE)
    async with open_office(PostOffice()) as plain:
        await Mail(to=("root",), server=plain.server).send(FAILURE)
    assert (office.secured, plain.secured) == ([True], [False])


async def test_tls_from_the_first_byte(
    certificate: ssl.SSLContext, ca_file: str
) -> None:
    async with open_office(PostOffice(), tls=certificate) as office:
        await Mail(
            to=("root",), server=office.server, tls=MailTls.TLS, ca_file=ca_file
        ).send(FAILURE)
    assert len(office.envelopes) == 1


async def test_nothing_is_sent_without_the_tls_that_was_asked_for() -> None:
    async with open_office(PostOffice()) as office:
        mail = Mail(to=("root",), server=office.server, tls=MailTls.STARTTLS)
        with pytest.raises(AlertError, match="STARTTLS"):
            await mail.send(FAILURE)
    assert office.envelopes == []


async def test_nothing_is_sent_to_a_server_that_nobody_vouches_for(
    certificate: ssl.SSLContext,
) -> None:
    async with open_office(PostOffice(), starttls=certificate) as office:
        mail = Mail(to=("root",), server=office.server, tls=MailTls.STARTTLS)
        with pytest.raises(AlertError, match=r"(?i)certificate") as caught:
            await mail.send(FAILURE)
        await replace(mail, verify=False).send(FAILURE)
    assert not caught.value.lasting
    assert len(office.envelopes) == 1


async def test_a_password_from_a_file_opens_the_door(
    certificate: ssl.SSLContext, ca_file: str, tmp_path: Path
) -> None:
    secret = tmp_path / "password"
    secret.touch(mode=0o600)
    secret.write_text("open sesame\n")
    office = PostOffice(login=(b"ali", b"open sesame"))
    async with open_office(office, starttls=certificate):
        mail = Mail(
            to=("root",),
            server=office.server,
            tls=MailTls.STARTTLS,
            ca_file=ca_file,
            username="ali",
            password_file=str(secret),
        )
        await mail.send(FAILURE)
        wrong = replace(mail, password_file=None, password="open barley")
        with pytest.raises(AlertError, match="535") as caught:
            await wrong.send(FAILURE)
        secret.chmod(0o640)
        with pytest.raises(AlertError, match=r"mode 0600\), not 0640") as opened:
            await mail.send(FAILURE)
        secret.unlink()
        with pytest.raises(AlertError, match="cannot read") as missing:
            await mail.send(FAILURE)
    assert len(office.envelopes) == 1
    assert caught.value.lasting
    assert opened.value.lasting
    assert missing.value.lasting
    assert "barley" not in repr(wrong) + str(caught.value)


def sendmail(tmp_path: Path, *, then: str = "exit 0") -> str:
    """Write a sendmail that keeps what it is given, and return its path."""
    path = tmp_path / "sendmail"
    path.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" >{tmp_path}/words\ncat >{tmp_path}/mail\n{then}\n'
    )
    path.chmod(0o755)
    return str(path)


async def test_sendmail_gets_the_mail_when_no_server_is_named(tmp_path: Path) -> None:
    mail = Mail(to=("root",), sendmail=sendmail(tmp_path))
    await mail.send(FAILURE)
    assert (tmp_path / "words").read_text().split() == ["-oi", "-t"]
    assert (tmp_path / "mail").read_text() == mail.preview(FAILURE)
    got = message_from_bytes((tmp_path / "mail").read_bytes(), policy=default)
    assert got["To"] == "root"


async def test_sendmail_is_told_whom_the_mail_is_from(tmp_path: Path) -> None:
    mail = Mail(to=("root",), sender="mon@lvs.example", sendmail=sendmail(tmp_path))
    await mail.send(FAILURE)
    words = (tmp_path / "words").read_text().split()
    assert words == ["-oi", "-t", "-f", "mon@lvs.example"]


@pytest.mark.parametrize(
    ("then", "message", "lasting"),
    [
        ("exit 75", "exited with 75", False),
        ("echo no such user; exit 67", "exited with 67: no such user", True),
        ("kill -KILL $$", "died by signal 9", False),
        ("exec sleep 300", "did not end in time", False),
    ],
)
async def test_a_sendmail_that_fails_is_told(
    tmp_path: Path, then: str, message: str, lasting: bool
) -> None:
    limit = timedelta(seconds=0.3 if "sleep" in then else 30)
    mail = Mail(to=("root",), sendmail=sendmail(tmp_path, then=then), timeout=limit)
    with pytest.raises(AlertError, match=message) as caught:
        await mail.send(FAILURE)
    assert caught.value.lasting is lasting


async def test_a_sendmail_that_is_missing_is_told() -> None:
    with pytest.raises(AlertError, match="could not be started") as caught:
        await Mail(to=("root",), sendmail="/nonexistent/sendmail").send(FAILURE)
    assert caught.value.lasting


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"to": ()}, "to: expected at least one address"),
        ({"to": ("a b@c",)}, "to: expected a mail address"),
        ({"to": ("a@b\nBcc: c@d",)}, "to: expected a mail address"),
        ({"to": ("-oQ/tmp",)}, "to: expected a mail address"),
        ({"to": ("ops@bücher.example",)}, "to: expected a mail address"),
        ({"to": ("root",), "sender": "-X/tmp/x"}, "sender: expected a mail address"),
        ({"to": ("root",), "server": "a:b:c"}, "server: expected HOST or HOST:PORT"),
        ({"to": ("root",), "server": "a:0"}, "server: expected HOST or HOST:PORT"),
        ({"to": ("root",), "server": "a", "sendmail": "/x"}, "expected no server"),
        ({"to": ("root",), "sendmail": "sendmail"}, "sendmail: expected an absolute"),
        ({"to": ("root",), "username": "u"}, "server: expected one where username"),
        ({"to": ("root",), "server": "a", "password": "p"}, "username: expected one"),
        ({"to": ("root",), "server": "a", "username": "u"}, "password, password_file"),
        (
            {"to": ("root",), "server": "a", "username": "u", "password": "p"},
            'tls: expected "starttls" or "tls"',
        ),
        ({"to": ("root",), "timeout": timedelta(0)}, "timeout: expected a duration"),
    ],
)
def test_wrong_options_are_refused_in_a_sentence(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Mail(**options)


def test_loading_the_alert_does_not_load_the_mail_library() -> None:
    code = "import sys, monlvs.alerts.mail; sys.exit('aiosmtplib' in sys.modules)"
    root = Path(__file__).parents[2]
    environ = os.environ | {"PYTHONPATH": str(root)}
    subprocess.run([sys.executable, "-c", code], env=environ, check=True)
