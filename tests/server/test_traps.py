"""Results that other programs tell."""

import socket
from pathlib import Path

import pytest

from monlvs.model.watch import ServiceKey
from monlvs.mon.trap import Trap, encode_trap
from tests.server.mondaemon import AUTH, MON_CF, Site, furnish, serving
from tests.server.test_hashes import HASHES

DEFAULT = """
watch default
    service default
        period
            alert note.alert lost
"""


def send(site: Site, *datagrams: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for datagram in datagrams:
            sock.sendto(datagram, ("127.0.0.1", site.port))


def trap(status: int, summary: str = "", **fields: str) -> bytes:
    told = {"group": "other", "service": "trap"} | fields
    return encode_trap(Trap(status=status, summary=summary, **told))  # type: ignore[arg-type]


async def test_a_trap_is_a_result(tmp_path: Path) -> None:
    async with serving(tmp_path, furnish(tmp_path)) as site:
        send(site, trap(4, "disk full", detail="of /var"))
        await site.until(lambda: site.opstatus("other", "trap") == 0)
        state = site.running.engine.states[ServiceKey("other", "trap")]
        assert state.standing.exit == 4
        assert state.standing.output == "disk full\n\nof /var"
        await site.until(lambda: len(site.told()) == 1)
        send(site, trap(0, "fine again"))
        await site.until(lambda: site.opstatus("other", "trap") == 1)
        await site.until(lambda: len(site.told()) == 2)
        assert [line.split()[0] for line in site.told()] == ["trap", "up"]


async def test_what_is_no_trap_or_for_nobody_is_dropped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(tmp_path, furnish(tmp_path)) as site:
        send(
            site,
            *(b"", b"\0\xff" * 700, b"pro='1'\n", b"x" * 60_000),
            trap(1, group="nonsense"),
            trap(1, group="web", service="nonsense"),
            trap(0, "at last"),
        )
        await site.until(lambda: site.opstatus("other", "trap") == 1)
        assert site.opstatus("web", "http") == 7
    assert "for unknown nonsense/trap" in caplog.text
    assert "for unknown web/nonsense" in caplog.text


async def test_the_default_service_takes_what_is_for_unknown_groups(
    tmp_path: Path,
) -> None:
    port = furnish(tmp_path, cf=MON_CF + DEFAULT)
    async with serving(tmp_path, port) as site:
        send(site, trap(1, group="web", service="nonsense"))
        send(site, trap(1, group="nonsense"))
        await site.until(lambda: site.opstatus("default", "default") == 0)
        await site.until(site.told)
        assert "lost" in site.told()[0]


async def test_a_trap_needs_the_credentials_that_auth_cf_asks_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rule = f"localhost joe {HASHES['MD5']}"
    auth = AUTH.replace("127.0.0.1 * *", rule)
    async with serving(tmp_path, furnish(tmp_path, auth=auth)) as site:
        send(
            site,
            trap(1),
            trap(1, user="joe", password="wrong"),
            trap(1, user="ann", password="secret"),
            trap(0, user="joe", password="secret"),
        )
        await site.until(lambda: site.opstatus("other", "trap") != 7)
        assert site.opstatus("other", "trap") == 1
    assert caplog.text.count("refused (auth.cf, trap section)") == 3


async def test_a_flood_of_traps_leaves_the_daemon_at_work(tmp_path: Path) -> None:
    async with serving(tmp_path, furnish(tmp_path)) as site:
        send(site, *([trap(0)] * 5000))
        await site.until(lambda: site.opstatus("other", "trap") == 1)
        send(site, *([b"junk"] * 5000))
        await site.until(
            lambda: not site.running.dispatcher.is_running(ServiceKey("web", "http"))
        )
