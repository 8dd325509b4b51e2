"""Several hosts at once."""

import socket

from monlvs.director.remote.destination import Destination
from monlvs.director.remote.session import ask
from monlvs.director.remote.several import at_each
from tests.director.remote.sshd import sshd


async def test_a_dead_host_and_a_failing_command_do_not_stop_the_others(tmp_path):
    async def act(session):
        words = ["false"] if "failing" in session.name else ["echo", session.name]
        return await ask(session, words)

    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        dead = Destination(host="127.0.0.1", port=kept.getsockname()[1], user="dead")
        async with sshd(tmp_path) as server:
            port = server.port
            hosts = [
                Destination(host="127.0.0.1", port=port, user=user)
                for user in ("one", "failing", "two")
            ]
            found = await at_each([hosts[0], dead, *hosts[1:]], server.options, act)

    assert [each.destination.user for each in found] == ["one", "dead", "failing", "two"]  # fmt: skip
    assert [each.result for each in found] == [
        f"one@127.0.0.1:{port}\n",
        None,
        None,
        f"two@127.0.0.1:{port}\n",
    ]
    assert "refused" in found[1].trouble
    assert found[2].trouble == "false: exit 1"
