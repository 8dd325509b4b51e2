"""VS-NAT by LVS-HOWTO 11.5, in the long form, line by line as its mon_lvs.cf."""

import pytest

from monlvs.lab import Kind
from monlvs.lab.topology import RealServer
from tests.e2e import configurations as say
from tests.e2e.howto import Section115
from tests.e2e.watching import Home

pytestmark = pytest.mark.lab


class TestNat(Section115):
    kind = Kind.NAT

    def telnet(self, home: Home, victim: RealServer) -> tuple[str, str]:
        return self.long(home, "telnet", 23), "LVS1/telnet"

    def http(self, home: Home, victim: RealServer) -> tuple[str, str]:
        return self.long(home, "http", 80), "LVS1/http"

    def long(self, home: Home, name: str, port: int) -> str:
        """A group for each server, a pair of mail and a pair of virtualserver lines."""
        servers = home.lab.topology.servers
        services = (
            say.service(
                f"LVS{number}",
                name,
                [
                    say.MAIL,
                    say.guard(f"192.168.1.1:{port}", f"{server.address}:{port}"),
                ],
            )
            for number, server in enumerate(servers, 1)
        )
        return say.general(home.state) + say.groups(servers) + "".join(services)
