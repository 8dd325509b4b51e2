"""Names to addresses: literals, a real resolver, and its failures."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from threading import Event

import pytest

from monlvs.wire.names import Names, NameUnresolvedError


@pytest.mark.parametrize("literal", ["192.0.2.7", "2001:db8::7", "fe80::1%lo"])
async def test_a_literal_address_asks_nobody(literal: str) -> None:
    # Without patience every question would fail.
    assert await Names(patience=0).resolve(literal) == ip_address(literal)


async def test_a_name_of_the_hosts_file_has_its_address() -> None:
    assert (await Names().resolve("localhost")).is_loopback


async def test_a_name_that_does_not_exist_is_told_with_its_reason() -> None:
    with pytest.raises(NameUnresolvedError, match=r"^no-such-host\.invalid: \w"):
        await Names().resolve("no-such-host.invalid")


@pytest.mark.parametrize("name", ["x" * 70 + ".example", "", "a\0b"])
async def test_what_can_be_no_name_is_unresolved(name: str) -> None:
    with pytest.raises(NameUnresolvedError):
        await Names().resolve(name)


async def test_an_answer_is_remembered_for_its_time_to_live() -> None:
    names = Names(ttl=60)
    first = await names.resolve("localhost")
    names._patience = 0  # nobody can be asked any more

    assert await names.resolve("localhost") == first


async def test_an_old_answer_outlives_a_resolver_that_does_not_answer() -> None:
    names = Names(ttl=0, patience=5)
    first = await names.resolve("localhost")
    names._patience = 0

    assert await names.resolve("localhost") == first


async def test_nobody_waits_longer_than_patience_lasts() -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=1))
    busy = Event()
    waiting = loop.run_in_executor(None, busy.wait)
    try:
        with pytest.raises(NameUnresolvedError, match=r"no answer within 0\.05 s"):
            await Names(patience=0.05).resolve("localhost")
    finally:
        busy.set()
        await waiting


async def test_all_who_ask_at_once_share_one_question() -> None:
    names = Names()
    waiting = [names.resolve("localhost") for _ in range(100)]
    answers = await asyncio.gather(*waiting)

    assert len(set(answers)) == 1


async def test_no_more_than_the_limit_is_remembered() -> None:
    names = Names(limit=1)
    await names.resolve("localhost")
    with pytest.raises(NameUnresolvedError):
        await names.resolve("no-such-host.invalid")

    assert list(names._known) == ["no-such-host.invalid"]
