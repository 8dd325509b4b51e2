"""Reads the options that monitors share: ports, addresses, regular expressions.

Every function takes the option's name and raises ValueError with a sentence that says
what was expected.
"""

import re
from dataclasses import replace
from ipaddress import ip_address

from monlvs.model.values import Address, Host
from monlvs.wire.exchange import TlsTerms


def port_number(option: str, port: int) -> int:
    """Return `port` if it is one that can be connected to."""
    if not 1 <= port <= 65_535:
        raise ValueError(f"{option}: expected a port from 1 to 65535, not {port}")
    return port


def fixed_address(option: str, text: str | None) -> Address | None:
    """Read an IPv4 or IPv6 address; None stays None."""
    if text is None:
        return None
    try:
        return ip_address(text)
    except ValueError:
        raise ValueError(
            f"{option}: expected an IPv4 or IPv6 address, not {text!r}"
        ) from None


def pattern(option: str, text: str) -> re.Pattern[bytes]:
    """Compile a regular expression that is looked for in what comes over the wire."""
    try:
        return re.compile(text.encode("utf-8"))
    except re.error as error:
        raise ValueError(
            f"{option}: expected a regular expression, but {text!r} is none: {error}"
        ) from None


def one_line(option: str, text: str) -> str:
    """Return `text` if it can be said within one line of a protocol."""
    if not text or any(c < " " or c == "\x7f" for c in text):
        raise ValueError(f"{option}: expected text without control characters")
    return text


def tls_terms(*, tls: bool, verify: bool, ca_file: str | None) -> TlsTerms | None:
    """Return how to speak TLS; None: not at all."""
    if tls:
        return TlsTerms(verify=verify, ca_file=ca_file)
    if not verify or ca_file is not None:
        raise ValueError("verify, ca_file: expected tls = true with them")
    return None


def terms_for(terms: TlsTerms | None, host: Host) -> TlsTerms | None:
    """Ask for `host` in TLS where that is a name; an address is looked for anyway."""
    if terms is None:
        return None
    try:
        ip_address(host)
    except ValueError:
        return replace(terms, server_name=host)
    return terms
