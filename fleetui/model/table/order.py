"""A sorted sequence that stays sorted under many small changes: lists of a few hundred entries, found by bisection.

One list of 150,000 entries moves half a megabyte for each insertion; here a change moves a few kilobytes.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import msgspec

LOAD = 512
"""Entries of a run when it is built; it is split at twice as many."""

Key = tuple[Any, ...]
"""Any tuples that compare with one another; unique in an order (the last member is the row's id)."""


NOWHERE: Key = ()
"""The key of an entry that is in no order now."""


class Entry(msgspec.Struct, gc=False, eq=False):
    """One row with what its view needs over and over."""

    key: Key
    id: str
    row: Any
    tie: str
    """The natural key of its name."""
    hay: str
    """Its lower-case text, for plain words."""
    rank: int
    """Of its health, 0 is the worst."""
    group: str = ""


class Order:
    """Entries by key, ascending."""

    def __init__(self) -> None:
        self._keys: list[list[Key]] = []
        self._runs: list[list[Entry]] = []
        self._lasts: list[Key] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Entry]:
        return chain.from_iterable(self._runs)

    def __contains__(self, key: Key) -> bool:
        at = bisect_left(self._lasts, key)
        if at == len(self._lasts):
            return False
        keys = self._keys[at]
        return keys[bisect_left(keys, key)] == key

    def add(self, entry: Entry) -> None:
        """At its place. An entry with the same key must not be there."""
        self._size += 1
        if not self._runs:
            self._keys, self._runs, self._lasts = [[entry.key]], [[entry]], [entry.key]
            return
        at = min(bisect_left(self._lasts, entry.key), len(self._lasts) - 1)
        keys, run = self._keys[at], self._runs[at]
        where = bisect_left(keys, entry.key)
        keys.insert(where, entry.key)
        run.insert(where, entry)
        self._lasts[at] = keys[-1]
        if len(keys) > 2 * LOAD:
            self._split(at)

    def remove(self, key: Key) -> None:
        """Raises KeyError when it is not there."""
        at = bisect_left(self._lasts, key)
        where = bisect_left(self._keys[at], key) if at < len(self._keys) else 0
        if at == len(self._keys) or self._keys[at][where] != key:
            raise KeyError(key)
        keys, run = self._keys[at], self._runs[at]
        del keys[where], run[where]
        self._size -= 1
        if keys:
            self._lasts[at] = keys[-1]
        else:
            del self._keys[at], self._runs[at], self._lasts[at]

    def merge(self, entries: Iterable[Entry]) -> None:
        """Many at once: sorted together with what is there when they are a good part of it, else one by one."""
        added = sorted(entries, key=_key)
        if len(added) * 8 < self._size:
            for entry in added:
                self.add(entry)
            return
        if self._lasts and added and added[0].key < self._lasts[-1]:
            added = sorted([*self, *added], key=_key)
            self.clear()
        self.extend(added)

    def extend(self, entries: list[Entry]) -> None:
        """Entries in ascending order, all after the last one that is there."""
        start = 0
        if self._runs and len(self._runs[-1]) < LOAD:
            start = min(LOAD - len(self._runs[-1]), len(entries))
            self._runs[-1].extend(entries[:start])
            self._keys[-1].extend([entry.key for entry in entries[:start]])
            self._lasts[-1] = self._keys[-1][-1]
        for at in range(start, len(entries), LOAD):
            run = entries[at : at + LOAD]
            keys = [entry.key for entry in run]
            self._runs.append(run)
            self._keys.append(keys)
            self._lasts.append(keys[-1])
        self._size += len(entries)

    def clear(self) -> None:
        self._keys, self._runs, self._lasts, self._size = [], [], [], 0

    def index(self, key: Key) -> int:
        """How many entries come before ``key``, whether it is there or not."""
        at = bisect_left(self._lasts, key)
        before = sum(map(len, self._runs[:at]))
        return before + (bisect_left(self._keys[at], key) if at < len(self._keys) else 0)

    def slice(self, start: int, count: int) -> list[Entry]:
        """Up to ``count`` entries from position ``start``."""
        found: list[Entry] = []
        for run in self._runs:
            if start >= len(run):
                start -= len(run)
                continue
            found += run[start : start + count - len(found)]
            start = 0
            if len(found) >= count:
                break
        return found

    @property
    def last(self) -> Key | None:
        """The key of the last entry."""
        return self._lasts[-1] if self._lasts else None

    def run_after(self, key: Key | None) -> list[Entry]:
        """The next stretch of entries after ``key`` (from the beginning when None); empty at the end."""
        if key is None:
            return self._runs[0] if self._runs else []
        at = bisect_right(self._lasts, key)
        if at == len(self._runs):
            return []
        where = bisect_right(self._keys[at], key)
        return self._runs[at][where:] if where else self._runs[at]

    def _split(self, at: int) -> None:
        keys, run = self._keys[at], self._runs[at]
        middle = len(keys) // 2
        self._keys[at : at + 1] = [keys[:middle], keys[middle:]]
        self._runs[at : at + 1] = [run[:middle], run[middle:]]
        self._lasts.insert(at, keys[middle - 1])


def _key(entry: Entry) -> Key:
    return entry.key
