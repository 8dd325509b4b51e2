"""Answers to `list …`, each as mon 1.3 gave it."""

from collections.abc import Callable

import pytest

from monlvs.model.status import OpStatus
from monlvs.mon import listings
from monlvs.mon.history import AlertEntry, FailureEntry
from monlvs.mon.listings import DisabledThings, Request
from monlvs.mon.opstatus import OpStatusLine
from monlvs.mon.reading import read
from monlvs.mon.replies import Reply
from monlvs.mon.stated import Stated
from tests.mon import recorded


def watch(stated: Stated) -> Reply:
    return listings.watch((w.group, s.name) for w in stated.watches for s in w.services)


def descriptions(stated: Stated) -> Reply:
    return listings.descriptions(
        (w.group, s.name, s.description) for w in stated.watches for s in w.services
    )


def deps(stated: Stated) -> Reply:
    return listings.deps(
        (
            w.group,
            s.name,
            s.depend.text.replace("SELF", w.group) if s.depend is not None else "",
        )
        for w in stated.watches
        for s in w.services
    )


def views(stated: Stated) -> Reply:
    return listings.views(sorted(view.name for view in stated.views))


def aliases(stated: Stated) -> Reply:
    return listings.aliases(
        (alias.name, [line.text for line in alias.lines]) for alias in stated.aliases
    )


OF_A_CONFIGURATION: dict[str, Callable[[Stated], Reply]] = {
    "list watch": watch,
    "list descriptions": descriptions,
    "list deps": deps,
    "list views": views,
    "list aliases": aliases,
}
# A view was chosen, or the block was swallowed.
NOT_WHOLE = (["web http", "220 list watch completed"], ["220 list watch completed"])
SEEN = [
    (name, reply["cmd"], reply["reply"])
    for name, scenario in recorded.everything().items()
    for reply in scenario["replies"]
    if reply["cmd"] in OF_A_CONFIGURATION
    and (reply["reply"] not in NOT_WHOLE or name == "reset-broken-config")
]


@pytest.mark.parametrize(("name", "command", "seen"), SEEN)
def test_what_a_configuration_says_is_listed_as_mon_lists_it(
    name: str, command: str, seen: list[str]
) -> None:
    reply = OF_A_CONFIGURATION[command](read(recorded.configuration(name)))

    assert sorted(reply.lines) == sorted(seen[:-1])
    assert reply.told[-1] == seen[-1]


@pytest.mark.parametrize(
    ("name", "group", "disabled"),
    [
        ("alert-hosts", "web", {"127.0.0.2"}),
        ("disable-host", "web", {"127.0.0.2"}),
        ("disable-host", "db", {"127.0.0.2"}),
        ("monitor-argv", "web", set()),
        ("protocol-lists", "db", set()),
    ],
)
def test_the_members_of_a_group_are_listed(
    name: str, group: str, disabled: set[str]
) -> None:
    (hosts,) = (
        known.hosts
        for known in read(recorded.configuration(name)).groups
        if known.name == group
    )
    reply = listings.group(group, ((host, host in disabled) for host in hosts))

    assert [f"list group {group}", list(reply.told)] in [
        [seen["cmd"], seen["reply"]] for seen in recorded.everything()[name]["replies"]
    ]


def answered(command: str) -> list[list[str]]:
    return [reply for asked, reply in recorded.replies("list") if asked == command]


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("list group nosuch", listings.NO_SUCH_GROUP),
        ("list", listings.UNKNOWN_LIST),
        ("list nosuch", listings.UNKNOWN_LIST),
        ("list warnings", listings.WARNINGS),
        ("list state", listings.state(None)),
        ("list opstatus web,nosuch", listings.no_such_service("web", "nosuch")),
        ("list disabled", listings.disabled(DisabledThings())),
        (
            "list disabled",
            listings.disabled(DisabledThings(services=(("web", "http"),))),
        ),
        (
            "list disabled",
            listings.disabled(
                DisabledThings(
                    hosts=(("db", ("127.0.0.2",)), ("web", ("127.0.0.2",))),
                    watches=("db",),
                )
            ),
        ),
    ],
)
def test_the_answer_is_mons(command: str, reply: Reply) -> None:
    assert list(reply.told) in answered(command)


def test_the_alert_history_is_listed_as_mon_lists_it() -> None:
    (seen,) = [
        reply["reply"]
        for reply in recorded.everything()["trap-down-up"]["replies"]
        if reply["cmd"] == "list alerthist"
    ]
    entries = [
        AlertEntry(
            kind=kind,
            group="web",
            service="trap",
            time=1,
            path="/srv/mon/alert.d/fake.alert",
            arguments=arguments,
            summary="disk full",
        )
        for kind, arguments in (
            ("trapalert", "down"),
            ("trapalert", "down"),
            ("upalert", "up"),
        )
    ]
    told = listings.alerthist(entries).told
    assert list(told) == [line.replace("<T>", "1") for line in seen]


def test_the_failure_history_is_listed_as_mon_lists_it() -> None:
    (seen,) = [
        reply["reply"]
        for reply in recorded.everything()["dtlog"]["replies"]
        if reply["cmd"] == "list failurehist"
    ]
    entries = [
        FailureEntry(group="web", service="http", time=1, summary=summary)
        for summary in ("h1", "h1 h2", "x y")
    ]
    told = listings.failurehist(entries).told
    assert list(told) == [line.replace("<T>", "1") for line in seen]


def test_a_stopped_scheduler_says_since_when() -> None:
    assert listings.state(17).told == (
        "scheduler stopped since 17",
        "220 list state completed",
    )


def test_running_monitors_are_listed_after_the_daemon() -> None:
    assert listings.pids(14389, [("g", "t", 14444)]).told == (
        "server 14389",
        "g t 14444",
        "220 list pids completed",
    )


def test_services_without_a_description_are_listed_too() -> None:
    assert listings.descriptions([("c", "t", None), ("d", "s", "two words")]).lines == (
        "c t ",
        "d s two\\20words",
    )


def test_statuses_are_listed_under_three_names() -> None:
    status = OpStatusLine(
        group="g", service="s", opstatus=OpStatus.OK, last_opstatus=OpStatus.OK
    )
    replies = [
        listings.opstatus([status]),
        listings.failures([status]),
        listings.successes([status]),
    ]
    assert [len(reply.lines) for reply in replies] == [1, 1, 1]
    assert [reply.text for reply in replies] == [
        "list opstatus completed",
        "list failures completed",
        "list successes completed",
    ]


def test_a_status_may_be_asked_of_a_service_or_a_group() -> None:
    words = ["web,http", "db", ",", "a,", "a,b,c"]

    assert listings.requested(words) == (
        Request("web", "http"),
        Request("db", None),
        Request("a", ""),
        Request("a", "b,c"),
    )


def test_dependencies_that_cannot_be_read_are_listed_as_they_are() -> None:
    assert listings.deps(
        [("g", "syn", "g:b && && g:c"), ("g", "n", "2 + 3")]
    ).lines == (
        "exp g syn 'g:b\\20&&\\20&&\\20g:c'",
        "cmp g syn g:b g:c",
        "exp g n '2\\20+\\203'",
        "cmp g n NONE",
    )


def test_names_of_views_and_aliases_stand_in_one_line() -> None:
    assert listings.views([]).told == ("views ", "220 list group completed")
    assert listings.aliasgroups([]).told == ("220 list aliasgroups completed",)
    assert listings.aliasgroups(["A", "B"]).lines == ("A B",)


def test_the_downtime_log_is_listed_as_it_is() -> None:
    reply = listings.dtlog(["1795488810 g s 1795488799 11 2 1x"])

    assert reply.told == (
        "1795488810 g s 1795488799 11 2 1x",
        "220 list dtlog completed",
    )
    assert not listings.NO_DTLOG.ok
