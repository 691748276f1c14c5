"""Where a feed puts its rows: the table, the tally and the history of one cluster, in slices the loop can bear."""

import asyncio
import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Generic, TypeVar

import msgspec

from fleetui.model.history import Transition
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from fleetui.observe.history import History
from fleetui.observe.table import Table
from fleetui.observe.tally import Tally

K = TypeVar("K", bound=Machine | Pod)
T = TypeVar("T")

SLICE = 500
"""Rows applied before the loop may do something else: about 2 ms on a slow core."""

SMALL = 50
"""Below it a change is applied at once: a busy watch, not a list."""

FREEZE_EVERY = 10_000
"""Rows put in between two ``gc.freeze()``: the collector then no longer walks what a list has brought."""


class Turns:
    """Shared by the shelves of a fleet: one slice of one cluster in one turn of the loop, however many clusters list
    at the same time; a key pressed meanwhile waits for one slice, not for a hundred."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._unfrozen = 0

    async def take(self, work: Callable[[], None], rows: int) -> None:
        """Do a slice's work, then let the loop do other things before anybody's next slice."""
        async with self._lock:
            work()
            self._freeze(rows)
            await asyncio.sleep(0)

    def _freeze(self, rows: int) -> None:
        self._unfrozen += rows
        if self._unfrozen >= FREEZE_EVERY:
            self._unfrozen = 0
            gc.freeze()


class Shelf(Generic[K]):
    """One cluster's part of one table. The only writer of that part."""

    def __init__(
        self,
        *,
        cluster: str,
        table: Table[K],
        tally: Tally[K],
        history: History,
        transitions: Callable[[K | None, K | None, float], tuple[Transition, ...]],
        now: Callable[[], float],
        turns: Turns,
    ) -> None:
        self._cluster = cluster
        self._table = table
        self._tally = tally
        self._history = history
        self._transitions = transitions
        self._now = now
        self._turns = turns
        self.rows: Mapping[str, K] = table.part(cluster)

    async def put(self, upserts: Sequence[tuple[str, K]], removes: Sequence[str], *, news: bool) -> None:
        """Apply in slices. ``news`` says that differences belong in the history: not in a session's first list."""
        if len(upserts) + len(removes) < SMALL:
            self._upsert(upserts, news=news)
            self._remove(removes, news=news)
            return
        for some in _sliced(upserts):
            await self._turns.take(partial(self._upsert, some, news=news), len(some))
        for gone in _sliced(removes):
            await self._turns.take(partial(self._remove, gone, news=news), 0)

    def restore(self, items: Iterable[K]) -> None:
        """Rows of an earlier session, where no live ones are yet. They are not news."""
        old = ((f"{self._cluster}/{item.uid}", item) for item in items)
        self._upsert([(row_id, item) for row_id, item in old if row_id not in self.rows], news=False)

    def clear(self) -> None:
        """All rows out, without a word in the history: we no longer look, or it was another cluster."""
        self._table.drop(self._cluster)
        self._tally.clear()

    def _upsert(self, upserts: Sequence[tuple[str, K]], *, news: bool) -> None:
        loud, quiet = [], []
        for row_id, row in upserts:
            known = self.rows.get(row_id)
            if known is not None and _same(known, row):
                quiet.append((row_id, row))
                continue
            loud.append((row_id, row))
            self._recount(known, row)
            if news:
                self._history.add(self._transitions(known, row, self._now()))
        self._table.apply(self._cluster, loud, quiet=quiet)

    def _remove(self, removes: Sequence[str], *, news: bool) -> None:
        for row_id in removes:
            known = self.rows.get(row_id)
            if known is None:
                continue
            self._tally.count(known, -1)
            if news:
                self._history.add(self._transitions(known, None, self._now()))
        self._table.apply(self._cluster, removes=removes)

    def _recount(self, known: K | None, row: K) -> None:
        if known is not None:
            self._tally.count(known, -1)
        self._tally.count(row, 1)


def _same(known: K, row: K) -> bool:
    """Equal but for the resourceVersion, which every heartbeat moves and nobody shows."""
    if known.resource_version == row.resource_version:
        return known == row
    return msgspec.structs.replace(known, resource_version=row.resource_version) == row


def _sliced(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), SLICE):
        yield items[start : start + SLICE]
