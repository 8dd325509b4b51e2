"""Real sshd in a lab's real servers, and how the director logs in to them."""

from dataclasses import dataclass
from pathlib import Path

import asyncssh

PORT = 2222
CONFIGURATION = """Port {port}
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
PrintLastLog no
"""
# bash reads it for a single command, too, when sshd starts it; one may be heavy.
PREPARE = """mkdir -p /run/sshd && chmod 755 /run /run/sshd && : >/run/empty
grep -q " /root/.bashrc " /proc/mounts || ! [ -e /root/.bashrc ] ||
    mount --bind /run/empty /root/.bashrc"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shells:
    """How one logs in."""

    key: Path
    known_hosts: Path


async def open_shells(lab) -> Shells:
    """Start an sshd on every real server; returns when all of them listen."""
    await lab.run(None, PREPARE, check=True)
    folder = lab.folder / "ssh"
    folder.mkdir(exist_ok=True)
    for name in ("host", "key"):
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(str(folder / name))
        key.write_public_key(str(folder / f"{name}.pub"))
        (folder / name).chmod(0o600)
    public = (folder / "host.pub").read_text()
    addresses = [
        address
        for each in lab.topology.servers
        for address in (each.address, each.address6)
    ]
    known = "".join(f"[{address}]:{PORT} {public}" for address in addresses)
    (folder / "known_hosts").write_text(known)
    (folder / "authorized_keys").write_text((folder / "key.pub").read_text())
    (folder / "sshd").write_text(CONFIGURATION.format(port=PORT, folder=folder))
    for each in lab.topology.servers:
        argv = ["/usr/sbin/sshd", "-D", "-e", "-f", str(folder / "sshd")]
        await lab.start(each.host, argv, name=f"sshd-{each.host}")
    listens = f"until ss -Hltn | grep -q ':{PORT} '; do sleep 0.05; done"
    for each in lab.topology.servers:
        await lab.run(each.host, listens, check=True)
    return Shells(key=folder / "key", known_hosts=folder / "known_hosts")
