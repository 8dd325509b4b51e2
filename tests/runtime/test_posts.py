"""What checks are begun from, and when it is not good any more."""

from dataclasses import replace

import pytest

from monlvs.core.engine import Engine
from monlvs.core.events import DisableHost, Reconfigured
from monlvs.core.watched import Watched
from monlvs.model.config import Config
from monlvs.model.values import Host
from monlvs.model.watch import HostGroup, ServiceKey
from monlvs.runtime.jobs import Job
from monlvs.runtime.posts import Post, Posts
from tests.core.playbook import KEY, at, config


class Idle:
    """A job that does nothing."""

    def start(self) -> None:
        """Nothing."""


@pytest.fixture
def engine() -> Engine:
    return Engine(config())


@pytest.fixture
def prepared() -> list[tuple[Host, ...]]:
    return []


@pytest.fixture
def posts(engine: Engine, prepared: list[tuple[Host, ...]]) -> Posts:
    def prepare(_watch: Watched, hosts: tuple[Host, ...]) -> Job:
        prepared.append(hosts)
        return Idle()

    return Posts(engine, prepare)


def post_of(posts: Posts) -> Post:
    found = posts.at(KEY)
    assert found is not None
    return found


def moved(before: Config, *hosts: Host) -> Config:
    """The same services with other hosts."""
    (watch,) = before.watches
    group = HostGroup(name=watch.group.name, hosts=hosts)
    return replace(before, watches=(replace(watch, group=group),))


def test_a_job_is_prepared_once_for_the_same_hosts(
    posts: Posts, prepared: list[tuple[Host, ...]]
) -> None:
    post = post_of(posts)
    hosts = post.watch.checked
    first = posts.job(post, hosts)

    assert posts.job(post_of(posts), hosts) is first
    assert posts.job(post, hosts[:0]) is not first
    assert prepared == [hosts, hosts[:0]]


def test_a_service_that_is_not_configured_has_no_post(posts: Posts) -> None:
    assert posts.at(ServiceKey("web", "gone")) is None


def test_a_host_that_is_disabled_makes_another_job(
    engine: Engine, posts: Posts, prepared: list[tuple[Host, ...]]
) -> None:
    engine.handle(Reconfigured(moved(engine.config, "a", "b")), now=at(0))
    posts.job(post_of(posts), post_of(posts).watch.checked)
    engine.handle(DisableHost(host="a", who="joe", why=""), now=at(1))
    posts.job(post_of(posts), post_of(posts).watch.checked)

    assert prepared == [("a", "b"), ("b",)]


@pytest.mark.parametrize("changed", [False, True])
def test_a_check_under_way_counts_after_a_reload_that_asks_the_same(
    engine: Engine, posts: Posts, changed: bool
) -> None:
    post_of(posts).begun = 1.0
    after = moved(engine.config, "other") if changed else engine.config
    engine.handle(Reconfigured(after), now=at(0))
    posts.forget()

    assert posts.end(KEY) is not changed
    assert posts.begun(KEY) is None
    assert posts.end(KEY)


def test_the_post_of_a_service_that_is_gone_goes_when_its_check_has_ended(
    engine: Engine, posts: Posts
) -> None:
    post_of(posts).begun = 1.0
    engine.handle(Reconfigured(replace(engine.config, watches=())), now=at(0))
    posts.forget()
    assert posts.begun(KEY) == 1.0

    assert not posts.end(KEY)
    posts.forget()
    assert posts.begun(KEY) is None
    assert posts.at(KEY) is None


def test_after_a_reset_no_check_under_way_counts(posts: Posts) -> None:
    post_of(posts).begun = 1.0
    posts.outdate()
    assert not posts.end(KEY)
