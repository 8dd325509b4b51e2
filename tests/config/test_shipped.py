"""etc/mon_lvs.toml works as it stands and shows everything; the reference misses nothing."""

import re
from ipaddress import ip_address

import pytest

from monlvs import plugins
from monlvs.config import load
from monlvs.config.reading import parse
from monlvs.config.schema import tables
from monlvs.model.lvs import Forwarding, Listener, Protocol, RealServer
from tests.config.uncommented import ROOT, SHIPPED, uncommented

REFERENCE = (ROOT / "docs" / "configuration.md").read_text("utf-8")


def option_names() -> set[str]:
    """Return every key that a file may have."""
    known = [*tables(), *plugins.monitors().values(), *plugins.alerts().values()]
    return {option.name for table in known for option in plugins.options(table)}


def test_it_has_no_problems() -> None:
    config, problems = load(SHIPPED)

    assert problems == ()
    assert config is not None


def test_it_is_the_howtos_setup() -> None:
    config, _ = load(SHIPPED)
    assert config is not None
    vip = ip_address("192.168.1.1")
    hosts = [ip_address(f"10.1.1.{n}") for n in (2, 3, 4)]

    assert [
        (one.service.key, [spec.server for spec in one.servers])
        for one in config.virtual_services
    ] == [
        (Listener(Protocol.TCP, vip, port), [RealServer(host, port) for host in hosts])
        for port in (80, 23)
    ]
    specs = [spec for one in config.virtual_services for spec in one.servers]
    assert {spec.forwarding for spec in specs} == {Forwarding.MASQ}
    assert len(config.guards) == 6
    assert all(service.upalert_first for _, service in config.services().values())


def test_all_that_it_shows_can_be_uncommented() -> None:
    config, problems = parse(uncommented(), "uncommented.toml")

    assert [str(problem) for problem in problems if not problem.warning] == []
    assert config is not None
    assert len(config.services()) > 12


def test_what_it_shows_as_unset_is_what_holds_without() -> None:
    text = SHIPPED.read_text("utf-8")
    start, end = text.index("[settings]"), text.index("[defaults]")
    # All but pid_file, which is nowhere unless set.
    settings = re.sub(r"(?m)^#(?=\w)(?!pid_file)", "", text[start:end])
    one, _ = parse(text[:start] + settings + text[end:], "set.toml")
    other, _ = load(SHIPPED)

    assert one == other


def test_most_options_are_shown_in_the_file_itself() -> None:
    shown = uncommented()
    missing = {
        n for n in option_names() if not re.search(rf"\b{n}\b *=|\[+{n}\b", shown)
    }
    assert missing <= {
        "sendmail", "password", "service", "sync", "hostgroup", "watch", "period", "settings",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(option_names()))
def test_every_option_is_in_the_reference(name: str) -> None:
    assert re.search(rf"\b{re.escape(name)}\b", REFERENCE)


EXAMPLES = re.findall(r"```toml\n(.*?)```", REFERENCE, re.DOTALL)


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_references_examples_are_valid(text: str) -> None:
    config, problems = parse(text, "example.toml")
    assert problems == ()
    assert config is not None
