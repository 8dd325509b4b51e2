"""Sessions by asyncssh, as ssh(1) would make them: its config file, agent and keys.

Two things are not as with ssh(1). A host whose key is not known is refused, and nobody
is asked, whatever the config file says; and only keys let us in, never a password.
Imports asyncssh (0.6 s) where first needed.
"""

import asyncio
import contextlib
import os
import shlex
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from monlvs.director.remote.destination import Destination
from monlvs.director.remote.session import Output, Session, SessionError

if TYPE_CHECKING:
    import asyncssh

_SBIN: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ENVIRONMENT: Final = ("env", "LC_ALL=C", f"PATH={_SBIN}")
_SSH_PORT: Final = 22
_TRIES: Final = 40
_PAUSE: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class SshOptions:
    """How hosts are logged in to; times in seconds."""

    keys: tuple[Path, ...] = ()
    """Private keys; none: those of the agent, of ssh_config(5), and ~/.ssh/id_*."""
    known_hosts: tuple[Path, ...] = ()
    """Files of known_hosts; none: the user's own and the system's."""
    login_limit: float = 20.0
    """From the first packet until we are in."""
    command_limit: float = 60.0


@contextlib.asynccontextmanager
async def open_session(destination: Destination, options: SshOptions) -> AsyncIterator[Session]:  # fmt: skip
    """Log in to a host, and out with the block.

    Raises SessionError, which says what was wrong and what to do about it.
    """
    connection = await _connect(destination, options)
    try:
        session = SshSession(str(destination), connection, options.command_limit)
        await session.begin()
        yield session
    finally:
        connection.close()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(1):
                await connection.wait_closed()


class SshSession:
    """A `Session` over one SSH connection."""

    def __init__(
        self, name: str, connection: "asyncssh.SSHClientConnection", limit: float
    ) -> None:
        """Take over a connection; `limit`: seconds that a command may take."""
        self._name = name
        self._connection = connection
        self._limit = limit
        self._root = True
        # sshd_config(5), MaxSessions: a careful host takes one command at a time.
        self._turn = asyncio.Lock()

    @property
    def name(self) -> str:
        """The host as it was called."""
        return self._name

    async def begin(self) -> None:
        """Find out who we are there. Raises SessionError."""
        found = await self.run(["id", "-u"])
        if found.status or not found.stdout.strip().isdigit():
            said = " ".join((found.stderr or found.stdout).split())
            raise SessionError(f"it runs no commands for us: id -u: {said[:200]}")
        self._root = found.stdout.strip() == "0"

    async def run(
        self, argv: Sequence[str], *, stdin: str = "", as_root: bool = False
    ) -> Output:
        """Run a command to its end. Raises SessionError."""
        import asyncssh

        climb = ("sudo", "-n", "--") if as_root and not self._root else ()
        # No input is an end of it, too: `input=""` would leave the command waiting.
        given: dict[str, Any] = (
            {"input": stdin} if stdin else {"stdin": asyncssh.DEVNULL}
        )
        line = shlex.join([*climb, *_ENVIRONMENT, *argv])
        try:
            async with self._turn, asyncio.timeout(self._limit):
                done = await self._run(line, given)
        except TimeoutError:
            words = f"{' '.join(argv)} did not end within {self._limit:g} s"
            raise SessionError(words) from None
        except (asyncssh.Error, OSError) as error:
            raise SessionError(f"the connection was lost: {error}") from None
        status = -1 if done.exit_status is None else done.exit_status
        return Output(
            status=status, stdout=_text(done.stdout), stderr=_text(done.stderr)
        )

    async def _run(self, line: str, given: "dict[str, Any]") -> Any:
        """A host counts the command before until it has cleared it away."""
        import asyncssh

        for _ in range(_TRIES):
            with contextlib.suppress(asyncssh.ChannelOpenError):
                return await self._connection.run(line, **given, errors="replace")
            await asyncio.sleep(_PAUSE)
        return await self._connection.run(line, **given, errors="replace")


async def _connect(
    destination: Destination, options: SshOptions
) -> "asyncssh.SSHClientConnection":
    import asyncssh

    refused: list[str] = []
    try:
        connection, _ = await asyncssh.create_connection(
            _client(options, refused),
            destination.host,
            **_settings(destination, options),
        )
    except asyncssh.HostKeyNotVerifiable as error:
        words = refused[-1] if refused else f"its host key is refused: {error}"
        raise SessionError(words) from None
    except asyncssh.PermissionDenied as error:
        raise SessionError(_denied(error, options)) from None
    except asyncssh.KeyExchangeFailed as error:
        raise SessionError(
            f"{error}: perhaps known_hosts has a key of another type for it"
        ) from None
    except (TimeoutError, asyncssh.Error) as error:
        said = str(error).rstrip(".") or "it did not answer in time"
        raise SessionError(f"no SSH there: {said}") from None
    except (asyncssh.KeyImportError, asyncssh.ConfigParseError, ValueError) as error:
        raise SessionError(f"a key or a configuration file of ssh: {error}") from None
    except OSError as error:
        raise SessionError(_words(error)) from None
    return connection


def _settings(destination: Destination, options: SshOptions) -> dict[str, Any]:
    found: dict[str, Any] = {
        "known_hosts": _known_hosts(options) or b"",
        "preferred_auth": "publickey",
        "password_auth": False,
        "kbdint_auth": False,
        "connect_timeout": options.login_limit,
        "login_timeout": options.login_limit,
    }
    if destination.port is not None:
        found["port"] = destination.port
    if destination.user is not None:
        found["username"] = destination.user
    if options.keys:
        found["client_keys"] = list(map(str, options.keys))
    return found


def _known_hosts(options: SshOptions) -> list[str]:
    """Never what the config file names: `none` there would let everybody in."""
    files = options.known_hosts or (
        Path("~/.ssh/known_hosts").expanduser(),
        Path("/etc/ssh/ssh_known_hosts"),
    )
    return [str(file) for file in files if os.access(file, os.R_OK)]


def _client(options: SshOptions, refused: list[str]) -> "Callable[[], Any]":
    """Make what is asked about host keys that known_hosts does not have."""
    import asyncssh

    files = _known_hosts(options)

    class Client(asyncssh.SSHClient):
        """Refuses each, and says why."""

        def validate_host_public_key(
            self, host: str, addr: str, port: int, key: asyncssh.SSHKey
        ) -> bool:
            """Say what is wrong with the key."""
            there = port if port != _SSH_PORT else None
            known = asyncssh.match_known_hosts(files or b"", host, addr, there)
            name = host if there is None else f"[{host}]:{port}"
            shown = f"{key.get_algorithm()} {key.get_fingerprint()}"
            refused.append(
                _changed(name, shown) if known[0] else _unknown(host, port, shown)
            )
            return False

    return Client


def _changed(name: str, shown: str) -> str:
    return (
        f"its host key is another than known_hosts has ({shown}): it was set up anew, or "
        "somebody else answers in its place; when you are sure of it: "
        f"ssh-keygen -R {shlex.quote(name)}"
    )


def _unknown(host: str, port: int, shown: str) -> str:
    there = "" if port == _SSH_PORT else f"-p {port} "
    return (
        f"its host key is not known ({shown}): compare it with the host's own "
        "(ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub there), then: "
        f"ssh-keyscan {there}{shlex.quote(host)} >> ~/.ssh/known_hosts"
    )


def _denied(error: Exception, options: SshOptions) -> str:
    keys = ", ".join(map(str, options.keys)) or "the agent's, or in ~/.ssh"
    return f"it takes none of our keys ({keys}): {error}"


def _words(error: OSError) -> str:
    if error.filename is not None:  # a key's
        return f"{error.filename}: {error.strerror}"
    known = error.errno is not None and error.errno > 0  # names have their own numbers
    words = os.strerror(error.errno or 0) if known else error.strerror or str(error)
    return f"not reached: {words}"


def _text(data: "str | bytes | None") -> str:
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else data or ""
