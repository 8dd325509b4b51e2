"""mon_lvs.toml."""

from pathlib import Path

from monlvs.config.reading import parse
from monlvs.config.source import UnreadableError, utf8
from tests.soak.target import Target, assert_placed

_SHIPPED = Path(__file__).parents[3] / "etc" / "mon_lvs.toml"


def examine(data: bytes) -> None:
    """A configuration or placed errors come out, and the same ones each time."""
    try:
        text = utf8(data)
    except UnreadableError as error:
        assert_that_placed(error)
        return
    config, problems = parse(text, "x.toml")
    assert (config is None) == any(not problem.warning for problem in problems)
    assert_placed(problems, text.count("\n") + 1)
    assert parse(text, "x.toml") == (config, problems)
    if config is not None:
        # What is put after everything else is in no way of what stands before it.
        assert parse(f"{text}\n# nothing\n", "x.toml")[0] == config


def assert_that_placed(error: UnreadableError) -> None:
    """It says where the file cannot be read."""
    assert error.position is not None


def _plain(text: str) -> bytes:
    kept = (line for line in text.splitlines() if line and not line.startswith("#"))
    return "\n".join(kept).encode()


TARGET = Target(
    examine=examine,
    files=(
        "monlvs/config/complaints.py",
        "monlvs/config/positions.py",
        "monlvs/config/reading.py",
        "monlvs/config/resolve.py",
        "monlvs/config/rules.py",
        "monlvs/config/scalars.py",
        "monlvs/config/services.py",
        "monlvs/config/toml.py",
        "monlvs/config/virtuals.py",
    ),
    seeds=(
        _plain(_SHIPPED.read_text()),
        b'[[lvs]]\nname = "web"\nvip = "192.0.2.1:80"\nkind = "dr"\n'
        b'servers = ["10.0.0.1", { host = "10.0.0.2", weight = 3 }]\ncheck = "http"\n'
        b'interval = "5s"\nrise = 2\nfall = 3\n',
        b'[hostgroups]\na = ["x"]\n[watch.a.service.s]\ninterval = "1m"\n'
        b'monitor = { name = "tcp", port = 80 }\n[[watch.a.service.s.period]]\n'
        b'when = "wd {Mon-Fri}"\nalert = ["log"]\nalertevery = "1h"\n',
        b'[mon]\nmaxprocs = 3\n[settings]\nresync = "5s"\ntable = "memory"\n'
        b'[views]\nv = ["a"]\n[aliases]\nb = ["text"]\n[bogus]\nx = [1, {y = 2}]\n',
        b"a = 1\na = 2\n[x\n",
    ),
    words=(
        *(
            b"[settings]\n",
            b"[defaults]\n",
            b"[hostgroups]\n",
            b"[[lvs]]\n",
            b"[mon]\n",
        ),
        *(b"[watch.a.service.s]\n", b"[[watch.a.service.s.period]]\n", b"[views]\n"),
        *(b'interval = "5s"\n', b'monitor = "http"\n', b"monitor = { name = "),
        *(b'vip = "192.0.2.1:80"\n', b'servers = ["10.0.0.1"]\n', b'check = "tcp"\n'),
        *(b'"fping"', b'"virtualserver"', b'"""', b"'''", b"\\u00e9", b"1979-05-27"),
        *(b"true", b"1e9", b"nan", b"-1", b"[", b"]", b"{", b"}", b"=", b".", b"\n"),
    ),
    slope=5e-3,
)
