"""From a place in the result to the place that asked for it."""

import re
from typing import Final

from monlvs.config.importers.blueprint import Blueprint, PlannedVirtual
from monlvs.config.importers.notes import Spot
from monlvs.config.importers.writing import group_names, short_form

_BLOCK: Final = re.compile(r"(lvs|virtual_service)\[(\d+)\](?:\.servers\[(\d+)\])?")


class Origins:
    """Tells where in another program's file something of the result comes from."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._short: list[PlannedVirtual] = []
        self._long: list[PlannedVirtual] = []
        self._groups: dict[str, Spot] = {}
        for planned in blueprint.virtuals:
            if short_form(planned) is not None:
                self._short.append(planned)
                continue
            self._long += [planned] * len(planned.keys)
            names = group_names(planned)
            for name, server in zip(names, planned.servers, strict=True):
                self._groups[name] = server.spot
        self._first = blueprint.virtuals[0].spot

    def spot(self, key: str) -> Spot:
        """Return the place behind the key path `key` of the result."""
        if found := _BLOCK.match(key):
            planned = (self._short if found[1] == "lvs" else self._long)[int(found[2])]
            return planned.servers[int(found[3])].spot if found[3] else planned.spot
        named = [name for name in self._groups if name in key]
        return self._groups[max(named, key=len)] if named else self._first
