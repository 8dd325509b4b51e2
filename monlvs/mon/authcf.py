"""Who may do what: auth.cf and the file of users (mon(8), "AUTHENTICATION FILE").

Rule: what is not allowed is denied. Passwords are compared by a function that is given
(crypt(3)); nothing here knows a hash.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from monlvs.model.values import Problem
from monlvs.mon.findings import Findings
from monlvs.mon.words import BLANKS, plain_words

Verify = Callable[[str, str], bool]
"""Says whether a password (first) has a hash of crypt(3) (second)."""

EVERYBODY = "all"
ANYBODY_KNOWN = "AUTH_ANY"
NO_CREDENTIALS = "*"

FREE = frozenset(
    ("login", "quit", "version", "checkauth", "protid", "getview", "setview")
)
"""Commands that need no entry."""

_SECTION = re.compile(rf"(command|trap)[{BLANKS}]+section")
_COMMAND = re.compile(rf"([A-Za-z0-9_]+)[{BLANKS}]*:(.*)", re.DOTALL)
_USER = re.compile(rf"([^:{BLANKS}]+)[{BLANKS}]*:[{BLANKS}]*([^{BLANKS}]+)")


@dataclass(frozen=True, slots=True)
class TrapRule:
    """One line of the trap section."""

    line: int
    host: str
    """An address, a name, or `*`."""
    user: str
    """`*`: nothing has to be proved."""
    hash: str = field(repr=False)
    """Output of crypt(3); mon(8)'s example in plain text has never matched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An auth.cf. An empty one allows nothing but FREE."""

    commands: Mapping[str, frozenset[str]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Commands, in small letters, with those who may use them; `!name` may not."""
    traps: tuple[TrapRule, ...] = ()

    def may(self, user: str | None, command: str) -> bool:
        """Say whether a client may use a command; `user` is None before its login."""
        return command in FREE or self.grants(user, command)

    def grants(self, user: str | None, command: str) -> bool:
        """Say whether the file allows a command, as `checkauth` does: FREE ones that
        it does not list are denied here, although they may be used."""
        listed = self.commands.get(command, frozenset())
        if user is None:
            return EVERYBODY in listed
        if f"!{user}" in listed:
            return False
        return not listed.isdisjoint((EVERYBODY, ANYBODY_KNOWN, user))

    def accepts_trap(
        self, sender: Collection[str], user: str, password: str, verify: Verify
    ) -> bool:
        """Say whether a trap is to be taken.

        `sender` has the address that it came from, and the names of rules that stand
        for this address.
        """
        return any(
            (rule.host == "*" or rule.host in sender)
            and _proves(rule, user, password, verify)
            for rule in self.traps
        )


@dataclass(frozen=True, slots=True)
class Users:
    """A file of users with their hashes."""

    hashes: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({}), repr=False
    )

    def knows(self, user: str, password: str, verify: Verify) -> bool:
        """Say whether somebody is who he says he is; an empty password never does."""
        known = self.hashes.get(user)
        return bool(known and password) and verify(password, known or "")


def parse_authcf(
    text: str, *, file: str = "auth.cf"
) -> tuple[Authority, tuple[Problem, ...]]:
    """Read an auth.cf. Never raises: with an error among the problems mon would not
    start, and the authority lacks what could not be read."""
    findings = Findings(file)
    commands: dict[str, set[str]] = {}
    traps: list[TrapRule] = []
    section = "command"
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip(BLANKS)
        heading = _SECTION.fullmatch(line)
        if heading is not None:
            section = heading[1]
        elif line and not line.startswith("#"):
            if section == "command":
                _take_command(commands, number, line, findings)
            else:
                _take_trap(traps, number, line, findings)
    listed = {command: frozenset(users) for command, users in commands.items()}
    authority = Authority(commands=MappingProxyType(listed), traps=tuple(traps))
    return authority, findings.problems()


def parse_users(
    text: str, *, file: str = "monusers.cf"
) -> tuple[Users, tuple[Problem, ...]]:
    """Read a file of users. Never raises; what cannot be read is warned about."""
    findings = Findings(file)
    hashes: dict[str, str] = {}
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip(BLANKS)
        found = _USER.fullmatch(line)
        if found is not None and not line.startswith("#"):
            hashes[found[1]] = found[2]
        elif line and not line.startswith("#"):
            # The line is not shown: it may hold a password.
            findings.warning(number, "counts for nothing: expected USER:HASH")
    return Users(MappingProxyType(hashes)), findings.problems()


def _proves(rule: TrapRule, user: str, password: str, verify: Verify) -> bool:
    if rule.user == NO_CREDENTIALS:
        return True
    return bool(password) and rule.user == user and verify(password, rule.hash)


def _take_command(
    commands: dict[str, set[str]], number: int, line: str, findings: Findings
) -> None:
    found = _COMMAND.fullmatch(line)
    if found is None:
        findings.error(
            number, "could not parse line (expected COMMAND: USER,USER… or a section)"
        )
        return
    users = {word.strip(BLANKS) for word in found[2].split(",")} - {""}
    odd = [user for user in sorted(users) if len(plain_words(user)) > 1]
    if odd:
        findings.warning(
            number, f"expected a comma between users, and not blanks as in [{odd[0]}]"
        )
    commands.setdefault(found[1].lower(), set()).update(users)


def _take_trap(
    traps: list[TrapRule], number: int, line: str, findings: Findings
) -> None:
    words = plain_words(line)
    if len(words) < 2 or (len(words) < 3 and words[1] != NO_CREDENTIALS):
        findings.warning(number, "counts for nothing: expected HOST USER HASH")
        return
    traps.append(TrapRule(number, words[0], words[1], (*words, "")[2]))
