"""Converting a text in a test, without looking anything up on this machine."""

from ipaddress import ip_address

from monlvs.config.importers.blueprint import Site
from monlvs.config.importers.conversion import Imported, import_text
from monlvs.config.importers.formats import Format
from monlvs.config.reading import parse
from monlvs.director.rules import Names
from monlvs.model.config import Config
from monlvs.model.lvs import Family, Protocol
from monlvs.model.values import Address

HOSTS = {"web1": "10.1.1.2", "sql01": "10.9.9.1", "sql03": "10.9.9.3"}
PORTS = {"http": 80, "smtp": 25, "mysql": 3306}
PROGRAMS = ("msql-mysql.monitor", "radius.monitor")


def _host(name: str, family: Family) -> Address | None:
    return ip_address(HOSTS[name]) if name in HOSTS else None


def _port(name: str, protocol: Protocol) -> int | None:
    return PORTS.get(name)


def _program(name: str) -> str | None:
    return f"/usr/lib/mon/mon.d/{name}" if name in PROGRAMS else None


def site(files: dict[str, str] | None = None, config_id: str = "") -> Site:
    """Look things up in tables; `files` are found by their whole names."""

    def found(pattern: str, base: str) -> list[tuple[str, str]]:
        name = pattern if pattern.startswith("/") else f"{base}/{pattern}"
        return [(name, files[name])] if files and name in files else []

    return Site(
        names=Names(host=_host, port=_port),
        program=_program,
        files=found,
        config_id=config_id,
    )


def imported(text: str, format_: Format, where: Site | None = None) -> Imported:
    """Convert a text."""
    return import_text(text, "/etc/given", format_, where or site())


def config_of(text: str) -> Config:
    """Read a TOML text that has no errors."""
    config, problems = parse(text, "wanted")
    assert config is not None, [str(problem) for problem in problems]
    return config


def same(given: Imported, wanted: str) -> bool:
    """Say whether the result is the same configuration as the TOML text `wanted`."""
    assert given.text is not None, [str(problem) for problem in given.problems]
    assert given.equal
    result = config_of(given.text)
    expected = config_of(wanted)
    assert result.virtual_services == expected.virtual_services
    assert result.watches == expected.watches
    assert result.guards == expected.guards
    return True


def told(given: Imported) -> list[str]:
    """Return what is said of the text, each with its line."""
    return [f"{p.place.line}: {p.message}" for p in given.problems]


def errors(given: Imported) -> list[str]:
    """Return the errors, each with its line."""
    return [f"{p.place.line}: {p.message}" for p in given.problems if not p.warning]
