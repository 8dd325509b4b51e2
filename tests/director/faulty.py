"""A table that refuses, forgets and cannot be read, as told, and otherwise works."""

from collections import deque

from monlvs.director.changes import DeleteServer
from monlvs.director.memory import MemoryTable
from monlvs.director.remedy import settle
from monlvs.director.table import TableError


class FaultyTable:
    """Wraps a table in memory; raises what it was told to, then nothing more.

    `codes` are errors for the next changes, 0 for none; `unreadable` is how many
    readings fail. `bad` maps an item to the error that it always meets.
    """

    name = "faulty"

    def __init__(self, table=None, *, codes=(), unreadable=0, bad=None):
        self.memory = MemoryTable(table)
        self.codes = deque(codes)
        self.unreadable = unreadable
        self.bad = bad or {}
        self.made = []
        self.watchers = []
        self.applications = 0
        self.readings = 0

    async def read(self):
        self.readings += 1
        if self.unreadable:
            self.unreadable -= 1
            raise TableError("the dump was cut short")
        return await self.memory.read()

    async def apply(self, changes):
        self.applications += 1
        return settle(changes, lambda batch: [self._make(each) for each in batch])

    def _make(self, change):
        code = self.bad.get(change.item, 0)
        if isinstance(change, DeleteServer) and change.item in self.bad:
            code = 0
        if not code and self.codes:
            code = self.codes.popleft()
        if code:
            return code
        before = self.serving(change.item[0])
        code = self.memory._make(change)
        if not code:
            self.made.append(change)
            for watch in self.watchers:
                watch(change, before, self.serving(change.item[0]))
        return code

    def serving(self, key):
        """Real servers of `key` that get new connections."""
        entries = self.memory._entries.get(key, {})
        return {server for server, entry in entries.items() if entry.weight}
