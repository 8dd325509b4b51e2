"""A mon.cf that runs Debian's own programs, and the servers that they want in a lab.

`native = no`: nothing but the programs is at work.
"""

from monlvs.lab import CLIENT, Lab, Process
from tests.e2e import monsite
from tests.e2e.watching import Home

INTERVAL = 6.0
"""Seconds: a round of Perl programs takes a guest two of them."""
VICTIM = "10.1.1.2"
TEST_LOG = "/var/log/mon/test.alert.log"
MONITORS = {
    "fping": "fping.monitor -r 1 -t 500",
    "ping": "ping.monitor",
    "tcp": "tcp.monitor -p 23 -t 2",
    "telnet": "telnet.monitor -t 2",
    "http": "http.monitor -t 2",
    "dns": "dns.monitor -zone example.org -master 10.1.1.3 -retry 1 -retransmit 2",
    "ldap": (
        "ldap.monitor -basedn o=x -filter objectClass=organization "
        "-attribute o -value x"
    ),
}
"""By service. All but ldap fail while the victim's cable is out: ldap.monitor waits two
minutes for a host that is silent, so its server is another one, and is stopped."""
LDAP_SERVER = "10.1.1.4"
ALERTS = (
    "mail.alert root@client",
    "test.alert tested",
    "trap.alert 192.168.1.5",
    "ipvs.alert -P tcp -V 192.168.1.1:80 -R 10.1.1.2:80 -W 1 -F nat",
)
"""What the http service runs, besides file.alert."""

SLAPD = """
set -e
home=/run/slapd
rm -rf $home
mkdir -p $home/data
cat >$home/conf <<END
include /etc/ldap/schema/core.schema
pidfile $home/pid
access to * by * read
database ldif
suffix o=x
directory $home/data
END
slapadd -f $home/conf <<END
dn: o=x
objectClass: organization
o: x
END
"""
CATCHER = """
import socket
catcher = socket.socket(type=socket.SOCK_DGRAM)
catcher.bind(("192.168.1.5", 2583))
print("catching", flush=True)
while True:
    print(catcher.recv(65535).hex(), flush=True)
"""


def mon_cf(home: Home) -> str:
    """Return the configuration: one group, a service for each program."""
    alerts = {name: [f"file.alert -d {home.folder} records"] for name in MONITORS}
    alerts["http"] += ALERTS
    services = "".join(
        _service(name, words, alerts[name])
        for name, words in MONITORS.items()
        if name != "ldap"
    )
    ldap = _service("ldap", MONITORS["ldap"], alerts["ldap"])
    table = _service(
        "table",
        "ipvs.monitor -P tcp -V 192.168.1.1:80 ;;",
        [f"file.alert -d {home.folder} records"],
    )
    return (
        f"{monsite.head(home)}native = no\nrandstart = 2s\n\n"
        f"hostgroup web {VICTIM}\n\nhostgroup directory {LDAP_SERVER}\n\n"
        "hostgroup balanced director\n\n"
        f"watch web\n{services}\nwatch directory\n{ldap}\nwatch balanced\n{table}"
    )


def _service(name: str, words: str, alerts: list[str]) -> str:
    pairs = "".join(f"\n\t\talert {line}\n\t\tupalert {line}" for line in alerts)
    return (
        f"\tservice {name}\n\t\tinterval {INTERVAL:g}s\n\t\tmonitor {words}\n"
        f"\t\tperiod wd {{Sun-Sat}}{pairs}\n\t\talertevery 1h\n"
    )


async def serve_ldap(lab: Lab) -> Process:
    """Start a slapd; done when it listens."""
    listen = ["-f", "/run/slapd/conf", "-h", f"ldap://{LDAP_SERVER}/", "-d", "0"]
    slapd = await lab.start("rs3", ["/usr/sbin/slapd", *listen])
    await lab.until_listening("rs3", 389)
    return slapd


async def serve_names(lab: Lab) -> None:
    """Start a name server on the victim and on another host, its master."""
    for host, address in (("rs1", VICTIM), ("rs2", "10.1.1.3")):
        words = ["-m", "tests.nameserver", address, "53", "example.org"]
        server = await lab.start(host, [lab.python, *words])
        await lab.until(lambda s=server: "serving" in s.output(), timeout=30)  # type: ignore[misc]


async def catch_traps(lab: Lab) -> Process:
    """Let the client print each trap in hexadecimal digits."""
    catcher = await lab.start(CLIENT, [lab.python, "-I", "-S", "-c", CATCHER])
    await lab.until(lambda: "catching" in catcher.output())
    return catcher
