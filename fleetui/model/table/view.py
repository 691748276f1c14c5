"""What a table shows, in its order, while the fleet goes on changing.

A view keeps every row at its place (sorted, grouped), filters over that order, and does long work in slices: ``apply``,
``refine`` and ``arrange`` do the first slice, ``advance`` the next, until ``settled``. So the first screenful is there
at once, however many rows there are, and a key never waits for the rest.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Generic, TypeVar

import msgspec

from fleetui.model.picture import Delta
from fleetui.model.table.arrangement import Arrangement
from fleetui.model.table.column import Table, natural
from fleetui.model.table.filter import EVERYTHING, Filter
from fleetui.model.table.order import NOWHERE, Entry
from fleetui.model.table.section import FoldLine, GroupLine, Part, RowLine, fold_id, group_id
from fleetui.model.table.sorting import CALM, RANKS, Sort, key_maker

R = TypeVar("R")

Line = RowLine[R] | GroupLine | FoldLine

PLACED_PER_SLICE = 1_000
"""Rows put at their place in one slice: 4 ms of machines, 10 ms of alerts."""
REPLACED_PER_SLICE = 5_000
"""Known rows put at another place in one slice: about 15 ms."""
SCANNED_PER_SLICE = 20_000
"""Rows that a filter looks at in one slice: 2 to 15 ms. So many are filtered before the next paint, with their count:
ending at the first screenful would paint twice and be no quicker to the eye. With more rows the slice ends there."""
SCANNED_OF_MANY = 8_000
"""The same with more rows than that: it takes several slices anyway, and the next letter waits for one."""
FIRST_SCREENFUL = 100
"""Lines that are enough to paint."""
NARROWED_AT_ONCE = 2 * SCANNED_PER_SLICE


class Change(msgspec.Struct, frozen=True):
    """What a step did to the lines of the view."""

    rows: frozenset[str] = frozenset()
    """Ids of rows that are shown as before but say something else."""
    moved: bool = False
    """Lines came, went or changed places."""

    def __bool__(self) -> bool:
        return self.moved or bool(self.rows)

    def __or__(self, other: "Change") -> "Change":
        return Change(self.rows | other.rows, self.moved or other.moved)


NO_CHANGE = Change()
MOVED = Change(moved=True)


class Counts(msgspec.Struct, frozen=True):
    shown: int
    """Rows that the filter lets through, folded ones among them."""
    total: int
    unknown: int
    """Rows of which the filter cannot tell, because what it asks about is not known. They are not shown."""


class View(Generic[R]):
    """The rows of one table as one screen wants them. ``now`` (Unix seconds) is what filters on ages compare with."""

    def __init__(self, table: Table[R], *, now: float = 0.0, sort: Sort | None = None, folding: bool = False) -> None:
        self.table = table
        self.now = now
        self.sort = sort or Sort()
        self.filter: Filter[R] = EVERYTHING
        self.grouping = ""
        self.faults_only = False
        self._key = key_maker(table, self.sort)
        self._group: Callable[[R], str] = _no_group
        self._entries: dict[str, Entry] = {}
        self._waiting: deque[tuple[str, R]] = deque()
        """Rows that have not been looked at yet."""
        self._unplaced: deque[Entry] = deque()
        """Known rows on their way to another order; their keys are ``NOWHERE``."""
        self._places = Arrangement(folding=folding)
        self._doubtful: set[str] = set()

    # Reading.

    def __len__(self) -> int:
        """Lines, headlines and folded lines among them."""
        return len(self._places)

    @property
    def folding(self) -> bool:
        return self._places.folding

    @property
    def settled(self) -> bool:
        """No work is left for ``advance``."""
        return all(part.done for part in self._places.parts()) and not self._waiting and not self._unplaced

    @property
    def counts(self) -> Counts:
        return Counts(self._places.shown, len(self._entries), len(self._doubtful))

    def window(self, start: int, count: int) -> list[Line[R]]:
        """Up to ``count`` lines from line ``start``."""
        return self._places.window(start, count)

    def index_of(self, line_id: str) -> int | None:
        """The line that shows this row, headline or fold; None when no line does."""
        return self._places.index_of(line_id, self._entries.get(line_id))

    def is_coming(self, row_id: str) -> bool:
        """True for a known row whose turn has not come: work that is left will show it, or not."""
        entry = self._entries.get(row_id)
        if entry is None:
            return False
        return entry.key == NOWHERE or not self._places.part_of(entry).passed(entry.key)

    def stands_for(self, row_id: str) -> str | None:
        """The headline or folded line that hides a row which the filter lets through; None when nothing does."""
        entry = self._entries.get(row_id)
        if entry is None or entry.key == NOWHERE:
            return None
        if entry.key not in self._places.part_of(entry).shown:
            return None
        for line_id in (fold_id(entry.group), group_id(entry.group)):
            if self.index_of(line_id) is not None:
                return line_id
        return None

    def row(self, row_id: str) -> R | None:
        entry = self._entries.get(row_id)
        return None if entry is None else entry.row

    def rows(self) -> Iterator[R]:
        """The rows that the filter lets through, in order, folded ones among them."""
        return (entry.row for part in self._places.parts() for entry in part.shown)

    def all_rows(self) -> Iterator[R]:
        """Whatever the filter says; in no order."""
        return (entry.row for entry in self._entries.values())

    def rows_of(self, line_id: str) -> tuple[R, ...]:
        """The rows that a headline or a folded line stands for, as far as the filter lets them through; none for a
        row."""
        entries = (entry for part in self._places.parts() for entry in part.shown)
        return tuple(
            entry.row
            for entry in entries
            if line_id == group_id(entry.group) or (line_id == fold_id(entry.group) and entry.rank == CALM)
        )

    def stays(self, row_id: str, row: R) -> bool:
        """Whether this row would take the place of the known one of its id: no line would move."""
        before = self._entries.get(row_id)
        if before is None or before.key == NOWHERE:
            return False
        rank = RANKS[self.table.health(row)]
        key = self._key(row, rank, natural(self.table.title(row)), row_id)
        return (key, self._group(row), rank) == (before.key, before.group, before.rank)

    def sample(self, count: int) -> list[R]:
        """Up to ``count`` rows spread over all of them, to measure columns by."""
        step = max(1, len(self._entries) // count)
        return [entry.row for entry in islice(self._entries.values(), 0, None, step)]

    # Changing what is there.

    def apply(self, delta: Delta[R]) -> Change:
        """Takes a delta in; rows of a large one wait for their turn.

        A reset replaces the rows one by one: those that are still there keep their places, so nothing blinks.
        """
        removes = self._left_out(delta) if delta.reset else delta.removes
        if delta.reset and len(removes) * 2 > len(self._entries):
            self._forget()
            self._take_in(delta.upserts)
            return MOVED
        if removes and self._waiting:
            gone = frozenset(removes)
            self._waiting = deque(item for item in self._waiting if item[0] not in gone)
        change = NO_CHANGE
        for row_id in removes:
            change |= self._remove(row_id)
        return change | self._take_in(delta.upserts)

    def _left_out(self, delta: Delta[R]) -> Sequence[str]:
        """The rows that a reset forgets."""
        self._waiting.clear()
        kept = frozenset(row_id for row_id, _ in delta.upserts)
        return [row_id for row_id in self._entries if row_id not in kept]

    def _take_in(self, upserts: Sequence[tuple[str, R]]) -> Change:
        if len(upserts) > PLACED_PER_SLICE or self._waiting:
            self._waiting.extend(upserts)
            return self.advance()
        return self._upsert_all(upserts)

    def advance(self) -> Change:
        """One slice of the work that is left."""
        if self._unplaced:
            return self._replace_slice()
        if self._waiting:
            return self._upsert_slice()
        return self._scan_slice()

    def settle(self) -> None:
        """All of the work that is left: for readers without a screen."""
        while not self.settled:
            self.advance()

    # Changing how it is shown.

    def refine(self, wanted: Filter[R], *, faults_only: bool | None = None) -> None:
        """Another filter; the first slice of its result is there when this returns."""
        before, faults_before = self.filter, self.faults_only
        self.filter = wanted
        self.faults_only = faults_before if faults_only is None else faults_only
        self._places.filtered = self.faults_only or wanted is not EVERYTHING
        narrows = self._places.filtered and wanted.narrows(before) and self.faults_only == faults_before
        if narrows and before is not EVERYTHING and self.settled and self.counts.shown <= NARROWED_AT_ONCE:
            for part in self._places.parts():
                part.narrow(self._judge)
        else:
            self._rescan()

    def tick(self, now: float) -> Change:
        """Moves the time; a filter that asks for ages looks again."""
        self.now = now
        if not self.filter.asks_time:
            return NO_CHANGE
        self._rescan()
        return MOVED

    def arrange(self, sort: Sort | None = None, *, by: str | None = None, folding: bool | None = None) -> None:
        """Another order, grouping or folding. Raises ValueError with the choices; nothing has changed then."""
        new_sort = self.sort if sort is None else sort
        new_by = self.grouping if by is None else by
        key, group = key_maker(self.table, new_sort), self.table.grouping(new_by) if new_by else _no_group
        self.sort, self._key, self.grouping, self._group = new_sort, key, new_by, group
        self._places.grouped = bool(new_by)
        self._places.folding = self.folding if folding is None else folding
        self._rearrange()

    def toggle(self, line_id: str) -> bool:
        """Opens or closes a headline or a folded line; False when the id is neither's."""
        return self._places.toggle(line_id)

    # Inside.

    def _forget(self) -> None:
        self._entries.clear()
        self._waiting.clear()
        self._unplaced.clear()
        self._clear_places()

    def _clear_places(self) -> None:
        self._places.clear()
        self._doubtful.clear()

    def _rearrange(self) -> None:
        """All known rows leave their places, in the old order, and come to the new ones slice by slice."""
        entries = [entry for part in self._places.parts() for entry in part.base]
        self._clear_places()
        for entry in entries:
            entry.key = NOWHERE
        self._unplaced.extend(entries)
        self.advance()

    def _rescan(self) -> None:
        self._doubtful.clear()
        for part in self._places.parts():
            part.begin_scan() if self._places.filtered else part.show_all()
        self.advance()

    def _upsert_slice(self) -> Change:
        waiting = self._waiting
        return self._upsert_all([waiting.popleft() for _ in range(min(PLACED_PER_SLICE, len(waiting)))])

    def _replace_slice(self) -> Change:
        unplaced = self._unplaced
        batch = [unplaced.popleft() for _ in range(min(REPLACED_PER_SLICE, len(unplaced)))]
        here = [entry for entry in batch if self._entries.get(entry.id) is entry]
        for entry in here:
            entry.key = self._key(entry.row, entry.rank, entry.tie, entry.id)
            entry.group = self._group(entry.row)
        self._place(here)
        return MOVED

    def _upsert_all(self, upserts: Sequence[tuple[str, R]]) -> Change:
        changed: list[str] = []
        moved = False
        fresh: list[Entry] = []
        for row_id, row in dict(upserts).items():
            entry = self._entries.get(row_id)
            if entry is None:
                fresh.append(self._entry(row_id, row))
            elif self._update(entry, row):
                moved = True
            else:
                changed.append(row_id)
        self._place(fresh)
        return Change(frozenset(changed), moved or bool(fresh))

    def _entry(self, row_id: str, row: R, before: Entry | None = None) -> Entry:
        """``before``: the one that it takes the place of."""
        table = self.table
        rank = RANKS[table.health(row)]
        if before is not None and table.reads_as is not None and table.reads_as(before.row, row):
            tie, hay = before.tie, before.hay
        else:
            tie, hay = natural(table.title(row)), table.haystack(row)
        entry = Entry(self._key(row, rank, tie, row_id), row_id, row, tie, hay, rank, self._group(row))
        self._entries[row_id] = entry
        return entry

    def _place(self, fresh: list[Entry]) -> None:
        """New entries go to their parts, many at once where there are many."""
        by_part: dict[int, tuple[Part, list[Entry]]] = {}
        for entry in fresh:
            part = self._places.count_in(entry)
            by_part.setdefault(id(part), (part, []))[1].append(entry)
        for part, entries in by_part.values():
            part.base.merge(entries)
            if part.shown is not part.base:
                part.shown.merge(self._judge([entry for entry in entries if part.passed(entry.key)]))

    def _update(self, entry: Entry, row: R) -> bool:
        """True when lines came, went or changed places."""
        fresh = self._entry(entry.id, row, entry)
        if entry.key == NOWHERE:
            self._entries[entry.id] = entry
            entry.row, entry.hay, entry.tie, entry.rank = row, fresh.hay, fresh.tie, fresh.rank
            return False
        part = self._places.part_of(entry)
        if (fresh.key, fresh.rank, fresh.group) == (entry.key, entry.rank, entry.group):
            self._entries[entry.id] = entry
            entry.row, entry.hay, entry.tie = row, fresh.hay, fresh.tie
            return self._review(entry, part)
        self._take_out(entry, part)
        self._place([fresh])
        return True

    def _review(self, entry: Entry, part: Part) -> bool:
        """The same place, but perhaps the filter now thinks otherwise."""
        if part.shown is part.base or not part.passed(entry.key):
            return False
        self._doubtful.discard(entry.id)
        was_shown, shows = entry.key in part.shown, bool(self._judge([entry]))
        if shows and not was_shown:
            part.shown.add(entry)
        elif was_shown and not shows:
            part.shown.remove(entry.key)
        return shows is not was_shown

    def _remove(self, row_id: str) -> Change:
        entry = self._entries.pop(row_id, None)
        if entry is None or entry.key == NOWHERE:
            return NO_CHANGE
        self._take_out(entry, self._places.part_of(entry))
        return MOVED

    def _take_out(self, entry: Entry, part: Part) -> None:
        self._doubtful.discard(entry.id)
        part.base.remove(entry.key)
        if part.shown is not part.base and entry.key in part.shown:
            part.shown.remove(entry.key)
        self._places.count_out(entry)

    def _scan_slice(self) -> Change:
        scanned = 0
        many = len(self._entries) > SCANNED_PER_SLICE
        first = many and self.counts.shown == 0
        limit = min(SCANNED_OF_MANY, SCANNED_PER_SLICE) if many else SCANNED_PER_SLICE
        for part in self._places.parts():
            while not part.done and scanned < limit:
                run = part.next_run()
                part.shown.extend(self._judge(run))
                scanned += len(run)
                if first and self.counts.shown >= FIRST_SCREENFUL:
                    return MOVED
        return MOVED if scanned else NO_CHANGE

    def _judge(self, entries: list[Entry]) -> list[Entry]:
        """Those that the filter lets through; counts those of which it cannot tell."""
        if self.faults_only:
            entries = [entry for entry in entries if entry.rank != CALM]
        kept = self.filter.keep(entries, self.now)
        if self.filter.can_doubt:
            self._doubtful.update(entry.id for entry in self.filter.doubt(entries, self.now))
        return kept


def _no_group(_: object) -> str:
    return ""
