"""Dependencies: what Perl would make of an expression, and when one holds."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.core.depend import (
    DependSyntaxError,
    Evaluation,
    ParentState,
    evaluate,
    expressions,
    is_good,
    parse,
    read,
    services,
    suppressed_hosts,
    unreadable,
)
from monlvs.model.depend import (
    AllOf,
    AnyOf,
    Constant,
    DependBehavior,
    Dependencies,
    Expression,
    Not,
    OneOf,
    Parent,
)
from monlvs.model.status import OpStatus
from monlvs.model.watch import ServiceKey

A, B, C = Parent("g", "a"), Parent("g", "b"), Parent("g", "c")
GOOD, BAD = ParentState(good=True), ParentState(good=False)


def world(**states: ParentState | bool) -> dict[ServiceKey, ParentState]:
    """Services of the group g, by name; a bool is one without parents."""
    return {
        ServiceKey("g", name): state
        if isinstance(state, ParentState)
        else ParentState(good=state)
        for name, state in states.items()
    }


def holds(text: str, states: dict[ServiceKey, ParentState], limit: int = 10) -> bool:
    return evaluate([read(text, "g")], states.get, limit=limit).holds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("g:a", A),
        (" g:a ", A),
        ("gw-1.x:ping_2", Parent("gw-1.x", "ping_2")),
        ("1", Constant(True)),
        ("!g:a", Not(A)),
        ("!!g:a", A),
        ("g:a && g:b && g:c", AllOf((A, B, C))),
        ("g:a||g:b", AnyOf((A, B))),
        ("g:a and g:b or g:c", AnyOf((AllOf((A, B)), C))),
        ("g:a || g:b && g:c", AnyOf((A, AllOf((B, C))))),
        ("not g:a || g:b", Not(AnyOf((A, B)))),
        ("!g:a || g:b", AnyOf((Not(A), B))),
        ("g:a && (g:b || g:c)", AllOf((A, AnyOf((B, C))))),
        ("g:a xor g:b or g:c", AnyOf((OneOf(A, B), C))),
        ("not(0)", Not(Constant(False))),
    ],
)
def test_an_expression_is_read_as_perl_reads_it(
    text: str, expected: Expression
) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected group:service, 0, 1, ! or (, and not the end"),
        ("g:a && && g:b", "not '&&'"),
        ("g", "not 'g'"),
        ("2 + 3", "not '2'"),
        ("g:a g:b", "expected && || and or xor, or the end, not 'g:b'"),
        ("(g:a", "expected ), and not the end"),
        ("g:a)", "not ')'"),
        ("g:a & g:b", "not '&'"),
        ("`reboot`:x", "not '`reboot`:x'"),
        ("(" * 60 + "g:a" + ")" * 60, "at most 50 parentheses"),
    ],
)
def test_what_is_no_expression_is_refused_with_what_was_expected(
    text: str, said: str
) -> None:
    with pytest.raises(DependSyntaxError) as caught:
        parse(text)

    assert said in str(caught.value)


@given(st.text() | st.text(alphabet="gab:01!&|() andorxt"))
def test_any_text_is_an_expression_or_a_syntax_error(text: str) -> None:
    try:
        read(text, "g")
    except DependSyntaxError:
        assert unreadable(text, "g").expression is None


def test_self_is_the_own_group_in_the_text_too() -> None:
    depend = read("SELF:ping && !SELF:http", "web")

    assert depend.text == "web:ping && !web:http"
    assert depend == read("web:ping && !web:http", "other")
    assert read("XSELF:a", "web").expression == Parent("XSELF", "a")


def test_list_deps_shows_each_named_service_once_even_of_a_broken_text() -> None:
    named = services("g:a && (b:c || g:a) && && d:e")

    assert named == (("g", "a"), ("b", "c"), ("d", "e"))
    assert services("no services here") == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("g:up", True),
        ("g:down", False),
        ("g:nosuch", False),
        ("!g:nosuch", True),
        ("g:up && g:down", False),
        ("g:up || g:down", True),
        ("not 0 and 1 xor 0", True),
        ("g:up xor g:up", False),
    ],
)
def test_an_expression_holds_by_the_state_of_its_parents(
    text: str, expected: bool
) -> None:
    assert holds(text, world(up=True, down=False)) is expected


def test_a_good_parent_whose_own_parent_fails_is_bad() -> None:
    states = world(child=ParentState(good=True, depends=(read("g:root", "g"),)))

    assert holds("g:child", states | world(root=True))
    answer = evaluate([read("g:child", "g")], (states | world(root=False)).get)
    assert not answer.holds
    assert set(answer.bad) == {("g", "child"), ("g", "root")}


def test_a_circle_is_named_and_does_not_hold() -> None:
    states = world(
        b=ParentState(good=True, depends=(read("g:c", "g"),)),
        c=ParentState(good=True, depends=(read("g:b", "g"),)),
    )
    answer = evaluate([read("g:b", "g")], states.get)

    assert answer == Evaluation(holds=False, loop=(("g", "b"), ("g", "c")))
    assert not holds("!g:b", states)


def test_recursion_ends_at_the_limit() -> None:
    states = {
        ServiceKey("g", f"s{n}"): ParentState(
            good=True, depends=(read(f"g:s{n + 1}", "g"),)
        )
        for n in range(12)
    } | {ServiceKey("g", "s12"): GOOD}

    assert evaluate([read("g:s0", "g")], states.get).too_deep
    assert not holds("g:s0", states)
    assert holds("g:s3", states)
    assert holds("g:s0", states, limit=13)


def test_many_paths_to_one_service_are_walked_once() -> None:
    looked_at: list[ServiceKey] = []

    def lookup(key: ServiceKey) -> ParentState:
        looked_at.append(key)
        number = int(key.service)
        if number == 20:
            return GOOD
        following = read(f"g:{number + 1} && g:{number + 1}", "g")
        return ParentState(good=True, depends=(following,))

    assert evaluate([read("g:0", "g")], lookup, limit=30).holds
    assert len(looked_at) == 21


def test_a_text_that_is_no_expression_does_not_hold_and_is_named() -> None:
    answer = evaluate([unreadable("g:a &&", "g")], world(a=True).get)

    assert answer == Evaluation(holds=False, unreadable=("g:a &&",))


def test_all_of_several_expressions_have_to_hold() -> None:
    one, other = read("g:a", "g"), read("g:b", "g")

    assert evaluate([], world().get).holds
    assert evaluate([one, other], world(a=True, b=True).get).holds
    assert not evaluate([one, other], world(a=True, b=False).get).holds


def test_depend_counts_for_its_behaviour_and_the_special_ones_for_theirs() -> None:
    general, alert, hosts = (read(f"g:{n}", "g") for n in "abc")
    stated = Dependencies(depend=general, alertdepend=alert, hostdepend=hosts)

    assert expressions(stated, DependBehavior.ALERT) == (general, alert)
    assert expressions(stated, DependBehavior.MONITOR) == ()
    assert expressions(stated, DependBehavior.HOSTS) == (hosts,)


@pytest.mark.parametrize("status", OpStatus)
def test_good_is_what_is_not_failing(status: OpStatus) -> None:
    assert is_good(status) is (status in (1, 2, 3, 5, 7))


def test_a_parent_is_remembered_as_bad_for_dep_memory() -> None:
    hour = timedelta(hours=1)

    assert not is_good(OpStatus.OK, last_failure=100.0, memory=hour, now=3_699.0)
    assert is_good(OpStatus.OK, last_failure=100.0, memory=hour, now=3_700.0)
    assert is_good(OpStatus.OK, last_failure=100.0, memory=None, now=101.0)
    assert is_good(OpStatus.OK, last_failure=None, memory=hour, now=101.0)


@pytest.mark.parametrize(
    ("summary", "hosts", "expected"),
    [
        ("127.0.0.10", ["127.0.0.1", "127.0.0.10"], {"127.0.0.10"}),
        ("web1, web2.", ["web1", "web2", "web"], {"web1", "web2"}),
        ("web1: refused", ["web1"], {"web1"}),
        ("failed:web1", ["web1"], {"web1"}),
        ("web1.example.org", ["web1", "example", "web1.example.org"], {"web1.example.org"}),
        ("web1-b", ["web1", "b"], set()),
        ("fe80::1 ::1", ["::1", "fe80::", "80::1"], {"::1"}),
        ("(10.0.0.1)", ["10.0.0.1"], {"10.0.0.1"}),
        ("", ["h"], set()),
        ("a+b", ["a+b"], {"a+b"}),
    ],
)  # fmt: skip
def test_a_failing_parent_takes_out_the_hosts_that_it_names_in_full(
    summary: str, hosts: list[str], expected: set[str]
) -> None:
    assert suppressed_hosts(hosts, [summary]) == expected
