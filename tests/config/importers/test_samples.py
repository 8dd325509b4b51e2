"""The sample files of keepalived and ldirectord, as their Debian packages ship them."""

import re
from pathlib import Path

import pytest

from monlvs.config.importers.formats import Format, detect
from tests.config.importers.converting import config_of, errors, imported, site

KEEPALIVED = Path("/usr/share/doc/keepalived/samples")
LDIRECTORD = Path("/usr/share/doc/ldirectord/examples/ldirectord.cf")
SHIPPED = sorted(KEEPALIVED.glob("keepalived.conf.*"))
ALL = [*SHIPPED, Path("/etc/keepalived/keepalived.conf.sample"), LDIRECTORD]
WITHOUT_SERVERS = {
    "conditional_conf", "track_interface", "vrrp", "vrrp.localcheck", "vrrp.routes",
    "vrrp.rules", "vrrp.scripts", "vrrp.static_ipaddress", "vrrp.sync",
}  # fmt: skip
"""Samples of VRRP alone, of which there is nothing to convert."""


def test_the_packages_are_installed() -> None:
    assert len(SHIPPED) >= 20, "tests/packages.sh installs keepalived and ldirectord"
    assert [path for path in ALL if not path.is_file()] == []


@pytest.mark.parametrize("path", ALL, ids=str)
def test_each_sample_becomes_a_configuration(path: Path) -> None:
    data = path.read_bytes()
    format_ = detect(path.name, data)
    given = imported(data.decode(), format_, site(config_id="high"))

    wanted = Format.LDIRECTORD if path == LDIRECTORD else Format.KEEPALIVED
    assert format_ is wanted
    assert errors(given) == []
    if path.name.removeprefix("keepalived.conf.") in WITHOUT_SERVERS:
        assert given.text is None
        assert "no virtual service" in given.report[0]
    else:
        assert given.text is not None
        assert given.equal
        assert config_of(given.text).virtual_services


def _blocks() -> list[str]:
    """Take the comment marks away from the virtual services of ldirectord's sample."""
    text = re.sub(r"(?m)^#(?=virtual|\t)", "", LDIRECTORD.read_text())
    return re.findall(r"(?m)^virtual6?\s*=.*\n(?:\t.*\n)+", text)


REFUSED = {
    # What ldirectord reads there is a real server named 5060.
    "192.168.6.2::5060": "expected ADDRESS:PORT",
}


@pytest.mark.parametrize(
    "numbered",
    list(enumerate(_blocks() if LDIRECTORD.is_file() else [])),
    ids=lambda numbered: str(numbered[0]),
)
def test_each_commented_sample_of_ldirectord_does_too(
    numbered: tuple[int, str],
) -> None:
    block = numbered[1]
    given = imported(block, Format.LDIRECTORD)

    reason = next((why for word, why in REFUSED.items() if word in block), None)
    if reason is not None:
        assert [reason in each for each in errors(given)] == [True] * 3
        return
    assert errors(given) == []
    assert given.equal
    assert given.text is not None
    servers = sum(len(v.servers) for v in config_of(given.text).virtual_services)
    assert servers == (7 if "->192" in block else 3 if "->" in block else servers)


def test_ldirectords_sample_has_a_block_for_each_service() -> None:
    assert len(_blocks()) >= 18
