"""Everything that an audit finds on the director; pure."""

from collections.abc import Iterator

from monlvs.director.audit.gateways import gateways
from monlvs.director.audit.lvs import Lvs
from monlvs.director.audit.needs import needs
from monlvs.director.audit.passage import passages
from monlvs.director.audit.traffic import traffic
from monlvs.director.audit.vips import vips
from monlvs.director.machine.findings import Finding


def audit_director(lvs: Lvs) -> tuple[Finding, ...]:
    """Say what is wrong with the director; each thing once."""
    return tuple(dict.fromkeys(_findings(lvs)))


def _findings(lvs: Lvs) -> Iterator[Finding]:
    yield from needs(lvs)
    yield from vips(lvs)
    yield from passages(lvs)
    yield from gateways(lvs)
    yield from traffic(lvs)
