"""HTTP_GET and SSL_GET of a keepalived.conf to one check for each URL."""

from typing import Any, Final
from urllib.parse import quote

from monlvs import plugins
from monlvs.config.importers.blueprint import PlannedCheck
from monlvs.config.importers.fitting import complaint
from monlvs.config.importers.keepalived.keywords import (
    URL,
    Read,
    Stated,
    latest,
    read_block,
)
from monlvs.config.importers.keepalived.scope import Scope

_SAFE: Final = "/?&=%#:;,+@!$'()*~[]"
_INLINE: Final = {
    "caseless": "i",
    "dotall": "s",
    "extended": "x",
    "multiline": "m",
}
"""Options of PCRE2 that have a letter in Python's expressions."""
_FINE: Final = ("utf", "ucp", "no_auto_capture", "no_start_optimize", "never_ucp")
"""Options that make no difference to whether something is found, or hardly any."""


def pages(scope: Scope) -> list[PlannedCheck]:
    """Return a check for each `url`; for the page / where there is none."""
    if not scope.has_port():
        return []
    urls = scope.checker.get("url", [])
    found = [_page(scope, each) for each in urls]
    if (stated := latest("http_protocol", scope.checker)) is not None:
        scope.once.changed(scope.notes, stated.spot, "http_protocol: it is HTTP/1.1")
    return found or [scope.check(_name(scope), "http", _tls(scope))]


def _page(scope: Scope, stated: Stated) -> PlannedCheck:
    block = read_block(stated.statement.inner(), URL, scope.notes)
    options: dict[str, Any] = {}
    path = latest("path", block)
    if path is not None and path.value != "/":
        options["path"] = quote("/" + path.value.removeprefix("/"), safe=_SAFE)
    host = latest("virtualhost", block) or scope.latest("virtualhost")
    if host is not None:
        options["host"] = host.value
    status = latest("status_code", block)
    options["status"] = ["2xx"] if status is None else status.value
    options |= _tls(scope)
    options |= _body(scope, block, options)
    if (digest := latest("digest", block)) is not None:
        options["digest"] = digest.value.lower()
    return scope.check(_name(scope), "http", options)


def _body(scope: Scope, block: Read, options: dict[str, Any]) -> dict[str, Any]:
    """Return the expression that the page has to contain, as Python spells it."""
    stated = latest("regex", block)
    if stated is None:
        return {}
    letters = ""
    asked = latest("regex_options", block)
    for word in () if asked is None else asked.value:
        letters += _INLINE.get(word, "")
        if word not in _INLINE and word not in _FINE:
            assert asked is not None
            scope.notes.lost(asked.spot, f"regex_options {word}")
    for keyword in ("regex_min_offset", "regex_max_offset"):
        if (offset := latest(keyword, block)) is not None:
            scope.notes.lost(offset.spot, f"{keyword}: the whole page is searched")
    body = (f"(?{letters})" if letters else "") + stated.value
    if latest("regex_no_match", block) is not None:
        # Nowhere in the page: the http monitor waits for all of it to see that.
        flags = f"{letters}:" if letters else ":"
        body = rf"\A(?![\s\S]*(?{flags}{stated.value}))"
    wrong = complaint(plugins.monitors(), "http", options | {"body": body})
    if wrong is not None:
        scope.notes.lost(stated.spot, f"regex: {wrong}; the status alone is looked at")
        return {}
    return {"body": body}


def _tls(scope: Scope) -> dict[str, Any]:
    """Return what SSL_GET asks for; it looks at no certificate."""
    return {"https": True, "verify": False} if scope.kind == "SSL_GET" else {}


def _name(scope: Scope) -> str:
    return "https" if scope.kind == "SSL_GET" else "http"
