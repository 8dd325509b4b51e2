"""Sessions over real SSH: who is let in, who is refused, what comes back."""

import socket
import subprocess
from dataclasses import replace

import asyncssh
import pytest

from monlvs.director.remote.destination import Destination
from monlvs.director.remote.session import CommandError, SessionError, ask
from monlvs.director.remote.ssh import SshOptions, open_session
from tests.director.remote.sshd import logged_in, make_key, sshd

NASTY = ["$(reboot)", "a b", "'", '"', "`id`", "; id", "\n", "", "*", "\\", "é"]


@pytest.fixture(autouse=True)
def nobodys_home(tmp_path, monkeypatch):
    """Neither keys nor configuration of who runs the tests."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)


async def refusal(destination, options):
    with pytest.raises(SessionError) as refused:
        async with open_session(destination, options):
            pass
    return str(refused.value)


async def test_words_arrive_as_they_are_and_status_and_streams_come_back(tmp_path):
    script = "cat; echo wrong >&2; exit 3"
    async with logged_in(tmp_path) as session:
        told = await ask(session, ["printf", "%s|", *NASTY])
        failed = await session.run(["sh", "-c", script], stdin="given")

    assert told.split("|")[:-1] == NASTY
    assert (failed.status, failed.stdout, failed.stderr) == (3, "given", "wrong\n")


async def test_a_command_that_fails_is_told_with_its_words(tmp_path):
    async with logged_in(tmp_path) as session:
        with pytest.raises(CommandError, match=r"^ls /nowhere: ls: .*No such file"):
            await ask(session, ["ls", "/nowhere"])


async def test_a_host_whose_key_is_not_known_is_refused_with_what_to_do(tmp_path):
    async with sshd(tmp_path) as server:
        options = replace(server.options, known_hosts=(tmp_path / "none",))
        told = await refusal(server.destination, options)

    assert "its host key is not known (ssh-ed25519 SHA256:" in told
    assert f"ssh-keyscan -p {server.port} 127.0.0.1 >> " in told
    assert server.asked == []


async def test_a_host_with_another_key_than_before_is_refused(tmp_path):
    async with sshd(tmp_path) as server:
        other = asyncssh.generate_private_key("ssh-ed25519").export_public_key()
        known = tmp_path / "known_hosts"
        known.write_text(f"[127.0.0.1]:{server.port} {other.decode()}")
        told = await refusal(server.destination, server.options)

    assert "its host key is another than known_hosts has (ssh-ed25519 SHA256:" in told
    assert f"ssh-keygen -R '[127.0.0.1]:{server.port}'" in told
    assert server.asked == []


async def test_the_users_own_configuration_cannot_switch_the_check_off(tmp_path):
    ssh = tmp_path / "home" / ".ssh"
    ssh.mkdir(mode=0o700)
    (ssh / "config").write_text("UserKnownHostsFile none\nStrictHostKeyChecking no\n")
    async with sshd(tmp_path) as server:
        options = replace(server.options, known_hosts=())
        told = await refusal(server.destination, options)

    assert "its host key is not known" in told


async def test_names_of_the_users_configuration_are_understood(tmp_path):
    ssh = tmp_path / "home" / ".ssh"
    ssh.mkdir(mode=0o700)
    async with sshd(tmp_path) as server:
        (ssh / "config").write_text(
            f"Host web1\n  HostName 127.0.0.1\n  Port {server.port}\n"
            f"  User monlvs\n  IdentityFile {tmp_path / 'key'}\n"
        )
        options = replace(server.options, keys=())
        async with open_session(Destination(host="web1"), options) as session:
            assert session.name == "web1"
            assert await ask(session, ["echo", "in"]) == "in\n"


async def test_a_key_that_the_host_does_not_take_is_refused(tmp_path):
    make_key(tmp_path / "other")
    async with sshd(tmp_path) as server:
        options = replace(server.options, keys=(tmp_path / "other",))
        told = await refusal(server.destination, options)

    assert told.startswith(f"it takes none of our keys ({tmp_path / 'other'})")


async def test_a_key_that_the_agent_holds_lets_us_in(tmp_path, monkeypatch):
    async with sshd(tmp_path) as server:
        at = tmp_path / "agent"
        agent = subprocess.Popen(
            ["ssh-agent", "-D", "-a", str(at)],
            stdout=subprocess.PIPE,  # its first line: it listens
        )
        try:
            assert b"SSH_AUTH_SOCK" in agent.stdout.readline()
            monkeypatch.setenv("SSH_AUTH_SOCK", str(at))
            add = ["ssh-add", "-q", str(tmp_path / "key")]
            (tmp_path / "key").chmod(0o600)
            subprocess.run(add, check=True, capture_output=True)
            options = replace(server.options, keys=())
            async with open_session(server.destination, options) as session:
                assert await ask(session, ["echo", "in"]) == "in\n"
        finally:
            agent.kill()
            agent.wait()
            agent.stdout.close()


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "No such file"), ("not a key\n", "a key or a configuration file")],
)
async def test_a_key_file_that_is_none_is_told(tmp_path, content, words):
    key = tmp_path / "broken"
    if content:
        key.write_text(content)
    options = SshOptions(keys=(key,), known_hosts=(tmp_path / "none",))
    told = await refusal(Destination(host="127.0.0.1", port=1), options)

    assert words in told


async def test_nobody_there_is_told(tmp_path):
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        port = kept.getsockname()[1]
        told = await refusal(Destination(host="127.0.0.1", port=port), SshOptions())

    assert told.startswith("not reached: ")
    assert "refused" in told


async def test_who_does_not_speak_ssh_is_left_after_a_while(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        destination = Destination(host="127.0.0.1", port=silent.getsockname()[1])
        told = await refusal(destination, SshOptions(login_limit=0.3))

    assert told.startswith("no SSH there: ")


async def test_a_command_without_end_is_left_after_a_while(tmp_path):
    async with sshd(tmp_path) as server:
        options = replace(server.options, command_limit=2.0)
        async with open_session(server.destination, options) as session:
            with pytest.raises(SessionError, match="sleep 60 did not end within 2 s"):
                await session.run(["sleep", "60"])


async def test_who_is_not_root_climbs_by_sudo_and_only_for_what_needs_it(tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "id").write_text("#!/bin/sh\necho 1000\n")
    (programs / "id").chmod(0o755)
    async with (
        sshd(tmp_path, path=str(programs)) as server,
        open_session(server.destination, server.options) as session,
    ):
        await session.run(["echo", "looking"])
        await session.run(["echo", "changing"], as_root=True)

    looking, changing = server.asked[1:]
    assert looking.startswith("env LC_ALL=C PATH=")
    assert changing == f"sudo -n -- {looking.replace('looking', 'changing')}"
