"""Telnet's option negotiation (RFC 854), refused and taken out of the way."""

import re

_IAC = b"\xff"
_WILL, _WONT, _DO, _DONT = 251, 252, 253, 254

# After IAC: IAC itself is a byte of data, WILL and DO want an answer, WONT and DONT none,
# SB runs up to IAC SE, and every other command stands alone.
_COMMAND = re.compile(
    rb"\xff(?:(?P<data>\xff)|(?P<verb>[\xfb\xfd])(?P<option>.)|[\xfc\xfe]."
    rb"|\xfa(?:[^\xff]|\xff[^\xf0])*\xff\xf0|[^\xfa-\xff])",
    re.DOTALL,
)


class Negotiation:
    """Refuses every option that one server offers or asks for."""

    __slots__ = ("_partial",)

    def __init__(self) -> None:
        self._partial = b""

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Split what came into the text for people and the answer for the server.

        A command that is not whole yet is kept until the rest of it comes.
        """
        data = self._partial + data
        text, answer, at = bytearray(), bytearray(), 0
        while (iac := data.find(_IAC, at)) >= 0:
            text += data[at:iac]
            at = iac
            command = _COMMAND.match(data, iac)
            if command is None:
                break
            if command["data"]:
                text += _IAC
            elif command["verb"]:
                refusal = _WONT if command["verb"][0] == _DO else _DONT
                answer += bytes((255, refusal)) + command["option"]
            at = command.end()
        else:
            text += data[at:]
            at = len(data)
        self._partial = data[at:]
        return bytes(text), bytes(answer)
