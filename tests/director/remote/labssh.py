"""sshd on the real servers of a lab, each with an /etc and a /var of its own."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from monlvs.lab import DIRECTOR, Lab, Result

CONF = """\
HostKey {folder}/host
PidFile {folder}/pid
AuthorizedKeysFile {folder}/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
PrintLastLog no
MaxSessions 1
"""
# The root of the guest is the host's, and read-only: what a server writes goes to memory.
START = """\
set -e
cd /run/ssh.{host}
for each in etc var; do
    mkdir -p $each $each.work
    mount -t overlay -o lowerdir=/$each,upperdir=$PWD/$each,workdir=$PWD/$each.work o /$each
done
[ ! -e /root/.bashrc ] || mount --bind /run/empty /root/.bashrc
exec /usr/sbin/sshd -D -f $PWD/conf -E {log}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ssh:
    """How the director of a lab logs in to its real servers."""

    lab: Lab
    folder: Path

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    async def realserver(self, *words: str, known_hosts: Path | None = None) -> Result:
        """Run `monlvs director realserver WORDS` on the director."""
        argv = [self.lab.python, "-m", "monlvs", "director", "realserver", *words]
        ways = ["-l", "root", "--timeout", "90", "-i", str(self.folder / "key")]
        ways += ["--known-hosts", str(known_hosts or self.known_hosts)]
        return await self.lab.run(
            DIRECTOR, [*argv, *ways], env={"HOME": str(self.folder)}, timeout=240
        )


async def start_sshd(lab: Lab) -> Ssh:
    """Start an sshd on every real server; returns when they listen."""
    folder = lab.folder / "ssh"
    folder.mkdir()
    _make_key(folder / "key")
    await lab.run(None, "/run/modprobe overlay; mkdir /run/sshd; : >/run/empty", check=True)  # fmt: skip
    known = []
    for server in lab.topology.servers:
        host, at = server.host, f"/run/ssh.{server.host}"
        public = _make_key(folder / f"{host}.host")
        known += [f"{address} {public}\n" for address in (server.address, server.address6)]  # fmt: skip
        (folder / f"{host}.conf").write_text(CONF.format(folder=at))
        make = (
            f"mkdir -m 700 {at}; cd {at}; umask 077; cp {folder}/{host}.host host; "
            f"cp {folder}/{host}.conf conf; cp {folder}/key.pub authorized_keys"
        )
        await lab.run(host, make, check=True)
        script = START.format(host=host, log=f"{folder}/{host}.log")
        await lab.start(
            host, ["unshare", "-m", "sh", "-c", script], name=f"{host}-sshd"
        )
    (folder / "known_hosts").write_text("".join(known))
    for server in lab.topology.servers:
        await lab.until_listening(server.host, 22)
    return Ssh(lab=lab, folder=folder)


def _make_key(path: Path) -> str:
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)]
    subprocess.run(argv, check=True)
    return path.with_name(f"{path.name}.pub").read_text().strip()
