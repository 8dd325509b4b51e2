"""FTP through VS-NAT after one `director apply`: data connections find their way, too."""

import json

import pytest

from monlvs.lab import Lab
from tests.e2e import installing as say
from tests.e2e.installing import SNAPSHOT, told

pytestmark = pytest.mark.lab

VIP, VIP6 = "192.168.1.110", "fd00:1::110"
FTPD = """
listen_ipv6=YES
background=NO
anonymous_enable=YES
no_anon_password=YES
connect_from_port_20=YES
secure_chroot_dir=/run/ftp/empty
"""
FORGET = r"""
rmmod ip_vs_ftp; where=/run/poor/lib/modules; release=$(uname -r)
mkdir -p $where
cp -rs /run/modules/lib/modules/$release/ $where/$release
find $where -name 'ip_vs_ftp*' -delete
depmod -b /run/poor $release
printf '#!/bin/sh\nexec modprobe -d /run/poor "$@"\n' >/run/modprobe.poor
chmod 755 /run/modprobe.poor
echo /run/modprobe.poor >/proc/sys/kernel/modprobe
"""
"""The kernel has no ip_vs_ftp any more: the folder of its modules is without it."""
REMEMBER = "echo /run/modprobe >/proc/sys/kernel/modprobe"
WAYS = {
    "PASV": f"--disable-epsv ftp://{VIP}/name",
    "EPSV": f"ftp://{VIP}/name",
    "PORT": f"-P - --disable-eprt ftp://{VIP}/name",
    "EPRT": f"-P - ftp://{VIP}/name",
    "EPSV over IPv6": f"ftp://[{VIP6}]/name",
    "EPRT over IPv6": f"-P - ftp://[{VIP6}]/name",
}
"""What the client says about the data connection: passive, or active with -P."""


def fetch(words: str) -> str:
    """A line of sh: the client fetches a file, from the address that it is told."""
    curl = "curl -gsSv -m 10 --no-ftp-skip-pasv-ip"
    return f"ip netns exec client {curl} {words}"


async def serve(lab: Lab, host: str) -> None:
    """Start a real server of one file, which names it, and wait until it listens."""
    conf = lab.write_file("vsftpd.conf", FTPD)
    root = f"/run/ftp/{host}"
    made = f"mkdir -p {root} /run/ftp/empty && echo {host} >{root}/name"
    await lab.run(host, made, check=True)
    await lab.start(host, ["/usr/sbin/vsftpd", str(conf), f"-oanon_root={root}"])
    await lab.until_listening(host, 21)


async def test_files_come_by_active_and_passive_data_connections(
    bare_nat_lab: Lab,
) -> None:
    lab = bare_nat_lab
    real = lab.topology.servers
    for each in real:
        await serve(lab, each.host)
    text = f'[settings]\nstate_dir = "{lab.folder}/ftp"\n[machine]\n'
    text += say.service(VIP, [say.server(r.address, "nat") for r in real], port=21)
    text += say.service(VIP6, [say.server(r.address6, "nat") for r in real], port=21)
    path = str(lab.write_file("ftp.toml", text))

    def director(*words: str) -> list[str]:
        return ["director", words[0], "-c", path, *words[1:]]

    done = await told(
        lab,
        [
            SNAPSHOT,
            *("modprobe -d /run/modules ip_vs_ftp", FORGET),
            *(director("plan"), director("apply"), director("plan", "--json")),
            director("audit"),
            *(fetch(WAYS["PASV"]), REMEMBER),
            *(director("apply"), *map(fetch, WAYS.values()), director("audit")),
            *(director("clear"), SNAPSHOT),
        ],
    )
    (
        before,
        _,
        _,
        plan,
        refused,
        again,
        unsound,
        alone,
        _,
        apply,
        *fetched,
        audit,
        clear,
        after,
    ) = done

    words = (
        "this kernel has no module ip_vs_ftp, and TCP 192.168.1.110:21 is FTP, whose "
        "data connections are told inside it: expected the package of its modules "
        "that has it, or a kernel with CONFIG_IP_VS_FTP"
    )
    assert plan.status == 2
    assert plan.err == f"cannot be done: {words}\n"
    assert "ip_vs_ftp" not in plan.out
    assert (refused.status, refused.err) == (1, f"refused: {words}\n")
    assert (again.status, again.err) == (1, plan.err)
    assert json.loads(again.out) == {"changes": [], "obstacles": [words]}
    assert unsound.status == 2
    assert f"the module ip_vs_ftp cannot be loaded, and TCP {VIP}:21" in unsound.out
    assert alone.status != 0, "the server names an address that the client cannot reach"

    assert (apply.status, apply.err) == (0, "")
    assert [line.split("  ")[0] for line in apply.lines] == ["modprobe ip_vs_ftp"]
    for way, ended in zip(WAYS, fetched, strict=True):
        assert ended.out in [f"{each.host}\n" for each in real], (way, ended.err)
        assert f"> {way.split()[0]}" in ended.err, way
    assert f"227 Entering Passive Mode ({VIP.replace('.', ',')}," in fetched[0].err
    assert (audit.status, audit.err) == (0, "")
    assert (clear.status, clear.err) == (0, "")
    assert after.lines == before.lines
