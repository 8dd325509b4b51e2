"""mon's escapes, for what has to fit into one word of a line.

Everything but visible ASCII, and both quotes, stands as a backslash and two hexadecimal
digits, byte by byte; a backslash is doubled. Text is UTF-8, and bytes that are none
survive (as surrogates, PEP 383).
"""

import re

_ESCAPED = re.compile(rb"\\(?:\\|([0-9a-f]{2}))")


def _spelled(byte: int) -> str:
    character = chr(byte)
    if character == "\\":
        return "\\\\"
    plain = 0x21 <= byte <= 0x7E and character not in "\"'"
    return character if plain else f"\\{byte:02x}"


_SPELLED = tuple(_spelled(byte) for byte in range(256))


def to_bytes(text: str) -> bytes:
    """Return a text as it goes over the wire; what has no bytes becomes `?`."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def to_text(data: bytes) -> str:
    """Return bytes from the wire as text."""
    return data.decode("utf-8", "surrogateescape")


def escape(text: str) -> str:
    """Return `text` as one word of visible ASCII; empty text stays empty."""
    return "".join([_SPELLED[byte] for byte in to_bytes(text)])


def unescape(word: str) -> str:
    """Return the text of an escaped word; what is no escape stands for itself."""
    return to_text(_ESCAPED.sub(_meaning, to_bytes(word)))


def _meaning(escaped: re.Match[bytes]) -> bytes:
    digits = escaped[1]
    return b"\\" if digits is None else bytes([int(digits, 16)])
