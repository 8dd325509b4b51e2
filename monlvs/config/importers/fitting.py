"""Whether a monitor or an alert takes the options that an importer has made for it."""

from collections.abc import Mapping
from typing import Any

from monlvs import plugins
from monlvs.config.lines import LineFindings
from monlvs.config.notation import PluginSpec
from monlvs.config.options import build


def complaint(
    kind: plugins.Plugins,
    name: str,
    options: Mapping[str, Any],
    port: int | None = None,
) -> str | None:
    """Say what is wrong with the options of plugin `name`; None: nothing is."""
    findings = LineFindings("")
    spec = PluginSpec(name=name, options=dict(options), bare=False)
    build(kind, spec, (1,), findings, preset={"port": port or 1})
    return next((problem.message for problem in findings.problems()), None)
