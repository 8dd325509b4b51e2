"""The scripts make a working LVS of bare hosts, by plain sh, and undo it."""

import re
import subprocess
from pathlib import Path

import pytest

from monlvs.lab import DIRECTOR, Kind, Lab, lay_out
from tests.commandline import monlvs
from tests.director.scripts.sites import pages, snapshot
from tests.labs import options

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]

HOSTS = (DIRECTOR, "rs1", "rs2", "rs3")


def bare(kind: Kind) -> Lab:
    return Lab.boot(lay_out(kind, bare=HOSTS), options=options(600))


def written(folder: Path, text: str) -> list[Path]:
    config = folder / "site.toml"
    config.write_text(text)
    done = monlvs("director", "rc-scripts", "-c", str(config), "-d", str(folder))
    assert done.status == 0, done.text
    return [Path(line) for line in done.out.splitlines()]


def service(vip: str, servers: list[str]) -> str:
    listed = ", ".join(servers)
    return (
        f'[[virtual_service]]\naddress = "{vip}"\nport = 80\nscheduler = "rr"\n'
        f"servers = [{listed}]\n"
    )


def server(address: str, kind: str, **more: object) -> str:
    told = "".join(f', {key} = "{value}"' for key, value in more.items())
    return f'{{ address = "{address}", forwarding = "{kind}"{told} }}'


class Site:
    """Hosts of a lab, and the scripts on them: no monlvs, only sh."""

    def __init__(self, lab: Lab, scripts: list[Path]) -> None:
        self.lab = lab
        for script in scripts:
            subprocess.run(["dash", "-n", script], check=True)
            lab.write_file(script.name, script.read_text())

    async def run(self, verb: str, **scripts: str) -> dict[str, str]:
        """Run `rc.ipvs_NAME VERB` on hosts; return what each said."""
        said = {}
        for host, name in scripts.items():
            script = self.lab.folder / f"rc.ipvs_{name}"
            done = await self.lab.run(
                host,
                ["env", "-i", "PATH=/usr/bin:/bin", f"RC_IPVS_MEMORY=/run/rc.{host}",
                 "sh", str(script), verb],
            )  # fmt: skip
            assert (done.status, done.stderr) == (0, ""), done.stderr
            said[host] = done.stdout
        return said


async def test_nat(tmp_path):
    lab = bare(Kind.NAT)
    try:
        four = [server(each.address, "nat") for each in lab.topology.servers]
        six = [server(each.address6, "nat") for each in lab.topology.servers]
        text = (
            '[machine]\naddresses = [{ address = "10.1.1.1/24", device = "eth1" }, '
            '{ address = "fd00:2::1/64", device = "eth1" }]\n'
            + service("192.168.1.110", [*four, server("127.0.0.1", "local")])
            + service(lab.topology.vip6, six)
        )
        scripts = written(tmp_path, text)
        assert [each.name for each in scripts] == [
            "rc.ipvs_natdirector",
            "rc.ipvs_natserver",
        ]
        site = Site(lab, scripts)
        await lab.start(DIRECTOR, [lab.python, "-c", LOCAL_PAGE])
        before = {host: await snapshot(lab, host) for host in HOSTS}

        servers = {each.host: "natserver" for each in lab.topology.servers}
        await site.run("start", director="natdirector", **servers)
        table = await lab.run(DIRECTOR, "ipvsadm -Sn", check=True)
        same = monlvs("director", "export", "-c", str(tmp_path / "site.toml"))
        assert (table.stdout, same.status) == (same.out, 0)
        urls = ("http://192.168.1.110/", f"http://[{lab.topology.vip6}]/")
        assert await pages(lab, urls[0], times=4) == {"rs1", "rs2", "rs3", "director"}
        assert await pages(lab, urls[1]) == {"rs1", "rs2", "rs3"}
        out = "curl -s -m 3 http://192.168.1.5:8000/"
        await lab.start("client", [lab.python, "-c", CALLER])
        seen = await lab.run("rs1", f"until {out}; do sleep 0.05; done", timeout=10)
        assert seen.stdout == "192.168.1.1"  # translated

        once = {host: await snapshot(lab, host) for host in HOSTS}
        await site.run("start", director="natdirector", **servers)
        assert {host: await snapshot(lab, host) for host in HOSTS} == once

        await site.run("stop", **servers, director="natdirector")
        assert {host: await snapshot(lab, host) for host in HOSTS} == before
    finally:
        lab.halt()


LOCAL_PAGE = """
import socket
s = socket.create_server(("0.0.0.0", 80))
while True:
    c, _ = s.accept()
    c.recv(4096)
    c.sendall(b"HTTP/1.0 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\ndirector\\n")
    c.close()
"""
CALLER = """
import socket
s = socket.create_server(("0.0.0.0", 8000))
while True:
    c, (who, _) = s.accept()
    c.recv(4096)
    c.sendall(f"HTTP/1.0 200 OK\\r\\nContent-Length: {len(who)}\\r\\n\\r\\n{who}".encode())
    c.close()
"""


async def test_dr_and_tun_on_the_same_hosts_and_each_leaves_what_the_other_needs(
    tmp_path,
):
    lab = bare(Kind.DR)
    try:
        servers = lab.topology.servers
        tunnels = ({}, {"tunnel": "gre"}, {"tunnel": "gre", "tunnel_checksum": "csum"})
        text = (
            service("192.168.1.110", [server(e.address, "dr") for e in servers])
            + service(lab.topology.vip6, [server(e.address6, "dr") for e in servers])
            + service(
                "192.168.1.111",
                [
                    server(each.address, "tun", **more)
                    for each, more in zip(servers, tunnels, strict=True)
                ],
            )
            + service("192.168.1.112", [server(e.address6, "tun") for e in servers])
            + service("fd00:1::112", [server(e.address6, "tun") for e in servers])
            + service("fd00:1::113", [server(e.address, "tun") for e in servers])
            + service("192.168.1.114", [gue(each.address) for each in servers])
            # VS-NAT in one network, with the director's own address as the VIP.
            + service("192.168.1.1", [server(servers[0].address, "nat")])
        )
        site = Site(lab, written(tmp_path, text))
        before = {host: await snapshot(lab, host) for host in HOSTS}
        everyone = {"rs1", "rs2", "rs3"}
        dr = ("http://192.168.1.110/", f"http://[{lab.topology.vip6}]/")
        tun = (
            "http://192.168.1.111/",
            "http://192.168.1.112/",
            "http://[fd00:1::112]/",
            "http://[fd00:1::113]/",
            "http://192.168.1.114/",
        )

        on_dr = dict.fromkeys(sorted(everyone), "drserver")
        on_tun = dict.fromkeys(sorted(everyone), "tunserver")
        await site.run("start", **on_dr, director="drdirector")
        await site.run("start", **on_tun, director="tundirector")
        for url in (*dr, *tun):
            assert (url, await pages(lab, url)) == (url, everyone)

        limits = await lab.run("rs2", SIZES, check=True)
        assert limits.stdout.splitlines() == [
            *(
                "192.168.1.111/32 1436",
                "192.168.1.112/32 1420",
                "192.168.1.114/32 1428",
            ),
            *("fd00:1::112/128 1400", "fd00:1::113/128 1420"),
        ]

        redirects = "sysctl -n net.ipv4.conf.all.send_redirects net.ipv4.conf.eth0.send_redirects"
        await site.run("start", director="natdirector")
        assert (await lab.run(DIRECTOR, redirects)).stdout == "0\n0\n"
        await site.run("stop", director="natdirector")
        assert (await lab.run(DIRECTOR, redirects)).stdout == "1\n1\n"

        # DR's scripts made the kernel quiet; TUN needs that still.
        await site.run("stop", **on_dr, director="drdirector")
        for url in tun:
            assert (url, await pages(lab, url)) == (url, everyone)
        assert await pages(lab, dr[0], times=1) == set()
        quiet = await lab.run("rs1", "sysctl -n net.ipv4.conf.all.arp_ignore")
        assert quiet.stdout == "1\n"

        await site.run("stop", **on_tun, director="tundirector")
        assert {host: await snapshot(lab, host) for host in HOSTS} == before
    finally:
        lab.halt()


SIZES = """
for each in iptables-legacy ip6tables-legacy; do $each -t mangle -S OUTPUT; done |
    sed -n 's/.* -s \\([^ ]*\\) .* --set-mss /\\1 /p' | sort
"""


def gue(address: str) -> str:
    more = 'tunnel = "gue", tunnel_port = 6080'
    return f'{{ address = "{address}", forwarding = "tun", {more} }}'


def test_every_script_is_clean(tmp_path):
    text = service("192.168.1.110", [server("192.168.1.2", "dr")])
    text += service("192.168.1.111", [server("192.168.1.2", "tun"), gue("192.168.1.3")])
    text += service("192.168.1.1", [server("10.1.1.2", "nat")])
    scripts = written(tmp_path, text)

    assert len(scripts) == 6
    done = subprocess.run(
        ["shellcheck", *scripts], capture_output=True, text=True, check=False
    )
    assert re.sub(r"\s+", " ", done.stdout) == ""
    assert all(each.stat().st_mode & 0o777 == 0o755 for each in scripts)
