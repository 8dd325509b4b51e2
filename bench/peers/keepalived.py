"""keepalived(8): its HTTP_GET and TCP_CHECK checkers, one real server per check."""

from pathlib import Path

from bench.measurement import Cost
from bench.process import Program
from bench.trial import Stage, address, measure_running
from bench.web import PORT

NEEDS = ("keepalived", "nginx")

_CHECKERS = {
    "http": """HTTP_GET {
            url {
                path /
                status_code 200
            }
            connect_timeout 3
            retry 0
        }""",
    "tcp": """TCP_CHECK {
            connect_timeout 3
            retry 0
        }""",
}


def config(kind: str, servers: int, *, bunched: bool = False) -> str:
    """Spell a configuration that checks so many real servers once a second.

    keepalived.conf(5): `warmup` lets first checks, and so all that follow, begin at random
    within a `delay_loop`; with 0, `bunched`, they begin together.
    """
    checker = _CHECKERS[kind]
    warmup = "    warmup 0\n" if bunched else ""
    reals = "".join(
        f"    real_server {address(n)} {PORT} {{\n"
        f"        weight 1\n        {checker}\n    }}\n"
        for n in range(servers)
    )
    return (
        "global_defs {\n    router_id bench\n}\n"
        f"virtual_server 127.200.0.1 80 {{\n{warmup}    delay_loop 1\n    lb_algo rr\n"
        # With DR and TUN it would check the virtual server's port instead.
        f"    lb_kind NAT\n    protocol TCP\n{reals}}}\n"
    )


def command(file: Path, folder: Path) -> list[str]:
    """Return the words that run its checkers alone by a file, at work in a folder.

    With no syslogd syslog(3) writes to the console, which can take milliseconds a line:
    first checks would come late, and bunched ever after.
    """
    words = ["keepalived", "--check", "--dont-fork", "--log-console", "--no-syslog"]
    words += ["--use-file", str(file), "--pid", str(folder / "keepalived.pid")]
    return [*words, "--checkers_pid", str(folder / "checkers.pid")]


def checks(stage: Stage, kind: str, rate: int, *, bunched: bool = False) -> Cost:
    """Measure it at so many checks a second."""
    file = stage.work / "keepalived.conf"
    file.write_text(config(kind, rate, bunched=bunched))
    with Program(
        command(file, stage.work),
        core=stage.cores.client,
        log=stage.work / "keepalived.log",
        environ={"LD_PRELOAD": stage.built("ipvs_shim.so")},
    ) as program:
        count = stage.web.requests if kind == "http" else stage.web.connections
        return measure_running(program, count, rate=rate, seconds=stage.seconds)
