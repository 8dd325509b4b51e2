"""What makes a real server again what it was prepared to be, after a reboot: pure.

A plain script, which systemd or an init of System V's kind starts. The variables are
set by the script, too, and not by sysctl.d: they have to come before the VIP.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from monlvs.director.machine.settings import Setting
from monlvs.director.scripts.calls import calls
from monlvs.director.scripts.writing import script_text

NAME: Final = "monlvs-realserver"

FIND_INIT: Final = (
    "[ -d /run/systemd/system ] && echo systemd && exit; "
    "for each in update-rc.d rc-update chkconfig; do "
    'command -v "$each" >/dev/null && [ -d /etc/init.d ] && echo "$each" && exit; done; '
    "echo none"
)
"""For sh: prints which `Init` a host has."""


class Init(StrEnum):
    """What starts programs when a host boots."""

    SYSTEMD = "systemd"
    UPDATE_RC = "update-rc.d"
    OPENRC = "rc-update"
    CHKCONFIG = "chkconfig"
    NONE = "none"
    """Nothing that is known here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that a host is to have."""

    path: str
    text: str
    mode: str = "644"


@dataclass(frozen=True, slots=True, kw_only=True)
class Boot:
    """Files, and the commands that have them heeded at boot, and no more."""

    files: tuple[File, ...]
    enable: tuple[Sequence[str], ...] = ()
    disable: tuple[Sequence[str], ...] = ()


_UNIT: Final = f"""\
# Written by `monlvs director realserver prepare`; `undo` takes it away.
[Unit]
Description=What a real server of an LVS needs (monlvs)
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh /etc/monlvs/{NAME} start

[Install]
WantedBy=multi-user.target
"""


def boot_of(init: Init, settings: Sequence[Setting]) -> Boot:
    """Say what is to be there for `settings`; without any, only what there could be."""
    systemd = init is Init.SYSTEMD
    inits = init in (Init.SYSTEMD, Init.NONE)
    script = File(
        path=f"/etc/monlvs/{NAME}" if inits else f"/etc/init.d/{NAME}",
        text=_script(settings),
        mode="755",
    )
    enable: tuple[Sequence[str], ...]
    disable: tuple[Sequence[str], ...]
    match init:
        case Init.SYSTEMD:
            unit = f"{NAME}.service"
            reload = ("systemctl", "daemon-reload")
            enable = (reload, ("systemctl", "-q", "enable", unit))
            disable = (("systemctl", "-q", "disable", unit),)
        case Init.UPDATE_RC:
            enable = (("update-rc.d", NAME, "defaults"),)
            disable = (("update-rc.d", "-f", NAME, "remove"),)
        case Init.OPENRC:
            enable = (("rc-update", "add", NAME, "default"),)
            disable = (("rc-update", "del", NAME, "default"),)
        case Init.CHKCONFIG:
            enable = (("chkconfig", "--add", NAME),)
            disable = (("chkconfig", "--del", NAME),)
        case Init.NONE:
            return Boot(files=(script,))
        case _:
            assert_never(init)
    unit_file = File(path=f"/etc/systemd/system/{NAME}.service", text=_UNIT)
    return Boot(
        files=(script, unit_file) if systemd else (script,),
        enable=enable,
        disable=disable,
    )


def _script(settings: Sequence[Setting]) -> str:
    about = [
        "what a real server of an LVS needs, after a boot.",
        "`monlvs director realserver prepare` writes it, `undo` takes it away.",
    ]
    body = list(calls(settings, hidden=True))
    return script_text(NAME, about, "its configuration", body or [":"])
