"""Whether a user is who they say: mon's `authtype` (mon(8), "Global Variables").

Every function here may take long: they are called in threads.
"""

import logging
import pwd
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from monlvs.model.mon import MonSettings
from monlvs.mon.authcf import parse_users
from monlvs.server.hashes import matches

log = logging.getLogger("monlvs.server")


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What a client says of its user."""

    user: str
    password: str
    address: str
    """From where, an address without a port."""


def is_accepted(login: Login, settings: MonSettings) -> bool:
    """Return whether one of the configured ways takes the user for genuine."""
    if not login.user:
        return False
    ways = (_WAYS.get(name) for name in settings.authtype)
    return any(way(login, settings) for way in ways if way is not None)


def _trust_local(login: Login, _settings: MonSettings) -> bool:
    try:
        address = ip_address(login.address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _by_user_file(login: Login, settings: MonSettings) -> bool:
    # Read at each login: a user who was taken out of the file is out at once.
    path = settings.userfile
    try:
        text = Path(path).read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        log.error("%s: %s: nobody can log in", path, error.strerror)  # noqa: TRY400  people get a sentence
        return False
    users, _ = parse_users(text, file=path)
    return users.knows(login.user, login.password, matches)


def _by_password_database(login: Login, _settings: MonSettings) -> bool:
    try:
        hashed = pwd.getpwnam(login.user).pw_passwd
    except (KeyError, ValueError):
        return False
    return matches(login.password, hashed)


def _by_pam(login: Login, settings: MonSettings) -> bool:
    try:
        import pamela
    except ImportError as error:
        log.error("authtype pam needs the Python package pamela: %s", error)  # noqa: TRY400  people get a sentence
        return False
    try:
        pamela.authenticate(login.user, login.password, service=settings.pamservice)
    except pamela.PAMError as error:
        log.info("PAM refused %s: %s", login.user, error)
        return False
    return True


_WAYS: dict[str, Callable[[Login, MonSettings], bool]] = {
    "trustlocal": _trust_local,
    "userfile": _by_user_file,
    "getpwnam": _by_password_database,
    "pam": _by_pam,
}
"""mon takes other words and accepts nobody for them."""
