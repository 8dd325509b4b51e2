"""Bare hosts become real servers through real sshd, and are bare again."""

import json

import pytest

from monlvs.director.remote.booting import NAME
from monlvs.lab import DIRECTOR, Kind, Lab, lay_out
from tests.director.remote.labssh import start_sshd
from tests.director.scripts.sites import pages, snapshot
from tests.labs import options

pytestmark = pytest.mark.lab

SERVERS = ("rs1", "rs2", "rs3")
SITE = """
[[virtual_service]]
address = "192.168.1.110"
port = 80
scheduler = "rr"
servers = [
  { address = "192.168.1.2", forwarding = "dr" },
  { address = "192.168.1.3", forwarding = "dr" },
]
[[virtual_service]]
address = "192.168.1.111"
port = 80
scheduler = "rr"
servers = [
  { address = "192.168.1.3", forwarding = "tun", tunnel = "gre", tunnel_checksum = "csum" },
  { address = "192.168.1.4", forwarding = "tun", tunnel = "gue", tunnel_port = 6080 },
]
[[virtual_service]]
address = "192.168.1.111"
port = 9000
scheduler = "rr"
servers = [
  { address = "192.168.1.3", forwarding = "tun", tunnel = "gre", tunnel_checksum = "csum" },
  { address = "192.168.1.4", forwarding = "tun", tunnel = "gue", tunnel_port = 6080 },
]
[[virtual_service]]
address = "fd00:1::110"
port = 9000
scheduler = "rr"
servers = [{ address = "fd00:1::4", forwarding = "tun" }]
[[virtual_service]]
address = "192.168.1.112"
port = 80
scheduler = "rr"
servers = [{ address = "192.168.1.2", forwarding = "nat" }]
[[virtual_service]]
address = "fd00:1::110"
port = 80
scheduler = "rr"
servers = [
  { address = "fd00:1::2", forwarding = "dr" },
  { address = "fd00:1::4", forwarding = "tun" },
]
"""
DIRECT = """
ip address add 192.168.1.111/32 dev eth0
ipvsadm -R <<END
-A -t 192.168.1.110:80 -s rr
-a -t 192.168.1.110:80 -r 192.168.1.2:80 -g -w 1
-a -t 192.168.1.110:80 -r 192.168.1.3:80 -g -w 1
-A -t 192.168.1.111:80 -s rr
-a -t 192.168.1.111:80 -r 192.168.1.3:80 -i -w 1 --tun-type gre --tun-csum
-a -t 192.168.1.111:80 -r 192.168.1.4:80 -i -w 1 --tun-type gue --tun-port 6080
-A -t 192.168.1.111:9000 -s rr
-a -t 192.168.1.111:9000 -r 192.168.1.3:9000 -i -w 1 --tun-type gre --tun-csum
-a -t 192.168.1.111:9000 -r 192.168.1.4:9000 -i -w 1 --tun-type gue --tun-port 6080
-A -t [fd00:1::110]:9000 -s rr
-a -t [fd00:1::110]:9000 -r [fd00:1::4]:9000 -i -w 1
-A -t [fd00:1::110]:80 -s rr
-a -t [fd00:1::110]:80 -r [fd00:1::2]:80 -g -w 1
-a -t [fd00:1::110]:80 -r [fd00:1::4]:80 -i -w 1
END
"""
GATEWAY = "default proto static src 192.168.1.2 via 192.168.1.5 dev eth0"
NO_MODULES = "echo {} >/proc/sys/kernel/modprobe"
REBOOT = """
ip route del default
ip address del 192.168.1.110/32 dev lo
ip address del fd00:1::110/128 dev lo
sysctl -q -w net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.all.arp_announce=0
"""
FLUSH = "iptables-legacy -t mangle -F; ip6tables-legacy -t mangle -F"
# Whoever drops ICMP on the way; a packet on the wire for each segment, and no option
# that takes of its size.
FIREWALL = """
iptables-legacy -A INPUT -p icmp --icmp-type fragmentation-needed -j DROP
ip6tables-legacy -A INPUT -p icmpv6 --icmpv6-type packet-too-big -j DROP
ip link set eth0 gso_max_segs 1
sysctl -q -w net.ipv4.tcp_timestamps=0
"""
SINK = """
import socket, threading
def take(peer):
    size = 0
    while data := peer.recv(65536):
        size += len(data)
    peer.sendall(str(size).encode())
    peer.close()
door = socket.create_server(("", 9000), family=socket.AF_INET6, dualstack_ipv6=True)
while True:
    threading.Thread(target=take, args=[door.accept()[0]], daemon=True).start()
"""
UPLOAD = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def upload(host):
    with socket.create_connection((host, 9000), timeout=float(sys.argv[1])) as line:
        size = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
        try:
            line.sendall(b"x" * 100_000)
            line.shutdown(socket.SHUT_WR)
            return size, line.recv(16) == b"100000"
        except TimeoutError:
            return size, False
with ThreadPoolExecutor() as pool:
    print(json.dumps(list(pool.map(upload, sys.argv[2:]))))
"""
UPLOADS = ("192.168.1.111", "192.168.1.111", "fd00:1::110")


async def uploads(lab: Lab, patience: float) -> set[tuple[int, bool]]:
    """The size of segments that the client was asked for, and whether its upload was
    over in time, by each of the tunnels."""
    argv = [lab.python, "-c", UPLOAD, str(patience), *UPLOADS]
    done = await lab.run("client", argv, check=True, timeout=90)
    return {(size, whole) for size, whole in json.loads(done.stdout)}


@pytest.mark.timeout(600)  # five times monlvs, in a guest that shares its core
async def test_bare_hosts_become_real_servers_and_are_bare_again():
    shape = lay_out(Kind.DR, bare=SERVERS)
    async with Lab.open(shape, options=options(600)) as lab:
        ssh = await start_sshd(lab)
        site = str(lab.write_file("site.toml", SITE))
        await lab.run(DIRECTOR, DIRECT, check=True)
        await lab.run("rs1", f"ip route add {GATEWAY}", check=True)
        before = {host: await snapshot(lab, host) for host in SERVERS}

        # Of several hosts one does not answer, and one is somebody else.
        known = ssh.known_hosts.read_text().splitlines()
        mixed = [*known[:4], f"192.168.1.4 {known[0].split(' ', 1)[1]}"]
        wrong = lab.write_file("wrong_hosts", "\n".join([*mixed, ""]))
        hosts = ("192.168.1.2", "192.168.1.4", "192.168.1.99")
        shown = await ssh.realserver(
            "prepare", *hosts, "-c", site, "--dry-run", known_hosts=wrong
        )
        assert shown.status == 1, shown.stderr
        assert "192.168.1.4: its host key is another than" in shown.stderr
        assert "192.168.1.99: not reached: " in shown.stderr
        lines = [line.split("    # ")[0].strip() for line in shown.stdout.splitlines()]
        assert lines == [
            "root@192.168.1.2 (rs1):",
            "note: answers for TCP 192.168.1.110:80 take the default route, too, to the "
            "director that VS-NAT needs there, and it has to pass them on",
            "sysctl -q -w net.ipv4.conf.all.arp_ignore=1",
            "sysctl -q -w net.ipv4.conf.all.arp_announce=2",
            "ip route replace 0.0.0.0/0 via 192.168.1.1",
            "ip address add 192.168.1.110/32 dev lo",
            "ip address add fd00:1::110/128 dev lo nodad preferred_lft 0",
            f"write /etc/init.d/{NAME}",
        ]
        assert {host: await snapshot(lab, host) for host in SERVERS} == before

        # A step that fails is the last one: the VIP does not come.
        await lab.run(None, NO_MODULES.format("/bin/false"), check=True)
        failed = await ssh.realserver("prepare", "192.168.1.4", "-c", site, "--yes")
        await lab.run(None, NO_MODULES.format("/run/modprobe"), check=True)
        assert failed.status == 1
        assert "; what was done before is remembered: see undo" in failed.stderr
        assert await snapshot(lab, "rs3") == before["rs3"]

        every = ("192.168.1.2", "192.168.1.3", "192.168.1.4")
        made = await ssh.realserver("prepare", *every, "-c", site, "--yes")
        assert made.status == 0, made.stderr + made.stdout
        assert "root@192.168.1.3: done, " in made.stderr
        assert await pages(lab, "http://192.168.1.110/", times=4) == {"rs1", "rs2"}
        assert await pages(lab, "http://192.168.1.111/", times=4) == {"rs2", "rs3"}
        assert await pages(lab, "http://[fd00:1::110]/", times=4) == {"rs1", "rs3"}

        # Uploads fit into the tunnels though nobody hears that they did not: in GRE with
        # checksums, in GUE, and in IPv6.
        fits = {(1500 - 28 - 40, True), (1500 - 32 - 40, True), (1500 - 40 - 60, True)}
        await lab.run("client", FIREWALL, check=True)
        for host in SERVERS[1:]:
            await lab.start(host, [lab.python, "-c", SINK])
            await lab.until_listening(host, 9000)
        assert await uploads(lab, patience=60) == fits
        prepared = {host: await snapshot(lab, host) for host in SERVERS}
        for host in SERVERS[1:]:
            await lab.run(host, FLUSH, check=True)
        assert await uploads(lab, patience=5) == {(1460, False), (1440, False)}
        mended = await ssh.realserver("prepare", *every, "-c", site, "--yes")
        assert mended.status == 0, mended.stderr
        rule = "-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss"
        assert [
            line.strip() for line in mended.stdout.splitlines() if "    # " in line
        ] == [
            f"iptables-legacy -w 10 -t mangle -A OUTPUT -s 192.168.1.111/32 {rule} 1432"
            "    # of 1500 bytes 28 are the tunnel's: larger segments do not fit",
            f"iptables-legacy -w 10 -t mangle -A OUTPUT -s 192.168.1.111/32 {rule} 1428"
            "    # of 1500 bytes 32 are the tunnel's: larger segments do not fit",
            f"ip6tables-legacy -w 10 -t mangle -A OUTPUT -s fd00:1::110/128 {rule} 1400"
            "    # of 1500 bytes 40 are the tunnel's: larger segments do not fit",
        ]
        assert await uploads(lab, patience=60) == fits

        again = await ssh.realserver("prepare", "--all", "-c", site, "--yes")
        assert (again.status, "    # " in again.stdout) == (0, False)
        assert again.stderr.count("nothing to do") == 5
        assert "root@fd00:1::2: is root@192.168.1.2, by another of" in again.stderr
        assert {host: await snapshot(lab, host) for host in SERVERS} == prepared

        etc = "/run/ssh.rs1/etc"
        links = await lab.run("rs1", f"ls {etc}/rc2.d", check=True)
        assert NAME in links.stdout
        await lab.run("rs1", REBOOT, check=True)
        await lab.run("rs1", f"sh {etc}/init.d/{NAME} start", check=True)
        assert await snapshot(lab, "rs1") == prepared["rs1"]
        await lab.run("rs3", FLUSH, check=True)
        script = f"/run/ssh.rs3/etc/init.d/{NAME}"
        await lab.run("rs3", f"RC_IPVS_MEMORY=/run/rs3 sh {script} start", check=True)
        assert await snapshot(lab, "rs3") == prepared["rs3"]

        undone = await ssh.realserver("undo", *every, "--yes")
        assert undone.status == 0, undone.stderr
        assert {host: await snapshot(lab, host) for host in SERVERS} == before
        gone = await lab.run("rs1", f"ls {etc}/init.d/{NAME} {etc}/rc2.d/S01{NAME}")
        assert "No such file" in gone.stderr
        assert gone.status != 0
