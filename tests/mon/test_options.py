"""mon's command line, as mon 1.3 read it."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.mon.options import OPTIONS, DaemonOptions, OptionError, parse_options


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", {}),
        ("-c /x -A /y", {"config": "/x", "authfile": "/y"}),
        ("--c /x", {"config": "/x"}),
        ("-c=/x=y", {"config": "/x=y"}),
        ("-c -v", {"config": "-v"}),
        ("-a /a:b -s s", {"alertdir": ("/a", "b"), "mondir": ("s",)}),
        ("-b b -B c -D d -L l", {"basedir": "b", "cfbasedir": "c", "statedir": "d",
                                 "logdir": "l"}),
        ("-d -f -h -S -v", {"debug": True, "background": True, "help": True,
                            "stopped": True, "version": True}),
        ("-i 5 -k -5 -m 3 -r 7", {"sleep": 5, "histlength": -5, "maxprocs": 3,
                                  "randstart": 7}),
        ("-p 2583 -t 2584 -O local0", {"serverport": 2583, "trapport": 2584,
                                       "syslog_facility": "local0"}),
        ("-l", {"load": "disabled"}),
        ("-l -v", {"load": "disabled", "version": True}),
        ("-l all", {"load": "all"}),
        ("-M", {"m4": "m4"}),
        ("-M /usr/bin/m4 -f", {"m4": "/usr/bin/m4", "background": True}),
        ("junk -v - more", {"version": True}),
        ("-v -- -f", {"version": True}),
        ("-p 1 -p 2", {"serverport": 2}),
    ],
)  # fmt: skip
def test_options_are_read(line: str, expected: dict[str, Any]) -> None:
    assert parse_options(line.split()) == DaemonOptions(**expected)


def test_an_empty_pid_file_is_none() -> None:
    assert parse_options(["-P", "", "-f"]) == DaemonOptions(pidfile="", background=True)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("-Z", "Unknown option: Z"),
        ("-fd", "Unknown option: fd"),
        ("-lopstatus", "Unknown option: lopstatus"),
        ("-i", "Option i requires an argument"),
        ("-P=", "Option P requires an argument"),
        ("-p abc", 'Value "abc" invalid for option p (number expected)'),
        ("-p -v", 'Value "-v" invalid for option p (number expected)'),
        ("-i 1.5", 'Value "1.5" invalid for option i (number expected)'),
        ("-f=x", "Option f does not take an argument"),
    ],
)
def test_what_cannot_be_understood_is_told_in_mons_words(
    line: str, message: str
) -> None:
    assert parse_options(line.split()) == OptionError(message)


@pytest.mark.parametrize(
    ("load", "disabled", "opstatus"),
    [
        (None, False, False),
        ("disabled", True, False),
        ("opstatus", False, True),
        ("all", True, True),
        ("x", False, False),
    ],
)
def test_saved_state_is_loaded_by_its_name(
    load: str | None, disabled: bool, opstatus: bool
) -> None:
    options = DaemonOptions(load=load)

    assert (options.loads_disabled, options.loads_opstatus) == (disabled, opstatus)


def test_every_field_has_an_option() -> None:
    assert {option.field for option in OPTIONS} == {
        field.name for field in fields(DaemonOptions)
    }
    assert len({option.letter for option in OPTIONS}) == len(OPTIONS)


@given(st.lists(st.text() | st.sampled_from(["-c", "-l", "-M", "-p", "1", "-d", "--"])))
def test_any_command_line_is_options_or_an_error(arguments: list[str]) -> None:
    assert isinstance(parse_options(arguments), DaemonOptions | OptionError)
