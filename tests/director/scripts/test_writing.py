"""Which scripts a configuration needs, and what whoever runs them has to know."""

import re
import subprocess

from tests.commandline import monlvs

NAT = """
[[virtual_service]]
address = "203.0.113.250"
port = 80
servers = [{ address = "198.51.100.251", forwarding = "nat", port = 8080 }]
"""
LOCAL = """
[[virtual_service]]
address = "203.0.113.251"
port = 80
servers = [{ address = "127.0.0.1", forwarding = "local" }]
"""
MIXED = """
[[virtual_service]]
address = "203.0.113.252"
port = 80
servers = [
  { address = "203.0.113.2", forwarding = "dr" },
  { address = "203.0.113.3", forwarding = "tun" },
  { address = "127.0.0.1", forwarding = "local" },
]
"""


def write(folder, text, *words):
    config = folder / "site.toml"
    config.write_text(text)
    return monlvs(
        "director", "rc-scripts", "-c", str(config), "-d", str(folder), *words
    )


def started(folder, name):
    text = (folder / name).read_text()
    body = text[text.index("start() {") : text.index("\n}\n", text.index("start() {"))]
    return [line.strip() for line in body.splitlines()[1:]]


def test_scripts_that_are_not_needed_are_left_out_and_it_is_said(tmp_path):
    done = write(tmp_path, LOCAL)

    assert (done.status, done.out) == (0, f"{tmp_path / 'rc.ipvs_drdirector'}\n")
    assert "left out: rc.ipvs_drserver: all of VS-DR is LocalNode" in done.err
    assert "left out: rc.ipvs_natdirector, rc.ipvs_natserver: no real" in done.err


def test_each_kind_has_its_own_entries_of_a_mixed_virtual_service(tmp_path):
    write(tmp_path, MIXED)

    real = [
        [line for line in started(tmp_path, f"rc.ipvs_{kind}director") if "-r" in line]
        for kind in ("dr", "tun")
    ]
    assert real == [
        [
            "real_server '-t 203.0.113.252:80 -r 127.0.0.1:80' '-g -w 1'",
            "real_server '-t 203.0.113.252:80 -r 203.0.113.2:80' '-g -w 1'",
        ],
        [
            "real_server '-t 203.0.113.252:80 -r 203.0.113.3:80' "
            "'-i -w 1 --tun-type ipip'"
        ],
    ]


def test_a_gateway_that_nobody_has_stated_is_asked_for_when_the_script_runs(tmp_path):
    done = write(tmp_path, NAT)

    assert "rc.ipvs_natserver: the director's address in the network of" in done.err
    lines = started(tmp_path, "rc.ipvs_natserver")
    assert 'have_route -4 default "via $GATEWAY"' in lines
    assert any(line.startswith(': "${GATEWAY:?expected') for line in lines)


def test_a_stated_gateway_is_written_down(tmp_path):
    done = write(tmp_path, '[machine]\ngateway = ["198.51.100.1"]\n' + NAT)

    assert "gateway" not in done.err
    assert "have_route -4 default 'via 198.51.100.1'" in started(
        tmp_path, "rc.ipvs_natserver"
    )


def test_a_host_that_is_no_real_server_is_told_and_nothing_is_done(tmp_path):
    """It asks an `ip` that has no address, lest this machine be one by chance."""
    write(tmp_path, MIXED)
    nothing = tmp_path / "ip"
    nothing.write_text("#!/bin/sh\n")
    nothing.chmod(0o755)
    memory = str(tmp_path / "memory")
    done = subprocess.run(
        ["sh", str(tmp_path / "rc.ipvs_drserver"), "start"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "RC_IPVS_MEMORY": memory},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "no address of a real server of VS-DR (203.0.113.2)" in done.stderr


def test_a_wrong_argument_is_told(tmp_path):
    write(tmp_path, MIXED)
    script = str(tmp_path / "rc.ipvs_drserver")
    done = subprocess.run(
        ["sh", script, "begin"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (2, f"usage: {script} start|stop\n")


def test_somebody_elses_file_is_not_written_over(tmp_path):
    other = tmp_path / "rc.ipvs_drserver"
    other.write_text("# my own\n")
    done = write(tmp_path, MIXED)

    assert done.status == 1
    assert "rc.ipvs_drserver: is not monlvs's" in done.err
    assert other.read_text() == "# my own\n"
    other.unlink()
    assert write(tmp_path, MIXED).status == write(tmp_path, MIXED).status == 0


def test_printing_writes_nothing(tmp_path):
    done = write(tmp_path, MIXED, "--print")

    assert re.findall(r"^NAME=(.*)$", done.out, re.MULTILINE) == [
        "rc.ipvs_tundirector",
        "rc.ipvs_tunserver",
        "rc.ipvs_drdirector",
        "rc.ipvs_drserver",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["site.toml"]


MON_CF = """
hostgroup web1 203.0.113.2

watch web1
  service http
    interval 15s
    monitor http.monitor
    period wd {Sun-Sat}
      alert virtualserver.alert -P tcp -V 203.0.113.252:80 -R 203.0.113.2 -W 3 -F dr
      upalert virtualserver.alert -P tcp -V 203.0.113.252:80 -R 203.0.113.2 -W 3 -F dr
"""


def test_what_a_mon_cf_only_guards_is_made_with_all_its_real_servers(tmp_path):
    config = tmp_path / "mon.cf"
    config.write_text(MON_CF)
    done = monlvs("director", "rc-scripts", "-c", str(config), "-d", str(tmp_path))

    assert "does not say how it is made: wlc" in done.err
    lines = started(tmp_path, "rc.ipvs_drdirector")
    assert "virtual_service '-t 203.0.113.252:80' '-s wlc'" in lines
    assert "real_server '-t 203.0.113.252:80 -r 203.0.113.2:80' '-g -w 3'" in lines
    assert "have_vip 203.0.113.252/32" in lines
    assert "hidden_vip 203.0.113.252/32 lo" in started(tmp_path, "rc.ipvs_drserver")
