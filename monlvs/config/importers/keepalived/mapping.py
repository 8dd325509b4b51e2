"""A keepalived.conf to a blueprint."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from monlvs.config.importers.blueprint import Blueprint, PlannedVirtual, Site
from monlvs.config.importers.keepalived.blocks import Statement, parse
from monlvs.config.importers.keepalived.groups import groups
from monlvs.config.importers.keepalived.mail import defaults
from monlvs.config.importers.keepalived.source import Source, read_source
from monlvs.config.importers.keepalived.virtuals import Reader
from monlvs.config.importers.notes import Notes
from monlvs.config.importers.remarks import Remarks
from monlvs.config.importers.slugs import name_of, own_names
from monlvs.model.lvs import VirtualKey

_OURS: Final = frozenset(("global_defs", "virtual_server", "virtual_server_group"))
_KEPT: Final = (
    "vrrp_", "static_", "track_", "bfd_", "linkbeat_", "garp_", "interface_up_down",
)  # fmt: skip
_KEPT_WORDS: Final = frozenset(
    (
        *("net_namespace", "net_namespace_ipvs", "namespace_with_ipsets", "instance"),
        *("use_pid_dir", "child_wait_time", "process_names", "random_seed"),
    )
)


def read(text: str, file: str, site: Site, notes: Notes) -> tuple[Blueprint, Remarks]:
    """Read a keepalived.conf; what is wrong with it, or not carried, goes to `notes`."""
    source = read_source(text, file, site, notes)
    top = parse(source.lines, notes)
    known = groups(_of(top, "virtual_server_group"), notes)
    shared = defaults(_of(top, "global_defs"), notes)
    reader = Reader(known, shared, notes)
    planned = [
        made
        for statement in _of(top, "virtual_server")
        if (made := reader.virtual(statement)) is not None
    ]
    _check_keys(planned, notes)
    names = own_names((each.name, name_of(each.keys[0])) for each in planned)
    virtuals = [replace(p, name=n) for p, n in zip(planned, names, strict=True)]
    return Blueprint(virtuals=tuple(virtuals)), _remarks(source, top, notes)


def _of(top: Iterable[Statement], keyword: str) -> list[Statement]:
    return [each for each in top if each.keyword == keyword]


def _remarks(source: Source, top: list[Statement], notes: Notes) -> Remarks:
    """Tell of what stays keepalived's, and leave its comments where they are."""
    remarks = Remarks(source.comments, (line.spot.at for line in source.lines))
    for each in top:
        if each.keyword in _OURS:
            continue
        if each.keyword.startswith(_KEPT) or each.keyword in _KEPT_WORDS:
            notes.left(each.spot, each.text)
        else:
            told = "no such block is known here"
            if each.keyword == "SSL":
                told = "a certificate of one's own for SSL_GET; checks show none"
            notes.lost(each.spot, f"{each.text}: {told}")
        remarks.drop(each.spot.at, each.last)
    return remarks


def _check_keys(planned: Iterable[PlannedVirtual], notes: Notes) -> None:
    seen: set[VirtualKey] = set()
    for each in planned:
        for key in each.keys:
            if key in seen:
                notes.error(each.spot, f"there is a virtual server {key} already")
            seen.add(key)
