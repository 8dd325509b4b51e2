"""Build the machines of a topology in a guest, and start what they serve."""

import signal
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from monlvs.lab.commands import Command, result_of
from monlvs.lab.guest import Guest
from monlvs.lab.kernel import LabError
from monlvs.lab.services import Service, services_of, web_root
from monlvs.lab.topology import Topology
from monlvs.lab.wiring import host_script, plug_batch, table_script, wire_script

READY_LIMIT = 60.0  # seconds; a machine with three guests a core needs six


class Cluster:
    """The machines of one LVS in a guest, and the services that run on them."""

    def __init__(self, guest: Guest, topology: Topology) -> None:
        """Name the parts; `build` makes them."""
        self.guest = guest
        self.topology = topology
        self._services = {
            (service.host, service.name): service
            for service in services_of(topology, guest.folder)
        }
        self._pids: dict[tuple[str, str], int] = {}

    def build(self, *, table: bool) -> None:
        """Make hosts and cables, start the services, wait until they listen.

        `table` fills the director's IPVS table as well. Raises LabError with the
        words of the command that failed.
        """
        self._call(None, wire_script(self.topology))
        self._everywhere(
            {host: host_script(self.topology, host) for host in self.topology.hosts}
        )
        ports: dict[str, tuple[int, ...]] = {}
        for service in self._services.values():
            self._write_page(service.host)
            self.start(service.host, service.name)
            ports[service.host] = ports.get(service.host, ()) + service.ports
        asked = {host: self.listening(host, ports[host]) for host in ports}
        for host, answer in asked.items():
            check_listening(host, answer.result())
        if table:
            self.fill_table()

    def tidy(self) -> None:
        """Plug all cables, restart services that were stopped, empty the table."""
        hosts = self.topology.hosts
        batch = "".join(plug_batch(self.topology, host, None) for host in hosts)
        self._call(None, f"ip -batch - <<END\n{batch}END\n")
        # Who was killed has left the VIP, and the gateway, where they were.
        clear = "ipvsadm -C; ipvsadm --stop-daemon master; ipvsadm --stop-daemon backup"
        lose = f"ip address del {self.topology.vip}/32 dev eth0"
        if gateway := self.topology.gateway:
            lose += f"; ip address del {gateway}/24 dev eth1"
        for director in self.topology.directors:
            if self.topology.paired:
                self._call(director, f"{{ {clear}; {lose}; }} 2>/dev/null; true")
            else:
                self._call(director, "ipvsadm -C")
        for host, name in self._services:
            if (host, name) in self._pids:
                self.signal(host, name, signal.SIGCONT)
            else:
                self.start(host, name)
                self.listen(host, name)

    def fill_table(self) -> None:
        """Put the primed entries, http and telnet, into the directors' tables."""
        script = f"ipvsadm -R <<END\n{table_script(self.topology)}END\n"
        self._everywhere(dict.fromkeys(self.topology.directors, script))

    def start(self, host: str, name: str) -> None:
        """Start a service; no change when it runs."""
        service = self._service(host, name)
        if (host, name) not in self._pids:
            log = self.guest.folder / f"{host}-{name}.log"
            answer = self.guest.ask(
                service.start, host=host, log=str(log), **service.details
            ).result()
            self._pids[host, name] = answer["pid"]

    def listen(self, host: str, name: str) -> None:
        """Wait until a service that was started listens."""
        ports = self._service(host, name).ports
        check_listening(host, self.listening(host, ports).result())

    def listening(
        self, host: str, ports: Sequence[int], limit: float = READY_LIMIT
    ) -> "Future[dict[str, Any]]":
        """Ask to be told when each of a host's TCP ports is listened on.

        `limit` is in seconds; `check_listening` reads the answer.
        """
        return self.guest.ask("listen", host=host, ports=[*ports], timeout=limit)

    def stop(self, host: str, name: str) -> None:
        """Kill a service: its port refuses connections. No change when it is gone."""
        self._service(host, name)
        pid = self._pids.pop((host, name), None)
        if pid is not None:
            # A stopped process takes no other signal before it is continued.
            self.guest.ask("signal", pid=pid, signal=signal.SIGKILL).result()
            self.guest.ask("wait", pid=pid, timeout=READY_LIMIT).result()

    def signal(self, host: str, name: str, number: int) -> None:
        """Send a signal to a running service."""
        self._service(host, name)
        if (host, name) not in self._pids:
            raise LabError(f"{name} does not run on {host}")
        pid = self._pids[host, name]
        if not self.guest.ask("signal", pid=pid, signal=number).result()["sent"]:
            raise LabError(f"{name} on {host} has ended by itself")

    def _service(self, host: str, name: str) -> Service:
        try:
            return self._services[host, name]
        except KeyError:
            known = ", ".join(" ".join(key) for key in self._services)
            raise LabError(f"no service {name} on {host}; there are: {known}") from None

    def _write_page(self, host: str) -> None:
        root = web_root(self.guest.folder, host)
        root.mkdir(parents=True, exist_ok=True)
        (root / "index.html").write_text(f"{host}\n")

    def _call(self, host: str | None, script: str) -> None:
        self._finish(*self._ask(host, script))

    def _everywhere(self, scripts: dict[str, str]) -> None:
        asked = [self._ask(host, script) for host, script in scripts.items()]
        for command, answer in asked:
            self._finish(command, answer)

    def _ask(
        self, host: str | None, script: str
    ) -> tuple[Command, "Future[dict[str, Any]]"]:
        command = Command(host=host, argv=script)
        return command, self.guest.ask("run", timeout=READY_LIMIT, **command.request())

    @staticmethod
    def _finish(command: Command, answer: "Future[dict[str, Any]]") -> None:
        result_of(command, answer.result(), check=True)


def check_listening(host: str, answer: dict[str, Any]) -> None:
    """Raise LabError when somebody was waited for in vain."""
    if missing := ", ".join(map(str, answer["missing"])):
        raise LabError(f"{host}: nobody has come to listen on port {missing}")
