"""The monitors of mail at real mail servers: aiosmtpd, and Debian's dovecot."""

import asyncio
import grp
import os
import pwd
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP

from monlvs.model.result import Reason, Verdict
from monlvs.monitors.imap import Imap
from monlvs.monitors.pop3 import Pop3
from monlvs.monitors.smtp import Smtp
from monlvs.wire.monitor import Exchanger
from tests.monitors.loopback import LIMIT, SHORT, Served, check

# Every part runs as who starts it, unless that is root: then as the package would.
DOVECOT = """
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/log
ssl = no
protocols = imap pop3
mail_location = maildir:{home}/mail
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = home={home}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    address = 127.0.0.1
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
{users}
"""


def free_ports(count: int) -> list[int]:
    """Return ports that were free a moment ago."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in held]
    for each in held:
        each.close()
    return ports


async def connected(port: int, log: Path) -> None:
    """Wait until somebody listens."""
    try:
        async with asyncio.timeout(LIMIT):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.02)
                else:
                    writer.close()
                    await writer.wait_closed()
                    return
    except TimeoutError:
        raise AssertionError(log.read_text() if log.exists() else "no log") from None


@asynccontextmanager
async def dovecot() -> AsyncIterator[dict[str, int]]:
    """Run a dovecot; yield its ports."""
    # Its sockets want a short path.
    home = Path(tempfile.mkdtemp(prefix="monlvs-"))
    home.chmod(0o755)
    imap, pop3 = free_ports(2)
    me, ours = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    users = (
        f"default_internal_user = {me}\ndefault_login_user = {me}\n"
        f"default_internal_group = {ours}\n"
    )
    conf = home / "conf"
    stated = "" if me == "root" else users
    conf.write_text(DOVECOT.format(home=home, imap=imap, pop3=pop3, users=stated))
    words = ("/usr/sbin/dovecot", "-F", "-c", str(conf))
    server = await asyncio.create_subprocess_exec(*words)
    try:
        await connected(imap, home / "log")
        await connected(pop3, home / "log")
        yield {"imap": imap, "pop3": pop3}
    finally:
        server.terminate()
        await server.wait()
        shutil.rmtree(home, ignore_errors=True)


async def found(
    monitor: Exchanger, host: str, *, timeout: float = LIMIT
) -> tuple[Verdict, Reason]:
    outcome = await check(monitor, Served(host, 0).target, timeout=timeout)
    return outcome.verdict, outcome.reason


async def test_dovecot_is_up_and_nobody_is_down() -> None:
    async with dovecot() as ports:
        for monitor in (Imap(port=ports["imap"]), Pop3(port=ports["pop3"])):
            assert await found(monitor, "127.0.0.1") == (Verdict.UP, Reason.OK)
            refused = (Verdict.DOWN, Reason.REFUSED)
            assert await found(monitor, "127.0.0.9") == refused
        crossed = await found(Imap(port=ports["pop3"]), "127.0.0.1", timeout=SHORT)
        assert crossed == (Verdict.DOWN, Reason.TIMED_OUT)


@pytest.mark.parametrize("helo", [None, "director.example.org"])
async def test_aiosmtpd_is_up(helo: str | None) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink()), "127.0.0.1", 0)
    try:
        monitor = Smtp(port=server.sockets[0].getsockname()[1], helo=helo)
        assert await found(monitor, "127.0.0.1") == (Verdict.UP, Reason.OK)
    finally:
        server.close()
        await server.wait_closed()
