"""Obeys command lines one after the other, on a table that begins empty."""

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from monlvs.director.codec import Timeouts
from monlvs.director.rules import values
from monlvs.director.rules.commandline import CommandLine, CommandLineError, Verb
from monlvs.director.rules.operands import Names
from monlvs.director.rules.shell import Word
from monlvs.model.lvs import (
    Entry,
    Forwarding,
    Fwmark,
    Pool,
    RealServer,
    Table,
    VirtualKey,
    VirtualService,
)
from monlvs.model.sync import SyncDaemon, SyncRole


class Making:
    """A table, timeouts and sync daemons in the making."""

    def __init__(
        self, names: Names, usual: Forwarding, warn: Callable[[Word, str], None]
    ) -> None:
        """Start with nothing; `usual` is the method of servers in 1999's spelling."""
        self._names = names
        self._usual = usual
        self._warn = warn
        self._services: dict[VirtualKey, VirtualService] = {}
        self._entries: dict[VirtualKey, dict[RealServer, Entry]] = {}
        self._daemons: dict[SyncRole, SyncDaemon] = {}
        self.timeouts: Timeouts | None = None

    @property
    def table(self) -> Table:
        """What stands now."""
        return MappingProxyType(
            {
                key: Pool(
                    service=service,
                    entries=MappingProxyType(dict(self._entries[key])),
                )
                for key, service in self._services.items()
            }
        )

    @property
    def daemons(self) -> tuple[SyncDaemon, ...]:
        """The sync daemons that run now."""
        return tuple(self._daemons.values())

    def obey(self, line: CommandLine) -> None:
        """Do what `line` says; raises CommandLineError and changes nothing, or does it."""
        values.check_options(line)
        match line.verb:
            case Verb.LIST | Verb.ZERO | Verb.SAVE | Verb.RESTORE:
                pass  # changes no table (what is restored are lines of their own)
            case Verb.HELP | Verb.VERSION:
                pass
            case Verb.CLEAR:
                self._services.clear()
                self._entries.clear()
            case Verb.SET:
                self.timeouts = values.timeouts_of(line)
            case Verb.START_DAEMON:
                daemon = values.daemon_of(line)
                self._daemons[daemon.role] = daemon
            case Verb.STOP_DAEMON:
                self._daemons.pop(values.role_of(line), None)
            case _:
                self._change_table(line)

    def _change_table(self, line: CommandLine) -> None:
        key = values.key_of(line, self._names)
        match line.verb:
            case Verb.ADD_SERVICE | Verb.EDIT_SERVICE if line.of_1999:
                self._put_old_server(line, key)
            case Verb.ADD_SERVICE | Verb.EDIT_SERVICE:
                self._put_service(line, key)
            case Verb.DELETE_SERVICE if not line.of_1999:
                self._expect(line, key)
                del self._services[key], self._entries[key]
            case Verb.ADD_SERVER | Verb.EDIT_SERVER:
                self._put_server(line, key)
            case Verb.DELETE_SERVICE | Verb.DELETE_SERVER:
                self._delete_server(line, key)
            case _:
                raise AssertionError(line.verb)

    def _expect(self, line: CommandLine, key: VirtualKey) -> None:
        if key not in self._services:
            raise CommandLineError(f"there is no virtual service {key}", line.place)

    def _put_service(self, line: CommandLine, key: VirtualKey) -> None:
        if line.verb is Verb.EDIT_SERVICE:
            self._expect(line, key)
        elif key in self._services:
            raise CommandLineError(f"there is a virtual service {key}", line.place)
        self._services[key] = values.service_of(line, key)
        self._entries.setdefault(key, {})

    def _put_server(self, line: CommandLine, key: VirtualKey) -> None:
        self._expect(line, key)
        entry = self._entry(line, key, Forwarding.ROUTE)
        new = line.verb is Verb.ADD_SERVER
        if (entry.server in self._entries[key]) is new:
            there = "there is already" if new else "there is no"
            raise CommandLineError(f"{there} {entry.server} in {key}", line.place)
        self._entries[key][entry.server] = entry

    def _put_old_server(self, line: CommandLine, key: VirtualKey) -> None:
        """Put in the service, unless it is there, and the server in one."""
        service = self._services.get(key) or values.service_of(line, key)
        entry = self._entry(line, key, self._usual)
        self._services[key] = service
        self._entries.setdefault(key, {})[entry.server] = entry

    def _entry(self, line: CommandLine, key: VirtualKey, usual: Forwarding) -> Entry:
        server = values.server_of(line, key, self._names)
        if line.of_1999 and server.address.is_loopback:
            usual = Forwarding.LOCAL
        entry = values.entry_of(line, key, server, usual)
        if (
            isinstance(key, Fwmark)
            or entry.forwarding is Forwarding.MASQ
            or server.port == key.port
        ):
            return entry
        # So does ipvsadm itself, and says nothing.
        self._warn(
            line.options["-r"],
            f"port {server.port} becomes {key.port}, the virtual service's: only VS-NAT "
            "translates ports",
        )
        return replace(entry, server=RealServer(server.address, key.port))

    def _delete_server(self, line: CommandLine, key: VirtualKey) -> None:
        self._expect(line, key)
        server = values.server_of(line, key, self._names)
        if self._entries[key].pop(server, None) is None:
            raise CommandLineError(f"there is no {server} in {key}", line.place)
