"""The table that a configuration declares, with every real server healthy."""

from monlvs.director.memory import MemoryTable
from monlvs.director.reconcile import Director
from monlvs.director.table import Refusal
from monlvs.model.config import Config
from monlvs.model.lvs import Table
from monlvs.model.status import Health


async def declared_table(config: Config) -> tuple[Table, tuple[Refusal, ...]]:
    """Build it in an empty table that keeps the kernel's rules.

    Returns it with what a kernel would refuse of it.
    """
    memory = MemoryTable()
    director = Director(memory, now=lambda: 0.0, on_event=lambda _: None)
    director.declare(config, dict.fromkeys(config.guards, Health.UP))
    await director.once()
    refusals = tuple(trouble.refusal for trouble in director.refusals)
    return (await memory.read()).table, refusals
