"""Records what ipvsadm sends, for `recorded/ipvsadm.txt`.

Run it as root where IPVS, ipvsadm and strace are (a guest of the lab will do):

    python3 tests/director/codec/record_ipvsadm.py > tests/director/recorded/ipvsadm.txt

Each command is followed by the bytes of its last message after the netlink header.
Whether the kernel obeys does not matter.
"""

import re
import shlex
import subprocess
import tempfile
from pathlib import Path

COMMANDS = """
-A -t 192.168.1.110:80 -s rr
-A -t 192.168.1.110:80
-A -u 192.168.1.110:53 -s wlc -o
-A -t [fd00::110]:80 -s wrr
-A -t [fd00::110]:80 -s wrr -p 300 -M 64
-A -f 7 -s rr
-A -f 7 -6 -s sh -b sh-fallback,sh-port -p 60
-A -t 192.168.1.110:0 -s rr -p
-A -t 192.168.1.110:80 -s mh -b mh-port,mh-fallback -p 60 -M 255.255.255.0
-A -t 192.168.1.110:80 -s rr -b flag-3
-A --sctp-service 192.168.1.110:5060 -s lblcr
-A -u 192.168.1.110:5060 -s rr --pe sip -p 30
-E -t 192.168.1.110:80 -s lc
-E -f 7 -6 -s nq
-D -t 192.168.1.110:80
-D -f 7 -6
-D -t [fd00::110]:80
-a -t 192.168.1.110:80 -r 192.168.1.2:80 -g -w 1
-a -t 192.168.1.110:80 -r 10.1.1.2:8080 -m -w 100 -x 500 -y 400
-a -t 192.168.1.110:80 -r 10.2.0.1 -i
-a -t 192.168.1.110:80 -r 10.2.0.1 -i --tun-type gue --tun-port 6080 --tun-csum
-a -t 192.168.1.110:80 -r 10.2.0.1 -i --tun-type gue --tun-port 6080 --tun-remcsum
-a -t 192.168.1.110:80 -r 10.2.0.1 -i --tun-type gre --tun-csum
-a -t [fd00::110]:80 -r [fd00::11]:80 -g
-a -t 192.168.1.110:80 -r [fd00::11]:80 -i
-a -f 7 -r 192.168.1.2:0 -g
-a -f 7 -6 -r [fd00::11]:0 -g
-e -t 192.168.1.110:80 -r 192.168.1.2:80 -g -w 0
-e -f 7 -r 192.168.1.2:0 -m -w 65535
-d -t 192.168.1.110:80 -r 192.168.1.2:80
-d -f 7 -6 -r [fd00::11]:0
-C
-Z
-Z -t 192.168.1.110:80
--set 900 120 300
-L --timeout
-Z -f 7 -6
--start-daemon master --mcast-interface eth0
--start-daemon master --mcast-interface eth0 --syncid 7
--start-daemon backup --mcast-interface eth1 --syncid 255 --sync-maxlen 1400
--start-daemon master --mcast-interface eth0 --mcast-group 224.0.0.99 --mcast-port 9000
--start-daemon backup --mcast-interface eth0 --mcast-group ff02::1:99 --mcast-ttl 3
--stop-daemon master
--stop-daemon backup
-L --daemon
-L --stats
"""

MESSAGE = re.compile(r'nlmsg_type=(?!nlctrl).*"((?:\\x[0-9a-f]{2})+)"')


def sent_by(command: str) -> str:
    """The bytes of the last message that `ipvsadm COMMAND` sends, in hexadecimal."""
    with tempfile.NamedTemporaryFile() as trace:
        strace = ["strace", "-e", "trace=sendmsg", "-xx", "-s", "65536", "-o"]
        subprocess.run(
            [*strace, trace.name, "ipvsadm", *shlex.split(command)],
            capture_output=True,
            check=False,
        )
        lines = Path(trace.name).read_text(encoding="ascii").splitlines()
    found = [match[1] for line in lines if (match := MESSAGE.search(line))]
    return found[-1].replace("\\x", "")


if __name__ == "__main__":
    for line in COMMANDS.split("\n"):
        if line:
            print(f"ipvsadm {line}\n{sent_by(line)}")
