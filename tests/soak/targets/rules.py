"""What ipvsadm -S prints and what scripts say, to a table."""

from monlvs.director import rules
from monlvs.mon.escape import to_text
from tests.soak.target import Target, assert_placed


def examine(data: bytes) -> None:
    """A table that was read is read again, the same, from what it is written as."""
    text = to_text(data)
    found = rules.read(text, "rules")
    assert_placed(found.problems, text.count("\n") + 1)
    assert found.commands <= len(text)

    written = rules.write(found.table)
    again = rules.read(written, "rules")
    if not rules.dropped(found.table):
        assert again.table == found.table
        assert not [problem for problem in again.problems if not problem.warning]
    if not [problem for problem in again.problems if not problem.warning]:
        assert rules.write(again.table) == written


TARGET = Target(
    examine=examine,
    files=("monlvs/director/rules/*.py",),
    seeds=(
        b"-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1\n",
        b"-A -f 7 -s wlc -p 300 -M 255.255.255.0\n-a -f 7 -r 10.0.0.2:0 -g -w 0\n",
        b"-A -u [2001:db8::1]:53 -s sh -b sh-port -o\n"
        b"-a -u [2001:db8::1]:53 -r [2001:db8::2]:53 -i --tun-type gue --tun-port 6080\n",
        b"#!/bin/sh\nVIP=192.0.2.1\nip=/sbin/ipvsadm\nif [ -x $ip ]; then\n"
        b'  $ip -A -t "$VIP:http" -s wrr -p && ipvsadm -a -t $VIP:80 -R 10.0.0.1 -w 3\n'
        b"fi\nipvsadm --set 900 120 300; ipvsadm --start-daemon master --syncid 3\n"
        b"ipvsadm -D -t $VIP:80; ipvsadm -C\n",
        b"ippfvsadm -A -t 192.0.2.1 -R 10.0.0.1 -w 1 \\\n # more\n'un\"closed $(x `y`",
    ),
    words=(
        *(b"ipvsadm ", b"-A ", b"-a ", b"-E ", b"-e ", b"-d ", b"-t 192.0.2.1:80 "),
        *(b"-u ", b"-f 7 ", b"-6 ", b"-r 10.0.0.1:80 ", b"-s rr ", b"-s sh ", b"-p "),
        *(b"-w 1 ", b"-m ", b"-g ", b"-i ", b"-M 255.255.255.0 ", b"-b sh-port "),
        *(b"--tun-type gre ", b"--tun-flags csum ", b"[::1]:80 ", b"-x 5 ", b"-y 1 "),
        *(b"$X", b"X=", b"if ", b"then\n", b"fi\n", b"$(", b"`", b'"', b"\\\n"),
    ),
    longest=2048,
)
