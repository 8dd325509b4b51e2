"""The command line of ipvsadm: what was seen of version 1.31, and the 1999 form."""

import pytest

from monlvs.director.rules.commandline import CommandLineError, Verb, parse
from monlvs.director.rules.shell import Word


def words(text):
    return tuple(Word(each, 1, at) for at, each in enumerate(text.split(), 1))


def options(text):
    return {name: word.text for name, word in parse(words(text)).options.items()}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("-A -t VIP:80 -s rr", {"-t": "VIP:80", "-s": "rr"}),
        ("-At VIP:80 -srr -p30", {"-t": "VIP:80", "-s": "rr", "-p": "30"}),
        (
            "--add-service --tcp-service=VIP:80 --scheduler rr",
            {"-t": "VIP:80", "-s": "rr"},
        ),
        ("-A -t VIP:80 -p -s rr", {"-t": "VIP:80", "-p": "", "-s": "rr"}),
        ("-A -t VIP:80 -p 300", {"-t": "VIP:80", "-p": "300"}),
        ("-A -t VIP:80 --persistent=300", {"-t": "VIP:80", "-p": "300"}),
        ("-A -u VIP:80 --ops", {"-u": "VIP:80", "-o": "--ops"}),
        ("-A -t VIP:80 -R RIP -w 2", {"-t": "VIP:80", "-r": "RIP", "-w": "2"}),
        ("-a -t VIP:80 -r RIP -m > /dev/null 2>&1", {"-t": "VIP:80", "-r": "RIP", "-m": "-m"}),
    ],
)  # fmt: skip
def test_options_are_read_as_ipvsadm_reads_them(text, found):
    assert options(text) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-t VIP:80", "no command such as -A or -a"),
        ("-A -D", "more than one command"),
        ("-A -t VIP:80 -t VIP:81", "-t stands there twice"),
        ("-A -t", "-t lacks its argument"),
        (
            "-A -t VIP:80 --persistence-engine=sip",
            "unknown option --persistence-engine",
        ),
        ("-A -t VIP:80 hello", "unexpected argument 'hello'"),
        ("-A -t VIP:80 --ops=3", "-o takes no argument"),
        ("-A -t VIP:80 -k", "unknown option -k"),
        ("-A -t VIP:80 -R", "-r lacks its argument"),
    ],
)
def test_what_ipvsadm_refuses_is_refused(text, message):
    with pytest.raises(CommandLineError, match=message):
        parse(words(text))


def test_an_option_of_several_lines_is_told_in_one():
    with pytest.raises(CommandLineError) as refused:
        parse((*words("-A"), Word("--of\ntwo", 1, 4)))
    assert str(refused.value) == r"unknown option '--of\ntwo'"


@pytest.mark.parametrize(
    ("text", "verb", "old"),
    [
        ("-R", Verb.RESTORE, False),
        ("-R < rules", Verb.RESTORE, False),
        ("-A -t VIP:80 -R RIP", Verb.ADD_SERVICE, True),
        ("-D -t VIP:80 -R RIP", Verb.DELETE_SERVICE, True),
        ("--set 1 2 3", Verb.SET, False),
        ("-Ln", Verb.LIST, False),
        ("-lcn", Verb.LIST, False),
        ("--start-daemon master", Verb.START_DAEMON, False),
    ],
)
def test_the_command_is_told_and_whether_it_is_of_1999(text, verb, old):
    line = parse(words(text))
    assert (line.verb, line.of_1999) == (verb, old)
