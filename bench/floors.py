"""The C floors as contenders."""

from bench.measurement import Cost, cost_of
from bench.process import run
from bench.trial import Stage
from bench.web import PORT


def closed(stage: Stage, kind: str, in_flight: int, checks: int) -> Cost:
    """Run a floor with so many checks at any moment."""
    words = ["--in-flight", str(in_flight), "--checks", str(checks)]
    return _floor(stage, kind, *words)


def opened(stage: Stage, kind: str, rate: int) -> Cost:
    """Run a floor that begins so many checks a second."""
    seconds = str(max(1, round(stage.seconds)))
    return _floor(stage, kind, "--rate", str(rate), "--seconds", seconds)


def swept(stage: Stage, hosts: int, echoes: int) -> Cost:
    """Run the ICMP floor over so many hosts until so many echoes are answered."""
    words = ["--targets", str(hosts), "--checks", str(echoes)]
    return _bill(stage, "icmp", *words)


def _floor(stage: Stage, kind: str, *words: str) -> Cost:
    return _bill(stage, kind, "--port", str(PORT), "--reset", *words)


def _bill(stage: Stage, kind: str, *words: str) -> Cost:
    return cost_of(run([stage.built(f"{kind}_floor"), *words], core=stage.cores.client))
