"""Sends each alert as a mail, through a mail server or the local sendmail."""

import asyncio
import os
import re
import socket
import stat
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

from monlvs.model.plugin import OPTION_RULES, AlertError, AlertKind, Occasion
from monlvs.model.result import summary_line
from monlvs.model.span import span
from monlvs.mon.ctime import date_line
from monlvs.wire.process import Program, ProgramOutcome, Programs
from monlvs.wire.smtp import Envelope, MailServer, MailTls, deliver

_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~][A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]*"
    r"(?:@(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Za-z.:]+\]))?"
)
_SERVER = re.compile(r"(?:\[(?P<v6>[^]]+)\]|(?P<host>[^:\s]+))(?::(?P<port>\d{1,5}))?")
_SENDMAILS = ("/usr/sbin/sendmail", "/usr/lib/sendmail")  # Debian's; LVS-HOWTO 11.5's
_SUBJECT_LIMIT = 200
# sysexits.h: bad usage, data, address, host, permission, configuration.
_LASTING_EXITS = frozenset((64, 65, 67, 68, 77, 78))

_WORDS = {
    AlertKind.FAILURE: "ALERT",
    AlertKind.UP: "UPALERT",
    AlertKind.STARTUP: "STARTUPALERT",
    AlertKind.TRAP: "TRAPALERT",
    AlertKind.TRAP_TIMEOUT: "TRAPTIMEOUTALERT",
    AlertKind.ACK: "ACKALERT",
    AlertKind.TEST: "TESTALERT",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Mail each alert: ALERT, UPALERT and so on, group/service and summary as subject.

    Without `server` the mail goes to the local sendmail. A mail that has to be tried
    again has the same Message-ID, so that it is no second mail for its readers.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = OPTION_RULES

    letters: ClassVar[dict[str, str]] = {"S": "subject", "f": "sender"}
    """Options by the letters of mail.alert."""

    to: tuple[str, ...]
    """Whom to write to; addresses without a name, at least one."""

    sender: str | None = None
    """Whom the mail is from; else monlvs at this host (mail.alert's -f)."""

    subject: str | None = None
    """Told in the subject instead of the summary (mail.alert's -S)."""

    prefix: str = ""
    """What every subject begins with."""

    server: str | None = None
    """HOST or HOST:PORT of a mail server; without a port 25, or 465 with tls = "tls"."""

    sendmail: str | None = None
    """Path of the program to use without `server`; else /usr/sbin/sendmail, or
    /usr/lib/sendmail."""

    tls: MailTls = MailTls.OPPORTUNISTIC
    """none, opportunistic (where the server offers it, without looking at its
    certificate), starttls (or nothing is sent), tls (from the first byte)."""

    verify: bool = True
    """Whether the certificate has to hold with starttls and tls."""

    ca_file: str | None = None
    """PEM file of the authorities to trust instead of the system's."""

    username: str | None = None
    """Name to log in with; needs starttls or tls."""

    password: str | None = field(default=None, repr=False)
    """Password to log in with; `password_file` keeps it out of the configuration."""

    password_file: str | None = None
    """File whose first line is the password; nobody but its owner may have access."""

    timeout: timedelta = timedelta(seconds=30)
    """Time limit for one attempt."""

    def __post_init__(self) -> None:
        if not self.to:
            raise ValueError("to: expected at least one address")
        for option, address in (*(("to", a) for a in self.to), ("sender", self.sender)):
            if address is not None and not _ADDRESS.fullmatch(address):
                raise ValueError(
                    f"{option}: expected a mail address such as ops@example.org or "
                    f"root, not {address!r}"
                )
        if self.timeout <= timedelta(0):
            raise ValueError("timeout: expected a duration longer than nothing")
        if self.server is None:
            self._check_local()
        else:
            self._check_server(self.server)

    @property
    def destination(self) -> str:
        """Names the queue: the readers, and the way to them."""
        return f"mail {', '.join(self.to)} via {self.server or 'sendmail'}"

    async def send(self, occasion: Occasion) -> None:
        """Hand the mail over, or raise AlertError."""
        message = self.message(occasion)
        if self.server is None:
            await self._submit(message)
        else:
            password = self.password or ""
            if self.password_file is not None:
                password = await asyncio.to_thread(_read_secret, self.password_file)
            envelope = Envelope(
                sender=self.sender or _own_address(),
                recipients=self.to,
                message=message.as_bytes(),
            )
            await deliver(self._terms(self.server, password), envelope)

    def preview(self, occasion: Occasion) -> str:
        """Return the mail that `send` would hand over, as it is sent."""
        return self.message(occasion).as_bytes().decode("ascii").replace("\r\n", "\n")

    def message(self, occasion: Occasion) -> EmailMessage:
        """Compose the mail; the same for the same occasion."""
        # Pure ASCII on the wire: not every server takes 8BITMIME.
        message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
        sender = self.sender or _own_address()
        message["From"] = sender
        message["To"] = ", ".join(self.to)
        message["Subject"] = self._subject(occasion)
        message["Date"] = occasion.time.astimezone()
        message["Message-ID"] = self._message_id(occasion)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies
        message["X-Monlvs-Group"] = _header(occasion.group)
        message["X-Monlvs-Service"] = _header(occasion.service)
        message["X-Monlvs-Alert"] = occasion.kind.value
        message["X-Monlvs-Time"] = str(int(occasion.time.timestamp()))
        message.set_content(_body(occasion))
        return message

    def _subject(self, occasion: Occasion) -> str:
        told = self.subject
        if told is None:
            failed = occasion.kind not in (AlertKind.STARTUP, AlertKind.ACK)
            told = summary_line(occasion.text, failed=failed)
        where = f"{occasion.group}/{occasion.service}"
        words = (self.prefix, _WORDS[occasion.kind], f"{where}:", told)
        return _header(" ".join(word for word in words if word))

    def _message_id(self, occasion: Occasion) -> str:
        told = repr((self.to, self.sender, occasion)).encode("utf-8", "replace")
        return f"<{sha256(told).hexdigest()[:32]}@{_own_name()}>"

    def _terms(self, server: str, password: str) -> MailServer:
        match = _SERVER.fullmatch(server)
        assert match is not None
        usual = 465 if self.tls is MailTls.TLS else 25
        return MailServer(
            host=match["v6"] or match["host"],
            port=int(match["port"] or usual),
            tls=self.tls,
            verify=self.verify,
            ca_file=self.ca_file,
            username=self.username,
            password=password,
            timeout=self.timeout.total_seconds(),
        )

    async def _submit(self, message: EmailMessage) -> None:
        """Give the mail to the local sendmail, which queues it and tries again itself."""
        path = self.sendmail or next(
            (path for path in _SENDMAILS if os.access(path, os.X_OK)), _SENDMAILS[0]
        )
        sender = ("-f", self.sender) if self.sender is not None else ()
        text = message.as_bytes(policy=message.policy.clone(linesep="\n"))
        outcome = await Programs(limit=1).run(
            Program(
                argv=(path, "-oi", "-t", *sender),
                environ=tuple(os.environ.items()),
                stdin=text,
                timeout=self.timeout.total_seconds(),
            )
        )
        _check_submitted(path, outcome)

    def _check_local(self) -> None:
        if self.username or self.password or self.password_file or self.ca_file:
            raise ValueError(
                "server: expected one where username, password, password_file or "
                "ca_file is given"
            )
        if self.sendmail is not None and not self.sendmail.startswith("/"):
            raise ValueError(
                f"sendmail: expected an absolute path, not {self.sendmail!r}"
            )

    def _check_server(self, server: str) -> None:
        match = _SERVER.fullmatch(server)
        if match is None or not 0 < int(match["port"] or 25) <= 65_535:
            raise ValueError(f"server: expected HOST or HOST:PORT, not {server!r}")
        if self.sendmail is not None:
            raise ValueError("sendmail: expected no server with it")
        secrets = (self.password, self.password_file)
        if self.username is None and secrets != (None, None):
            raise ValueError("username: expected one with a password")
        if self.username is not None:
            if secrets.count(None) != 1:
                raise ValueError("password, password_file: expected one of them")
            if self.tls not in (MailTls.STARTTLS, MailTls.TLS):
                raise ValueError(
                    'tls: expected "starttls" or "tls" with a username, so that the '
                    "password is not sent in the clear"
                )


def _body(occasion: Occasion) -> str:
    """Return the text of the mail: what is known in a table, then what was found."""
    since, lasted = occasion.first_failure, occasion.outage
    up = occasion.kind is AlertKind.UP
    known = {
        "Group": occasion.group,
        "Service": occasion.service,
        "Description": occasion.description,
        "Time": date_line(occasion.time),
        "Hosts": " ".join(occasion.hosts),
        "Down": " ".join(occasion.failed) if not up else None,
        "Since": date_line(since) if since is not None else None,
        "Outage": span(lasted) if up and lasted is not None else None,
        "Next alert": f"in {span(occasion.next_alert)}"
        if occasion.next_alert
        else None,
        "Meant for": occasion.intended,
        "Acknowledged": occasion.comment,
    }
    lines = [f"{name + ':':<14}{_plain(v)}" for name, v in known.items() if v]
    text = _plain(occasion.text, keep="\n\t").rstrip("\n")
    heading = "What had been found:" if up else "What was found:"
    return "\n".join([*lines, *(("", heading, "", text) if text else ()), ""])


def _plain(text: str, *, keep: str = "") -> str:
    """Take out what a mail cannot carry: control characters, half characters."""
    shown = "".join(
        c if c.isprintable() or c in keep else " " if c.isspace() else "?" for c in text
    )
    return shown.encode("utf-8", "replace").decode("utf-8")


def _header(text: str) -> str:
    """Make one bounded line: a line break would be a header of the sender's making."""
    line = " ".join(_plain(text).split())
    return line if len(line) <= _SUBJECT_LIMIT else line[: _SUBJECT_LIMIT - 1] + "…"


def _own_name() -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname()) or "localhost"


def _own_address() -> str:
    return f"monlvs@{_own_name()}"


def _check_submitted(path: str, outcome: ProgramOutcome) -> None:
    """Raise AlertError unless sendmail took the mail (sysexits.h)."""
    said = _header(outcome.output.decode("utf-8", "replace"))
    if outcome.error:
        raise AlertError(f"{path} could not be started: {outcome.error}", lasting=True)
    if outcome.timed_out or outcome.stopped:
        raise AlertError(f"{path} did not end in time and was ended: {said}")
    if outcome.signal is not None:
        raise AlertError(f"{path} died by signal {outcome.signal}: {said}")
    if outcome.exit:
        lasting = outcome.exit in _LASTING_EXITS
        raise AlertError(f"{path} exited with {outcome.exit}: {said}", lasting=lasting)


def _read_secret(path: str) -> str:
    """Return the first line of a file that only its owner may have access to."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise AlertError(
                    f"password_file: expected {path} to be closed to group and others "
                    f"(mode 0600), not {mode:04o}",
                    lasting=True,
                )
            return file.readline().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise AlertError(
            f"password_file: cannot read {path}: {error}", lasting=True
        ) from error
