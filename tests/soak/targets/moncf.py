"""mon.cf: from bytes to the model, and on to TOML."""

from collections.abc import Iterator
from pathlib import Path

from monlvs.config import moncf
from monlvs.config.convert import convert
from monlvs.model.config import Config
from monlvs.mon import moncf as lexer
from monlvs.mon.cfblocks import Tree, WatchBlock
from tests.soak.target import Target, assert_placed

FILE = Path("mon.cf")
NO_SERVICE = "need to specify service in watch record"


def examine(data: bytes) -> None:
    """No line is passed over in silence; what works, works as TOML too, and equally."""
    text = moncf.decoded(data)
    lines = text.count("\n") + 1
    tree = lexer.parse(text)
    assert_placed(tree.problems, lines)
    _assert_nothing_lost(text, tree)

    config, problems = moncf.load_mon(FILE, data, {})
    assert_placed(problems, lines)
    assert (config is None) == any(not problem.warning for problem in problems)
    again, same = moncf.load_mon(FILE, data, {})
    assert (again, same) == (config, problems)

    made = convert(FILE, data)
    assert (made.text is None) == (config is None)
    assert config is None or made.equal or _has_odd_names(config), made.text


def _has_odd_names(config: Config) -> bool:
    """Whether hosts have names that no host can have: mon bears them, TOML does not."""
    hosts = (host for watch in config.watches for host in watch.group.hosts)
    return not all(h and h.isprintable() and len(h.split()) == 1 for h in hosts)


def _assert_nothing_lost(text: str, tree: Tree) -> None:
    """Every line that is not blank is in the tree, or there is a word about it."""
    kept, told = set(_lines_of(tree)), {p.place.line for p in tree.problems}
    astray = {p.place.line for p in tree.problems if p.message == NO_SERVICE}
    excused = False
    for line in lexer.logical_lines(text)[0]:
        if line.number in kept:
            excused = False
        elif line.number in astray:
            excused = True  # said once for all lines up to the next service
        assert excused or not line.text or line.number in kept | told, line


def _lines_of(tree: Tree) -> Iterator[int]:
    yield from (each.line for each in tree.assignments)
    for block in (*tree.groups, *tree.views):
        yield block.line
        yield from (word.line for word in block.words)
    for alias in tree.aliases:
        yield alias.line
        yield from (line.number for line in alias.lines)
    for watch in tree.watches:
        yield from _lines_of_watch(watch)


def _lines_of_watch(watch: WatchBlock) -> Iterator[int]:
    yield watch.line
    for service in watch.services:
        yield service.line
        yield from (each.line for each in (*service.directives, *service.variables))
        for period in service.periods:
            yield period.line
            yield from (each.line for each in period.directives)


_USUAL = b"""# what is watched
cfbasedir = /etc/mon
alertdir = /usr/lib/mon/alert.d
maxprocs = 20
histlength = 100
dep_recur_limit = 5

hostgroup web 192.0.2.1 *192.0.2.2
    192.0.2.3

view all web db

alias www
    the web

watch web
    service http
        description the web, \\
            all of it
        interval 1m
        failure_interval 10s
        randskew 5s
        URL=http://x/
        monitor http.monitor -p 8080 -u "/a b"
        exclude_hosts 192.0.2.3
        exclude_period wd {Sun}
        depend db:sql && !web:ping
        dep_behavior m
        period work: wd {Mon-Fri} hr {7am-10pm}
            alert exit=1-5 mail.alert -S "it's" root
            upalert mail.alert root
            alertevery 1h summary
            alertafter 3 30m
            numalerts 5
        period wd {Sat Sun}
            alert virtualserver.alert -P tcp -V 10.0.0.1:80 -R 192.0.2.1 -W 5 -F dr
            upalert virtualserver.alert -P tcp -V 10.0.0.1:80 -R 192.0.2.1 -W 5 -F dr
            no_comp_alerts
    service ping
        interval 30s
        monitor fping.monitor ;;
        traptimeout 1h
        period
            startupalert test.alert
"""

TARGET = Target(
    examine=examine,
    files=(
        "monlvs/mon/moncf.py",
        "monlvs/mon/reading.py",
        "monlvs/mon/directives.py",
        "monlvs/mon/options.py",
        "monlvs/mon/timeval.py",
        "monlvs/mon/variables.py",
        "monlvs/mon/words.py",
        "monlvs/config/convert.py",
        "monlvs/config/guards.py",
        "monlvs/config/lvsarguments.py",
        "monlvs/config/moncf.py",
        "monlvs/config/mondefaults.py",
        "monlvs/config/natives.py",
        "monlvs/config/programs.py",
        "monlvs/core/depend.py",
        "monlvs/core/timeperiod.py",
    ),
    seeds=(
        _USUAL,
        b"hostgroup a b\nwatch a\nservice s\nperiod\nalert file.alert x\n",
        b"watch a\n  service s\n    traptimeout 5m\n    period NORMAL: wd {Mon-Fri}\n"
        b"      alert test.alert\n      alertevery 5m strict\n      alertafter 3\n",
        b"junk\nhostgroup\nview v\nwatch w w\n x\n service\n service s\n bogus\n",
        b"native = no\ndep_behavior = hm\nbogus = 1\nhistlength = x\n\xff\xfe = \xe9\r\n",
        b"watch a\nservice s\ninterval 1m\nmonitor tcp.monitor -p 80\nperiod a:\n"
        b"period b: hr {8-17}, md {1-5}\nperiod a:\nalertevery 1d observe_detail\n",
    ),
    words=(
        *(b"hostgroup ", b"\nwatch ", b"    service ", b"view ", b"alias "),
        *(f"{word} ".encode() for word in sorted(lexer.SERVICE_KEYWORDS)),
        *(f"{word} ".encode() for word in sorted(lexer.PERIOD_KEYWORDS)),
        *(b"period ", b"wd {Mon-Fri}", b"hr {9-17}", b"LABEL: ", b"5m", b"1.5h"),
        *(b"fping.monitor", b"http.monitor -p 80", b"telnet.monitor", b";;"),
        *(b"mail.alert root", b"test.alert", b"file.alert -d /x", b"trap.alert"),
        *(b"virtualserver.alert -V 10.0.0.1:80 -R 192.0.2.1", b"lvs.alert"),
        *(b" -P udp", b" -W 3", b" -F tun", b" -S wlc", b" -B", b" -D", b" -X"),
        *(b"exit=1-5 ", b" && ", b" || ", b"SELF:", b"a:s", b"strict", b"summary"),
        *(b"\\\n", b"\n\n", b"# ", b"'", b'"', b" = ", b"\r\n", b"\xc3\xa9", b"\x00"),
    ),
    slope=2e-3,
)
