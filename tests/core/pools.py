"""A pool that is decided on again and again, each time from what the last time made."""

from dataclasses import replace
from ipaddress import ip_address

from monlvs.core.places import Facts, Presence, Question, State
from monlvs.core.pool import decide
from monlvs.model.lvs import OnFailure, RealServer
from monlvs.model.pool import PLAIN
from monlvs.model.status import Health

UP, DOWN, UNKNOWN = Health.UP, Health.DOWN, Health.UNKNOWN
IN, QUIET, OUT = Presence.IN, Presence.QUIET, Presence.OUT
SORRY = RealServer(ip_address("10.1.1.99"), 80)


def rs(number):
    return RealServer(ip_address(f"10.1.1.{number}"), 80)


class Playground:
    """Servers 1, 2, … of one pool, a clock, and the table as the decisions make it."""

    def __init__(
        self, servers=3, *, policy=PLAIN, on_failure=OnFailure.REMOVE, fallback=False,
        weights=(), standing=True, persistent=False,
    ):  # fmt: skip
        self.policy, self.on_failure = policy, on_failure
        self.persistent = persistent
        self.now = 1000.0
        self.state = State()
        self.facts = {}
        for n in range(1, servers + 1):
            weight = weights[n - 1] if weights else 1
            self.facts[rs(n)] = Facts(
                health=UP if standing else UNKNOWN,
                weight=weight,
                standing=weight if standing else None,
            )
        self.sorry = Facts(health=UP) if fallback else None
        self.decision = None

    def says(self, number, **said):
        """Change what is known of a server."""
        self.facts[rs(number)] = replace(self.facts[rs(number)], **said)
        return self

    def ask(self):
        """Decide, and change nothing."""
        asked = Question(
            servers=self.facts,
            policy=self.policy,
            on_failure=self.on_failure,
            fallback=None if self.sorry is None else (SORRY, self.sorry),
            persistent=self.persistent,
        )
        return decide(asked, self.state, now=self.now)

    def decides(self, *, after=0.0):
        """Decide so many seconds later, and have the table so."""
        self.now += after
        self.decision = self.ask()
        self.state = self.decision.state
        for server, place in self.decision.places.items():
            facts = self.sorry if server == SORRY else self.facts[server]
            match place.presence:
                case Presence.IN:
                    made = replace(facts, standing=place.weight)
                case Presence.QUIET:
                    made = replace(facts, standing=0)
                case Presence.OUT:
                    made = replace(facts, standing=None, connections=0)
            if server == SORRY:
                self.sorry = made
            else:
                self.facts[server] = made
        return self

    def place(self, number):
        return self.decision.places[rs(number)]

    def presence(self):
        """How servers 1, 2, … stand."""
        return [self.decision.places[server].presence for server in self.facts]

    def weights(self):
        return [self.decision.places[server].weight for server in self.facts]

    def because(self):
        return [self.decision.places[server].because for server in self.facts]
