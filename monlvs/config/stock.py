"""Programs of mon that monlvs can stand for, by the SHA-256 of their stock versions."""

import hashlib
from pathlib import Path

_MON = "mon 1.3.6-4"
_CONTRIB = "mon-contrib 1.0+dfsg-4"

VERSIONS = {
    "844efa034fe7a31f8cedd7e9a18c59646d395feb27827b897f5e36710516cfc1": _MON,
    "97e455dcb89e71ef97bea2daae603c5266b0bda4ccee2ef9f10774c733ddfe98": _MON,
    "2d0f29b861a01318bec216b1c7e65bc6598b21d508bb5955229e6f4e253bacb2": _MON,
    "22253ed13ffa78b0b9e985aaf32164e74c9c2b84b071d636e2a9529dfc62b966": _MON,
    "9bbd1e264a939eb1661f9533fc372d3a0679864e57929bae6d66df682d240e5a": _MON,
    "6b58ae9a5266e4704368034acb4320d21dc645cbe671538d12c79ca3dae3504a": _MON,
    "8a95bbb17a71a231ce48dc8876d26ecda13a8a14e0e35687d797a1195b670f9c": _MON,
    "66654cd61dd25b3d79e586e26b11ca571ba5d98177600ab28fcb4049fea64171": _MON,
    "ed100f5dd51d67d078f00a4ccbf3beaa0b71df7a721879d4afa54bac13603750": _MON,
    "2a6929cf7b425145a85fa7e2eda2b80814cfb8bdd92522fbd862f3403ae39a6a": _MON,
    "2e7e944680f3d0f0c1fda083405af388c4860dedf737a1680407fbd5a83376e9": _MON,
    "23286e2f51d9fb7abbc5d9b962235dac0d114a76104f5f84d574e8a509189173": _MON,
    "cdc560e82f8db8b235e8a5cec6fbb705b6cd34b6be57a1bbac18691a97ee15b8": _MON,
    "fc782c6a77310a7389ddd0a77c773e399ab674c6315f56615b8aa76a645ebe24": _MON,
    "6a112fbfa8c004a6bb81e84446e17c344404ea902010cd3da284822b59a87b54": _MON,
    "00f712b631f5b4f80a0a9a6d28ab6112b89cc2cdf9c3507145256b834f76e3e8": _CONTRIB,
}
"""The package that each digest is of, as Debian 12 ships it."""


def version(path: str) -> str | None:
    """Return which package a program is unchanged from; None for any other program."""
    try:
        return VERSIONS.get(hashlib.sha256(Path(path).read_bytes()).hexdigest())
    except OSError:
        return None
