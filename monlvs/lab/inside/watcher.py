"""Watches a director's IPVS table and writes down every change.

    watcher.py LOG INTERVAL

Reads /proc/net/ip_vs, the cheapest dump there is, every INTERVAL seconds. One JSON
line when the table differs from the one before (connection counts aside), and one
without a table every quarter of a second, as proof of having looked: `at`
(CLOCK_MONOTONIC), `gap` (the longest time between two looks since the last line),
`lines`. What is undone between two looks is not seen.
"""

import json
import sys
import time

PROOF_INTERVAL = 0.25


def essence(text: str) -> list[str]:
    """Return a dump without its heading and its counts of connections."""
    kept = []
    for line in text.splitlines()[3:]:
        words = line.split()
        kept.append(" ".join(words[:4] if words[0] == "->" else words))
    return kept


def watch(path: str, interval: float) -> None:
    """Write to `path` for ever."""
    known: list[str] | None = None
    written = looked = time.monotonic()
    gap = 0.0
    with (
        open(path, "a", buffering=1, encoding="utf-8") as log,  # noqa: PTH123  # pathlib costs its import
        open("/proc/net/ip_vs", encoding="ascii") as table,  # noqa: PTH123
    ):
        while True:
            table.seek(0)
            lines = essence(table.read())
            now = time.monotonic()
            gap, looked = max(gap, now - looked), now
            if lines != known or now - written >= PROOF_INTERVAL:
                entry: dict[str, object] = {"at": now, "gap": gap}
                if lines != known:
                    entry["lines"] = lines
                log.write(json.dumps(entry) + "\n")
                known, written, gap = lines, now, 0.0
            time.sleep(interval)


if __name__ == "__main__":
    watch(sys.argv[1], float(sys.argv[2]))
