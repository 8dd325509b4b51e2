"""What is remembered, and how it is kept."""

import json
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.director.changes import (
    AddServer,
    AddService,
    Cause,
    DeleteServer,
    SetServer,
    Why,
)
from monlvs.director.ledger import (
    Alteration,
    Record,
    Speller,
    after,
    from_plain,
    to_plain,
)
from monlvs.model.lvs import Fwmark
from tests.director.strategies import entries, keys, pool, real_servers, services
from tests.director.worlds import VIP, WEB, rs, stands

DRIFT = Cause(why=Why.DRIFT)


alterations = st.builds(Alteration, before=services(), after=services())


@st.composite
def ledgers(draw):
    known = draw(st.lists(entries(), max_size=3))
    service = draw(st.none() | services())
    return {
        draw(keys): Record(
            service=service,
            stood=draw(st.none() | services()),
            altered=draw(st.none() | alterations),
            added=draw(st.frozensets(real_servers, max_size=3)),
            known=MappingProxyType({entry.server: entry for entry in known}),
            quiesced=draw(st.frozensets(real_servers, max_size=2)),
            withheld=service and pool(service, *known),
        )
    }


@given(ledgers())
def test_a_ledger_survives_a_state_file(ledger):
    assert from_plain(json.loads(json.dumps(to_plain(ledger)))) == ledger


@given(st.lists(ledgers(), max_size=4))
def test_a_ledger_that_is_spelled_again_is_told_as_it_is(told):
    speller = Speller()
    for ledger in (*told, *told[::-1]):
        assert [*map(json.loads, speller.spell(ledger))] == to_plain(ledger)


def test_a_record_that_stays_is_spelled_once():
    speller, other = Speller(), Fwmark(7)
    first, second = Record(service=WEB), Record(added=frozenset({rs(1)}))
    before = [*speller.spell({VIP: first, other: first})]
    after = [*speller.spell({VIP: first, other: second})]

    assert [new is old for new, old in zip(after, before, strict=True)] == [True, False]
    assert [*speller.spell({})] == []


@pytest.mark.parametrize(
    "data", [[{}], [{"key": {"address": "x"}}], [None], [{"key": {"fwmark": "x"}}]]
)
def test_anything_else_is_refused_with_one_kind_of_error(data):
    with pytest.raises(ValueError, match="not a ledger"):
        from_plain(data)


def test_what_is_put_there_first_is_ours():
    ledger = after(
        {}, [AddService(service=WEB), AddServer(parent=WEB, entry=stands(1))]
    )
    assert ledger[VIP] == Record(service=WEB, added=frozenset({rs(1)}))


def test_what_is_put_back_stays_whose_it_was():
    ledger = {VIP: Record(known=MappingProxyType({rs(1): stands(1)}))}
    changes = [
        AddService(service=WEB, cause=DRIFT),
        AddServer(parent=WEB, entry=stands(1), cause=DRIFT),
    ]
    assert after(ledger, changes) == ledger


def test_sets_and_deletes_change_no_ownership():
    changes = [
        SetServer(parent=WEB, entry=stands(1)),
        DeleteServer(key=VIP, server=rs(2)),
    ]
    assert after({}, changes) == {}
