"""The file of users with their hashes."""

from monlvs.mon.authcf import parse_users
from monlvs.mon.escape import to_text
from tests.soak.target import Target, assert_placed


def examine(data: bytes) -> None:
    """What was read is read again from what it is written as; hashes are not shown."""
    text = to_text(data)
    users, problems = parse_users(text)
    assert_placed(problems, text.count("\n") + 1)
    assert all(problem.warning for problem in problems)
    messages = {problem.message for problem in problems}
    assert len(messages) <= 1  # one sentence: it does not depend on what may be secret

    spelled = "".join(f"{user} : {hashed}\n" for user, hashed in users.hashes.items())
    again, odd = parse_users(spelled)
    hidden = any(user.startswith("#") for user in users.hashes)
    assert hidden or (dict(again.hashes) == dict(users.hashes) and not odd)
    assert not hidden

    for user, hashed in users.hashes.items():
        assert users.knows(user, "x", lambda _, known, h=hashed: known == h)
        assert not users.knows(user, "", lambda *_: True)
        assert hashed not in repr(users) or hashed in "Users()"
    assert not users.knows("nobody:", "x", lambda *_: True)


TARGET = Target(
    examine=examine,
    files=("monlvs/mon/authcf.py",),
    reached=40,  # the other half of that file reads auth.cf
    seeds=(
        b"joe:$6$salt$hash\njim: ab12\n",
        b"# joe:x\n joe : x \n\njoe\n:x\njoe:x y\n",
        b"j\xff\xfe:\xc3\xa9\r\na::b\n",
    ),
    words=(b": ", b"joe:", b"# ", b"\r\n", b"$6$a$b"),
)
