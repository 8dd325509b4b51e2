"""A table as TOML loads as the same table."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monlvs.config.declaring import declare
from monlvs.config.reading import parse
from monlvs.director.declared import declared_table
from monlvs.model.lvs import Forwarding, Fwmark, VirtualService
from tests.director.rules.test_writing import pools
from tests.director.strategies import pool, table
from tests.director.worlds import stands


def sayable(found):
    """What mon_lvs.toml takes of what the kernel takes."""
    service = found.service
    engine = service.persistence_engine if service.persistence else None
    entries = {
        server: entry
        for server, entry in found.entries.items()
        if (server.port and not server.address.is_loopback)
        or (getattr(service.key, "port", 0) == 0 and not server.address.is_loopback)
    }
    return replace(
        found, service=replace(service, persistence_engine=engine), entries=entries
    )


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=40)
@given(st.lists(pools().map(sayable), min_size=1, max_size=3))
async def test_every_table_reads_back(found):
    wanted = table(*found)
    config, problems = parse(declare(wanted), "x")
    assert [p for p in problems if not p.warning] == []
    declared, refusals = await declared_table(config)
    assert refusals == ()
    assert declared == wanted


def test_thresholds_and_localnode_are_stated():
    mark = VirtualService(key=Fwmark(3))
    local = stands(1, forwarding=Forwarding.LOCAL)
    text = declare(table(pool(mark, local, stands(2, upper=5, lower=3))))
    assert text == (
        "[[virtual_service]]\n"
        "fwmark = 3\n"
        'scheduler = "wlc"\n'
        "servers = [\n"
        '  { address = "10.1.1.1", port = 80, forwarding = "local", weight = 1 },\n'
        '  { address = "10.1.1.2", port = 80, forwarding = "dr", weight = 1, '
        "upper = 5, lower = 3 },\n"
        "]\n"
    )


def test_a_schedulers_name_cannot_break_out_of_its_quotes():
    odd = VirtualService(key=Fwmark(3), scheduler='rr"\n[settings]\\')
    config, problems = parse(declare(table(pool(odd, stands(1)))), "x")
    assert config is None
    assert [p.place.key for p in problems] == ["virtual_service[0].scheduler"]
