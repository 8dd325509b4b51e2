"""auth.cf: who may do what."""

from monlvs.mon.authcf import FREE, Authority, parse_authcf
from monlvs.mon.escape import to_text
from tests.soak.target import Target, assert_placed


def spelled(authority: Authority) -> str:
    """Write an auth.cf that says the same."""
    commands = [
        f"{command}: {','.join(sorted(users))}"
        for command, users in authority.commands.items()
    ]
    traps = [f"{rule.host} {rule.user} {rule.hash}" for rule in authority.traps]
    return "\n".join(["command section", *commands, "trap section", *traps])


def told(authority: Authority) -> object:
    """Return what an authority says, without the lines that it says it in."""
    rules = [(rule.host, rule.user, rule.hash) for rule in authority.traps]
    return dict(authority.commands), rules


def examine(data: bytes) -> None:
    """What was read is read again from what it is written as; nobody gains by errors."""
    text = to_text(data)
    authority, problems = parse_authcf(text)
    assert_placed(problems, text.count("\n") + 1)

    again, odd = parse_authcf(spelled(authority))
    assert told(again) == told(authority)
    assert all(problem.warning for problem in odd)

    commented = "# all: all\n\n" + text.replace("\n", "\n\t# trap section\n \n")
    same, _ = parse_authcf(commented)
    assert told(same) == told(authority)

    for command, users in authority.commands.items():
        assert command == command.lower()
        for user in users | {"nobody"}:
            denied = f"!{user}" in users
            named = not users.isdisjoint(("all", "AUTH_ANY", user))
            assert authority.grants(user, command) == (named and not denied)
        assert authority.grants(None, command) == ("all" in users)
    assert not authority.may("joe", "no such command")
    assert all(authority.may(None, command) for command in FREE)

    accepted = authority.accepts_trap({"192.0.2.7"}, "", "", lambda *_: True)
    free = any(r.host in ("*", "192.0.2.7") and r.user == "*" for r in authority.traps)
    assert accepted == free  # without a password only where none is asked for
    assert not Authority().accepts_trap({"192.0.2.7"}, "*", "*", lambda *_: True)


TARGET = Target(
    examine=examine,
    files=("monlvs/mon/authcf.py", "monlvs/mon/words.py"),
    seeds=(
        b"command section\nlist: all\nreset: joe,!jim, AUTH_ANY\n",
        b"list:all\nLIST : x , y\ntrap section\n127.0.0.1 * *\nh joe $6$salt$hash\n",
        b"# comment\n  trap\tsection\n* *\nh u\n\x0bcommand section\nack: a b\n",
        b"not a line\nlist\n: all\n\xff\xfe: \xff\r\n",
    ),
    words=(
        *(b"command section", b"trap section", b"all", b"AUTH_ANY", b"!joe", b"joe"),
        *(b"* *", b"127.0.0.1 * *", b": ", b", ", b"# ", b"list: all", b"\r\n"),
    ),
)
