"""`monlvs daemon --shadow` beside a daemon at work on the same mon.cf."""

import asyncio
import os
import socket
from pathlib import Path

from tests.commandline import argv, monlvs, running
from tests.server.mondaemon import furnish, serving


def seen(folder: Path) -> set[str]:
    """Return every file outside a shadow's folder, but those that are being written."""
    found = (path for path in folder.rglob("*") if "shadow" not in path.parts)
    return {str(path) for path in found if path.suffix != ".new"}


async def test_it_tells_what_it_would_do_and_leaves_alone_what_is_at_work(
    tmp_path: Path,
) -> None:
    port = furnish(tmp_path)
    cf = tmp_path / "mon.cf"
    cf.write_text(cf.read_text().replace("interval 1h", "interval 1s"))
    async with serving(tmp_path, port) as site:
        await site.until(site.told)
        before, told = seen(tmp_path), site.told()
        with running(argv("daemon", "-c", str(cf), "--shadow")) as shadow:
            await asyncio.to_thread(shadow.until, "would be sent")
            assert shadow.process.pid != int((tmp_path / "mon.pid").read_text())
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(b"list state\n")
                assert await asyncio.to_thread(client.recv, 100)
            folder = str(tmp_path / "state" / "shadow")
            status = await asyncio.to_thread(
                monlvs, "status", "--json", "--state-dir", folder
            )
            assert '"web/http"' in status.out
            assert await asyncio.to_thread(shadow.end) == 0
        assert site.told() == told
        assert seen(tmp_path) == before
        assert int((tmp_path / "mon.pid").read_text()) == os.getpid()
    assert "THIS IS A SHADOW" in shadow.text
    assert "failure alert, " in shadow.text
    assert "Errno" not in shadow.text
