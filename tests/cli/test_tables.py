"""`monlvs director import` and `export`, as people run them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.director.rules.test_reading import NAT

RULES = """\
-A -t 192.168.1.110:80 -s mh -p 60 -M 255.255.255.0 -b mh-fallback,mh-port
-a -t 192.168.1.110:80 -r 192.168.1.2:80 -g -w 3
-a -t 192.168.1.110:80 -r 192.168.1.3:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum
-A -u 192.168.1.110:5060 -s rr -p 30 --pe sip -o
-a -u 192.168.1.110:5060 -r 10.1.1.2:5061 -m -w 0
-A -f 7 -6 -s wlc
-a -f 7 -6 -r [fd00::11]:0 -g -w 1
"""


def director(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "monlvs", "director", *words],
        capture_output=True, text=True, check=False, input=stdin,
    )  # fmt: skip


def test_rules_become_toml_that_becomes_the_same_rules(tmp_path: Path) -> None:
    imported = director("import", "-", stdin=RULES)
    assert (imported.returncode, imported.stderr) == (
        0,
        "carried: 3 virtual services with 4 real servers, out of 7 commands\n",
    )
    path = tmp_path / "imported.toml"
    path.write_text(imported.stdout)

    exported = director("export", "-c", str(path))
    assert (exported.returncode, exported.stderr) == (0, "")
    assert exported.stdout == RULES


def test_a_script_of_1999_is_imported_and_its_method_told(tmp_path: Path) -> None:
    script = tmp_path / "rc.ipvs_natdirector"
    script.write_text(NAT)
    done = director("import", str(script))

    assert done.returncode == 0
    assert done.stderr.startswith(f"{script}:5:15: warning: this spelling of 1999")
    assert '{ address = "10.1.1.2", port = 8080, forwarding = "nat"' in done.stdout

    other = director(
        "import", "--kind", "dr", "-", stdin="ipvsadm -A -t 1.2.3.4:80 -R 5.6.7.8\n"
    )
    assert 'forwarding = "dr"' in other.stdout


def test_what_is_left_out_is_told_with_its_place() -> None:
    text = RULES + "-A -t nowhere.invalid:80\n--set 900 120 300\n"
    text += "--start-daemon master --mcast-interface eth1 --syncid 7\n"
    done = director("import", "-", stdin=text)

    assert done.returncode == 1
    assert done.stdout.count("[[virtual_service]]") == 3
    assert done.stderr.splitlines() == [
        "standard input:8:7: left out: expected an address or a known host, "
        "not 'nowhere.invalid'",
        "carried: 3 virtual services with 4 real servers, out of 10 commands",
        "not in the TOML: the timeouts; monlvs director timeouts 900 120 300",
        "not in the TOML: the master sync daemon; monlvs director sync start master "
        "--interface eth1 --id 7",
    ]


def test_what_toml_cannot_say_is_told() -> None:
    text = "-A -t 1.2.3.4:80 -s strange\n-a -t 1.2.3.4:80 -r 5.6.7.8\n"
    done = director("import", "-", stdin=text)
    assert done.returncode == 1
    assert "virtual_service[0].scheduler" in done.stderr


def test_thresholds_are_named_as_what_the_format_drops(tmp_path: Path) -> None:
    path = tmp_path / "mon_lvs.toml"
    text = "-A -t 1.2.3.4:80\n-a -t 1.2.3.4:80 -r 5.6.7.8 -x 9 -y 3\n"
    path.write_text(director("import", "-", stdin=text).stdout)
    done = director("export", "-c", str(path))

    assert done.returncode == 0
    assert done.stderr == (
        "warning: TCP 1.2.3.4:80 -> 5.6.7.8:80: the thresholds (upper 9, lower 3) are "
        "not written\n"
    )


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["import", "/nowhere"], 1, "/nowhere: No such file or directory"),
        (["import", "/dev/null"], 1, "expected lines of ipvsadm -S"),
        (["export"], 2, "expected either -c FILE or --live"),
        (["export", "--live", "-c", "/nowhere"], 2, "expected either -c FILE"),
        (["zero", "1.2.3.4:80", "--fwmark", "3"], 2, "either VIP:PORT or --fwmark"),
        (["zero", "1.2.3:80"], 2, "expected an address"),
        (["timeouts", "1", "2"], 2, "expected three times in seconds"),
        (["sync", "start", "master", "--interface", "eth0", "--group", "1.2.3.4"], 2, "expected a multicast address"),
    ],
)  # fmt: skip
def test_trouble_is_told_in_one_line(words, status, message) -> None:
    done = director(*words)
    assert done.returncode == status
    assert message in done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
