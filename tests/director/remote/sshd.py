"""A real SSH server on loopback that runs what it is asked on this machine.

Rule: it is asked to look, never to change anything; see the lab for that.
"""

import asyncio
import os
import signal
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from monlvs.director.remote.destination import Destination
from monlvs.director.remote.ssh import SshOptions, open_session


@dataclass(frozen=True, slots=True, kw_only=True)
class Sshd:
    """A server that runs; `folder` has its keys, `asked` the commands so far."""

    port: int
    folder: Path
    asked: list[str]

    @property
    def destination(self) -> Destination:
        return Destination(host="127.0.0.1", port=self.port, user="monlvs")

    @property
    def options(self) -> SshOptions:
        return SshOptions(
            keys=(self.folder / "key",), known_hosts=(self.folder / "known_hosts",)
        )


def make_key(path: Path) -> asyncssh.SSHKey:
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(str(path))
    return key


@asynccontextmanager
async def sshd(
    folder: Path, *, path: str = "", host_key: asyncssh.SSHKey | None = None
):
    """Serve; programs in `path` are found before this machine's."""
    asked: list[str] = []
    key = make_key(folder / "key")
    host = host_key or asyncssh.generate_private_key("ssh-ed25519")
    authorized = key.export_public_key().decode()

    async def serve(process: asyncssh.SSHServerProcess) -> None:
        line = process.command or ""
        asked.append(line)
        line = line.replace("PATH=", f"PATH={path}:" if path else "PATH=", 1)
        child = await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            line,
            stdin=-1,
            stdout=-1,
            stderr=-1,
            start_new_session=True,
            env={**os.environ, "SSH_CONNECTION": "127.0.0.1 1 127.0.0.1 2"},
        )
        try:
            given = await process.stdin.read()
            out, err = await child.communicate(given.encode())
        finally:
            if child.returncode is None:  # whoever asked has gone
                os.killpg(child.pid, signal.SIGKILL)
                await child.communicate()
        process.stdout.write(out.decode())
        process.stderr.write(err.decode())
        process.exit(child.returncode or 0)

    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[host],
        authorized_client_keys=asyncssh.import_authorized_keys(authorized),
        process_factory=serve,
    )
    port = server.get_port()
    public = host.export_public_key().decode()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {public}")
    async with server:
        yield Sshd(port=port, folder=folder, asked=asked)


@asynccontextmanager
async def logged_in(folder: Path, **options: str):
    """Serve, and be in."""
    async with (
        sshd(folder, **options) as server,
        open_session(server.destination, server.options) as session,
    ):
        yield session
