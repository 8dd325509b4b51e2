"""Where checks are begun: all that one needs, found by one look-up.

Rule 1: what a post holds of the configuration is a copy, good for one edition of it.
Rule 2: a check under way keeps its post, whatever happens to its service meanwhile.
"""

from collections.abc import Callable

from monlvs.core.engine import Engine
from monlvs.core.watched import Watched
from monlvs.model.values import Host
from monlvs.model.watch import ServiceKey
from monlvs.runtime.jobs import Job

Prepare = Callable[[Watched, tuple[Host, ...]], Job]


class Post:
    """One service's; mutable because `Posts` owns it alone."""

    __slots__ = ("begun", "edition", "free", "hosts", "job", "outdated", "watch")

    def __init__(self, watch: Watched) -> None:
        self.watch = watch
        self.edition = -1
        """The engine's when this was true."""
        self.free = False
        """Whether nothing of the service itself ever holds its checks back."""
        self.hosts: tuple[Host, ...] = ()
        self.job: Job | None = None
        """What checks `hosts`, once it was prepared."""
        self.begun: float | None = None
        """When the check under way was, on the loop's clock."""
        self.outdated = False
        """The check under way means nothing any more."""


class Posts:
    """The posts of all services that have been checked."""

    def __init__(self, engine: Engine, prepare: Prepare) -> None:
        self._engine = engine
        self._prepare = prepare
        self._posts: dict[ServiceKey, Post] = {}
        self.of: Callable[[ServiceKey], Post | None] = self._posts.get
        """Returns the post of a service that has been checked, configured or not, as it
        was left: asked twice for each check."""

    def at(self, key: ServiceKey) -> Post | None:
        """Return the post of a service that is configured."""
        post = self._posts.get(key)
        if post is not None and post.edition == self._engine.edition:
            return post
        watch = self._engine.watched.get(key)
        if watch is None:
            return None
        if post is None:
            post = self._posts[key] = Post(watch)
        if post.watch is not watch:
            post.watch, post.job = watch, None
        post.edition = self._engine.edition
        post.free = bool(watch.free and watch.checked and watch.service.monitor)
        return post

    def job(self, post: Post, hosts: tuple[Host, ...]) -> Job:
        """Return what checks `hosts`, prepared anew where it checked others."""
        if post.job is None or (post.hosts is not hosts and post.hosts != hosts):
            post.job, post.hosts = self._prepare(post.watch, hosts), hosts
        return post.job

    def begun(self, key: ServiceKey) -> float | None:
        """Return when the check of `key` that is under way was begun, on the loop's
        clock; None: there is none."""
        post = self._posts.get(key)
        return None if post is None else post.begun

    def end(self, key: ServiceKey) -> bool:
        """Note that the check of `key` is over; return whether it still means something."""
        post = self._posts.get(key)
        if post is None:
            return True
        counts = not post.outdated
        post.begun, post.outdated = None, False
        return counts

    def outdate(self) -> None:
        """Let checks under way count for nothing; after a reset."""
        for post in self._posts.values():
            post.outdated = post.begun is not None
            post.job = None

    def forget(self) -> None:
        """Drop what was prepared, and who is gone; after a reload. A check under way
        that asks what is no longer configured counts for nothing."""
        watched = self._engine.watched
        for key, post in tuple(self._posts.items()):
            post.job = None
            if post.begun is None and key not in watched:
                del self._posts[key]
            elif post.begun is not None:
                after = watched.get(key)
                post.outdated |= _question(after) != _question(post.watch)


def _question(watch: Watched | None) -> object:
    """Return what a check asks, and of whom."""
    return watch and (watch.service.monitor, watch.group)
