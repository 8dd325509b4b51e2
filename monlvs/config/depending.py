"""The TOML spelling of dependencies to the model."""

from typing import Any

from monlvs.config.draft import Draft
from monlvs.config.findings import Findings
from monlvs.config.positions import Path
from monlvs.config.spelling import ServiceTable
from monlvs.core import depend
from monlvs.model.depend import DependBehavior, Dependencies

_WORDS = ("depend", "alertdepend", "monitordepend", "hostdepend")


def dependencies(
    table: ServiceTable, group: str, path: Path, draft: Draft, findings: Findings
) -> Dependencies:
    """Read what a service of `group` depends on, or note what is wrong with it."""
    found: dict[str, Any] = {}
    for word in _WORDS:
        text = getattr(table, word)
        if text is None:
            continue
        try:
            found[word] = depend.read(text, group)
        except depend.DependSyntaxError as error:
            found[word] = depend.unreadable(text, group)
            draft.refusal(findings)((*path, word), str(error))
    return Dependencies(
        **found,
        behavior=DependBehavior(table.dep_behavior or DependBehavior.ALERT),
        memory=table.dep_memory,
    )
