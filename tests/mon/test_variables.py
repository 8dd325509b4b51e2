"""The global variables of mon.cf, one by one."""

from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from monlvs.model.depend import DependBehavior
from monlvs.model.values import Problem
from monlvs.mon.findings import Findings
from monlvs.mon.moncf import parse
from monlvs.mon.variables import Variables, read_variables


def read(text: str) -> tuple[Variables, tuple[Problem, ...]]:
    findings = Findings("mon.cf")
    return read_variables(parse(text).assignments, findings), findings.problems()


STATED: dict[str, tuple[str, Any]] = {
    "alertdir": ("/a:b:", ("/a", "b")),
    "mondir": ("m", ("m",)),
    "basedir": ("/x y", "/x y"),
    "cfbasedir": ("/etc/mon", "/etc/mon"),
    "statedir": ("s", "s"),
    "logdir": ("l", "l"),
    "authfile": ("auth.cf", "auth.cf"),
    "authtype": ("userfile  pam", ("userfile", "pam")),
    "userfile": ("u", "u"),
    "pamservice": ("passwd", "passwd"),
    "serverbind": ("127.0.0.1", "127.0.0.1"),
    "trapbind": ("::1", "::1"),
    "serverport": ("2583", 2583),
    "trapport": ("2584", 2584),
    "clientallow": (r"127\.0\.0\.\d+", r"127\.0\.0\.\d+"),
    "dtlogging": ("yes", True),
    "dtlogfile": ("d", "d"),
    "monerrfile": ("e", "e"),
    "histlength": ("5", 5),
    "historicfile": ("h", "h"),
    "historictime": ("2d", timedelta(days=2)),
    "pidfile": ("", ""),
    "maxprocs": ("20", 20),
    "cltimeout": ("1.5m", timedelta(seconds=90)),
    "randstart": ("1M", timedelta(minutes=1)),
    "dep_recur_limit": ("0", 0),
    "dep_behavior": ("hm", DependBehavior.HOSTS),
    "dep_memory": ("1h", timedelta(hours=1)),
    "syslog_facility": ("local3", "local3"),
    "startupalerts_on_reset": ("no", False),
    "monremote": ("prog x", "prog x"),
    "native": ("no", False),
}


def test_every_variable_is_tried_here() -> None:
    assert set(STATED) == {field.name for field in fields(Variables)}


@pytest.mark.parametrize("name", STATED)
def test_a_variable_is_read(name: str) -> None:
    text, value = STATED[name]
    variables, problems = read(f"{name} = {text}\n")

    assert variables == Variables(**{name: value})
    assert problems == ()


def test_the_last_assignment_counts() -> None:
    assert read("maxprocs = 1\nmaxprocs = 2\n")[0] == Variables(maxprocs=2)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("foo = 1", "unknown variable 'foo'"),
        ("CLTIMEOUT=1m", "unknown variable 'CLTIMEOUT'"),
        ("snmpport = 1", "unknown variable 'snmpport'"),
        (
            "cltimeout = 5",
            "bad value '5' for cltimeout option (syntax: cltimeout = timeval)",
        ),
        (
            "randstart = 0",
            "bad value '0' for randstart option (syntax: randstart = timeval)",
        ),
        ("dep_behavior = x", "unknown dependency behavior 'x'"),
        (
            "clientallow = (",
            "bad value '(' for clientallow option (expected a regular expression: "
            "missing ), unterminated subpattern at position 0)",
        ),
    ],
)
def test_what_mon_refuses_is_refused(line: str, message: str) -> None:
    (problem,) = read(f"\n{line}\n")[1]

    assert (problem.message, problem.warning) == (message, False)
    assert problem.place.line == 2


@pytest.mark.parametrize(
    "line",
    ["maxprocs = abc", "histlength = x", "serverport = 70000", "trapport = ssh",
     "dtlogging = maybe", "basedir =", "alertdir = :", "authtype =", "maxprocs="],
)  # fmt: skip
def test_what_mon_cannot_use_counts_for_nothing_and_is_warned_about(line: str) -> None:
    variables, (problem,) = read(line)

    assert variables == Variables()
    assert problem.warning
    assert "expected" in problem.message
