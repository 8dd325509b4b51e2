"""Configurations as text, read the way the daemon reads them."""

from monlvs.config.reading import parse
from monlvs.model.config import Config

DEFAULTS = '[defaults]\ninterval = "15s"\ntimeout = "5s"\n'


def config(text: str, *, odd: bool = False) -> Config:
    """Return what a text without errors (and, unless `odd`, warnings) says."""
    read, problems = parse(text, "test.toml")
    assert [str(p) for p in problems if not (odd and p.warning)] == []
    assert read is not None
    return read


def warnings(text: str) -> list[str]:
    """Return the warnings about a text that has no errors, as `LINE: message`."""
    read, problems = parse(text, "test.toml")
    assert read is not None, [str(p) for p in problems]
    return [f"{p.place.line}: {p.message}" for p in problems]


def errors(text: str) -> list[str]:
    """Return the errors in a text, as `LINE: message`."""
    _, problems = parse(text, "test.toml")
    return [f"{p.place.line}: {p.message}" for p in problems if not p.warning]


def lvs(**said: str) -> str:
    """Return defaults and one short form, `said` being TOML."""
    keys = {
        "name": '"http"',
        "vip": '"192.168.1.1:80"',
        "kind": '"nat"',
        "servers": '["10.1.1.2"]',
        "check": '"http"',
    } | said
    told = "".join(f"{key} = {value}\n" for key, value in keys.items())
    return f"{DEFAULTS}[[lvs]]\n{told}"


def watch(period: str = "", *, hosts: str = '["10.1.1.2"]', service: str = "") -> str:
    """Return defaults, a group `web` and a watch with one service and one period."""
    return (
        f"{DEFAULTS}[hostgroups]\nweb = {hosts}\n"
        f'[watch.web.service.http]\nmonitor = "http"\n{service}\n'
        f"[[watch.web.service.http.period]]\n{period}\n"
    )
