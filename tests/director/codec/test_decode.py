"""Bytes in, values out."""

import contextlib
import struct
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.director import codec
from monlvs.director.codec.decode import attributes
from monlvs.director.codec.numbers import NESTED, CommandAttribute
from monlvs.model.lvs import Counters, Entry, VirtualService
from monlvs.model.sync import SyncDaemon, SyncRole
from monlvs.model.traffic import Traffic
from tests.director.codec.test_encode import MASQ, WEB, entry
from tests.director.strategies import entries, keys, services

U32 = st.integers(0, 2**32 - 1)


def as_the_kernel_says_it(key, entry, counters, *, tunnels=True) -> bytes:
    """A message of a dump as `ip_vs_genl_fill_dest` lays it out."""
    request = codec.new_server(key, entry)
    sent = dict(attributes(dict(attributes(request[4:]))[CommandAttribute.DEST]))
    order = [1, 2, 3, 4, *((13, 14, 15) if tunnels else ()), 5, 6]
    body = b"".join(_attribute(kind, sent[kind]) for kind in order)
    for kind, value in zip((7, 8, 9), counters, strict=True):
        body += _attribute(kind, struct.pack("=I", value))
    body += _attribute(11, sent[11]) + _attribute(10, b"") + _attribute(12, bytes(80))
    return request[:4] + _attribute(NESTED | CommandAttribute.DEST, body)


def _attribute(kind, value):
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


@given(services())
def test_a_service_reads_back_as_it_was_sent(service):
    assert codec.decode_service(codec.new_service(service)) == service
    assert codec.decode_service(codec.set_service(service)) == service


@given(keys, entries())
def test_an_entry_reads_back_as_it_was_sent(key, entry):
    read, counters = codec.decode_destination(codec.new_server(key, entry), key.family)
    assert read == entry
    assert counters == Counters()


@given(keys, entries(), st.tuples(U32, U32, U32), st.booleans())
def test_a_dumped_entry_reads_back_with_its_counters(key, entry, counters, tunnels):
    message = as_the_kernel_says_it(key, entry, counters, tunnels=tunnels)
    read, found = codec.decode_destination(message, key.family)
    if tunnels:
        assert read == entry
    else:
        assert read.server == entry.server
        assert read.weight == entry.weight
    assert (found.active, found.inactive, found.persistent) == counters


def test_an_unchanged_entry_is_the_same_object_in_the_next_dump():
    key, example = _example()
    first = as_the_kernel_says_it(key, example, (1, 2, 3))
    later = as_the_kernel_says_it(key, example, (4, 5, 6))
    assert (
        codec.decode_destination(first, key.family)[0]
        is codec.decode_destination(later, key.family)[0]
    )


def _example():
    return WEB, entry("10.1.1.2", 8080, MASQ, weight=3)


@given(st.binary(max_size=120))
def test_bytes_that_are_no_answer_raise_decode_error_and_nothing_else(data):
    for decode in (
        codec.decode_service,
        lambda raw: codec.decode_destination(raw, 2),
        codec.decode_info,
        codec.decode_timeouts,
        codec.decode_sync,
        codec.decode_service_traffic,
        lambda raw: codec.decode_server_traffic(raw, 2),
    ):
        with contextlib.suppress(codec.DecodeError):
            decode(data)


@given(services(), entries(), st.integers(0, 200))
def test_a_message_cut_short_raises_decode_error_or_is_whole(service, entry, at):
    whole = codec.new_server(service.key, entry)
    if at < len(whole):
        with pytest.raises(codec.DecodeError):
            codec.decode_destination(whole[:at], service.key.family)


def test_forwarding_is_read_without_the_other_connection_flags():
    """A kernel adds IP_VS_CONN_F_NOOUTPUT (0x80) to all that is not masquerading."""
    key, example = _example()
    request = codec.new_server(key, example)
    at = request.index(struct.pack("=HHI", 8, 3, 0)) + 4
    marked = request[:at] + struct.pack("=I", 0x83) + request[at + 4 :]
    read, _ = codec.decode_destination(marked, key.family)
    assert isinstance(read, Entry)
    assert read.forwarding.name == "ROUTE"


def test_the_answer_to_get_info_gives_version_and_table_size():
    body = _attribute(1, struct.pack("=I", 0x010201))
    body += _attribute(2, struct.pack("=I", 4096))
    assert codec.decode_info(bytes(4) + body) == codec.Info((1, 2, 1), 4096)


def test_timeouts_read_back_as_they_were_set():
    wanted = codec.Timeouts()
    assert codec.decode_timeouts(codec.set_timeouts(wanted)) == wanted


@given(
    st.builds(
        SyncDaemon,
        role=st.sampled_from(SyncRole),
        interface=st.text("abcdefgh0123456789.-", min_size=1, max_size=15),
        sync_id=st.integers(0, 255),
        max_length=st.integers(0, 65535),
        group=st.none() | st.ip_addresses(),
        port=st.integers(0, 65535),
        ttl=st.integers(0, 255),
    )
)
def test_a_sync_daemon_reads_back_as_it_was_started(daemon):
    assert codec.decode_sync(codec.start_sync(daemon)) == daemon


def _stats(kind, values, form):
    body = b"".join(
        _attribute(number, struct.pack(form, value))
        for number, value in enumerate(values, 1)
    )
    return _attribute(kind, body)


def test_counts_of_64_bits_are_read_before_those_of_32():
    key, example = _example()
    counted = tuple(range(2**40, 2**40 + 10))
    stats = _stats(10, range(10), "=I") + _stats(12, counted, "=Q")
    service = codec.zero(key)
    service = service[:4] + _attribute(NESTED | 1, service[8:] + stats)
    found = (*codec.decode_service_traffic(service),)
    assert found == (key, Traffic(**dict(zip(_FIELDS, counted, strict=True))))

    sent = codec.new_server(key, example)
    sent = dict(attributes(sent[4:]))[CommandAttribute.DEST]
    old = bytes(4) + _attribute(NESTED | 2, sent + _stats(10, range(10), "=I"))
    server, traffic = codec.decode_server_traffic(old, key.family)
    assert server == example.server
    assert (traffic.connections, traffic.bytes_out_a_second) == (0, 9)


_FIELDS = Traffic.__slots__


def test_a_netmask_that_is_no_prefix_is_not_taken_for_one():
    """ipvsadm -M 255.0.255.0 is accepted by the kernel."""
    service = VirtualService(key=WEB, persistence=timedelta(minutes=1), netmask=16)
    odd = codec.new_service(service).replace(bytes([255, 255, 0, 0]), b"\xff\0\xff\0")
    with pytest.raises(codec.DecodeError, match=r"netmask 255\.0\.255\.0"):
        codec.decode_service(odd)
