"""A director on which mon has run: mon.cf, auth.cf, a log directory, a sendmail."""

from collections.abc import Sequence

from monlvs.lab import Lab
from tests.e2e.watching import Home, Watch

# Programs that mon has always run write to /tmp and /var/log/mon, and the guest's root is
# read-only: a namespace of their own has both. The lab's folder may lie in /tmp. msmtp,
# which is the sendmail here, takes its settings from a file that is its user's alone.
ROOM = """
set -e
mkdir -p /run/room /run/shared
mount -t tmpfs tmpfs /run/room
mkdir /run/room/up /run/room/work
mount --bind "$0" /run/shared
/run/modprobe overlay
mount -t overlay -o lowerdir=/tmp,upperdir=/run/room/up,workdir=/run/room/work overlay /tmp
mkdir -p "$0"
mount --bind /run/shared "$0"
mount -t tmpfs tmpfs /var/log/mon
cd "$0"
(umask 077; printf 'host 192.168.1.5\\nfrom mon@director\\n' >/run/home/.msmtprc)
exec "$@"
"""


async def make(lab: Lab) -> Home:
    """Make a home with what mon wants to find there."""
    home = await Home.make(lab, "mon.cf")
    home.state.mkdir()
    (home.folder / "auth.cf").write_text("command section\nlist: all\n")
    return home


def head(home: Home) -> str:
    """Return what stands at the head of every mon.cf: where everything is."""
    return f"""
cfbasedir = {home.folder}
alertdir  = /usr/lib/mon/alert.d
mondir    = /usr/lib/mon/mon.d
statedir  = {home.state}
logdir    = {home.folder}
pidfile   = {home.folder}/mon.pid
"""


async def start(home: Home, text: str) -> Watch:
    """Start a daemon that may write where mon's programs do."""
    room: Sequence[str] = ("sh", "-c", ROOM, str(home.lab.folder))
    alone = ("unshare", "--mount", "--propagation", "private")
    return await home.start(text, through=(*alone, *room))
