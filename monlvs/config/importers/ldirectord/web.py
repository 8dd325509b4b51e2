"""service = http, https and http_proxy of an ldirectord.cf to the http monitor."""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlsplit

from monlvs import plugins
from monlvs.config.importers.blueprint import PlannedCheck
from monlvs.config.importers.fitting import complaint
from monlvs.config.importers.ldirectord.servers import Real
from monlvs.config.importers.ldirectord.words import Words

_SAFE = "/?&=%#:;,+@!$'()*~[]"


def web(words: Words, real: Real, check: Callable[..., PlannedCheck]) -> PlannedCheck:
    """Plan the check of a page; `check` makes it of a monitor and its options."""
    words.notes.changed(
        words.where("service"),
        "a redirection counts as an answer and is not followed; state a `path` that is "
        "answered itself where that matters",
    )
    options: dict[str, Any] = {}
    request = words.get("request", "/") if real.request is None else real.request
    receive = words.get("receive", "") if real.receive is None else real.receive
    port = _address(request.removeprefix("/"), options, words)
    if port is None:
        path = quote("/" + request.removeprefix("/"), safe=_SAFE)
        if path != "/":
            options["path"] = path
    options |= _terms(words)
    options["status"] = ["2xx", "3xx"]
    if receive:
        _expect(receive, options, words)
    made = check("http", options, words.negotiatetimeout, words.service)
    return replace(made, port=port) if port else made


def through_proxy(
    words: Words, real: Real, check: Callable[..., PlannedCheck]
) -> PlannedCheck:
    """Plan the check of a proxy, which has to fetch the page of a whole URL."""
    request = words.get("request", "") if real.request is None else real.request
    receive = words.get("receive", "") if real.receive is None else real.receive
    parts = urlsplit(request.removeprefix("/"))
    if parts.scheme not in ("http", "https") or not parts.netloc:
        words.notes.error(
            words.where("request"),
            f"http_proxy: expected the URL of a page as request, not {request!r}",
        )
    url = parts._replace(path=parts.path or "/", fragment="").geturl()
    options: dict[str, Any] = {"url": quote(url, safe=_SAFE)}
    if words.get("httpmethod") == "HEAD":
        options["method"] = "HEAD"
    options["status"] = ["2xx", "3xx"]
    if receive:
        _expect(receive, options, words)
    return check("http", options, words.negotiatetimeout, "http_proxy")


def _terms(words: Words) -> dict[str, Any]:
    """Return the Host header, the method, and TLS without a look at the certificate."""
    options: dict[str, Any] = {}
    if words.get("virtualhost"):
        options["host"] = words.get("virtualhost")
    if words.get("httpmethod") == "HEAD":
        options["method"] = "HEAD"
    if words.service == "https":
        options |= {"https": True, "verify": False}
    return options


def _expect(receive: str, options: dict[str, Any], words: Words) -> None:
    tried = options | {"body": receive}
    wrong = complaint(plugins.monitors(), "http", tried)
    if wrong is None:
        options["body"] = receive
    else:
        words.notes.lost(
            words.where("receive"), f"receive: {wrong}; the status alone is looked at"
        )


def _address(request: str, options: dict[str, Any], words: Words) -> int | None:
    """Take a whole URL apart, which names another place to ask; return its port, or 0."""
    if not request.startswith((f"{words.service}://",)):
        return None
    parts = urlsplit(request)
    host = parts.hostname or ""
    path = quote(parts.path or "/", safe=_SAFE)
    options["path"] = f"{path}?{parts.query}" if parts.query else path
    try:
        options["address"] = str(ip_address(host))
    except ValueError:
        found = words.names.host(host, words.family)
        if found is None:
            words.notes.lost(
                words.where("request"),
                f"the host {host!r} of the URL, which is not known here: the real "
                "server itself is asked; state the http monitor's `address`",
            )
        else:
            options["address"] = str(found)
        options["host"] = host
    return parts.port or 0
