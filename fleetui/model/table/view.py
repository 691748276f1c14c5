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
from fleetui.model.table.column import Table, natural
from fleetui.model.table.filter import EVERYTHING, Filter
from fleetui.model.table.order import NOWHERE, Entry, Order
from fleetui.model.table.section import FoldLine, GroupLine, Part, RowLine, Section, fold_id, group_id
from fleetui.model.table.sorting import CALM, RANKS, Sort, key_maker

R = TypeVar("R")

Line = RowLine[R] | GroupLine | FoldLine

PLACED_PER_SLICE = 2_000
"""Rows put at their place in one slice: about 8 ms."""
REPLACED_PER_SLICE = 5_000
"""Known rows put at another place in one slice: about 15 ms."""
SCANNED_PER_SLICE = 20_000
"""Rows that a filter looks at in one slice: 2 to 15 ms. So many are filtered before the next paint, with their count:
ending at the first screenful would paint twice and be no quicker to the eye."""
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
        self.folding = folding
        self.faults_only = False
        self._key = key_maker(table, self.sort)
        self._group: Callable[[R], str] = _no_group
        self._entries: dict[str, Entry] = {}
        self._waiting: deque[tuple[str, R]] = deque()
        """Rows that have not been looked at yet."""
        self._unplaced: deque[Entry] = deque()
        """Known rows on their way to another order; their keys are ``NOWHERE``."""
        self._turned: set[str] = set()
        """Line ids of headlines that were closed, and of folded lines that were opened."""
        self._sections: dict[str, Section] = {}
        self._ordered: list[Section] | None = None
        self._doubtful: set[str] = set()

    # Reading.

    def __len__(self) -> int:
        """Lines, headlines and folded lines among them."""
        return sum(_size(block) for block in self._blocks())

    @property
    def settled(self) -> bool:
        """No work is left for ``advance``."""
        scanned = all(part.done for section in self._sections.values() for part in section.parts)
        return scanned and not self._waiting and not self._unplaced

    @property
    def counts(self) -> Counts:
        shown = sum(section.shown for section in self._sections.values())
        return Counts(shown, len(self._entries), len(self._doubtful))

    def window(self, start: int, count: int) -> list[Line[R]]:
        """Up to ``count`` lines from line ``start``."""
        lines: list[Line[R]] = []
        for block in self._blocks():
            size = _size(block)
            if start >= size:
                start -= size
                continue
            if isinstance(block, Order):
                lines += [RowLine(entry.id, entry.row) for entry in block.slice(start, count - len(lines))]
            else:
                lines.append(block)
            start = 0
            if len(lines) >= count:
                break
        return lines

    def index_of(self, line_id: str) -> int | None:
        """The line that shows this row, headline or fold; None when no line does."""
        entry = self._entries.get(line_id)
        section = self._sections.get(entry.group) if entry else None
        order = section.part_of(entry).shown if section and entry else None
        before = 0
        for block in self._blocks():
            if isinstance(block, Order):
                if block is order and entry is not None:
                    return before + block.index(entry.key) if entry.key in block else None
            elif block.id == line_id:
                return before
            before += _size(block)
        return None

    def is_coming(self, row_id: str) -> bool:
        """True for a known row whose turn has not come: work that is left will show it, or not."""
        entry = self._entries.get(row_id)
        if entry is None:
            return False
        return entry.key == NOWHERE or not self._sections[entry.group].part_of(entry).passed(entry.key)

    def stands_for(self, row_id: str) -> str | None:
        """The headline or folded line that hides a row which the filter lets through; None when nothing does."""
        entry = self._entries.get(row_id)
        if entry is None or entry.key == NOWHERE:
            return None
        if entry.key not in self._sections[entry.group].part_of(entry).shown:
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
        for section in self._in_order():
            for part in section.parts:
                for entry in part.shown:
                    yield entry.row

    def sample(self, count: int) -> list[R]:
        """Up to ``count`` rows spread over all of them, to measure columns by."""
        step = max(1, len(self._entries) // count)
        return [entry.row for entry in islice(self._entries.values(), 0, None, step)]

    # Changing what is there.

    def apply(self, delta: Delta[R]) -> Change:  # type: ignore[type-var]  # any rows, not only those of the picture
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

    def _left_out(self, delta: Delta[R]) -> Sequence[str]:  # type: ignore[type-var]
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
        narrows = self._filtered and wanted.narrows(before) and self.faults_only == faults_before
        if narrows and before is not EVERYTHING and self.settled and self.counts.shown <= NARROWED_AT_ONCE:
            for section in self._sections.values():
                for part in section.parts:
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
        self.folding = self.folding if folding is None else folding
        self._rearrange()

    def toggle(self, line_id: str) -> bool:
        """Opens or closes a headline or a folded line; False when the id is neither's."""
        for section in self._sections.values():
            if line_id == group_id(section.label):
                section.open = not section.open
            elif line_id == fold_id(section.label):
                section.calm_open = not section.calm_open
            else:
                continue
            self._turned ^= {line_id}
            return True
        return False

    # Inside.

    @property
    def _filtered(self) -> bool:
        return self.faults_only or self.filter is not EVERYTHING

    def _blocks(self) -> Iterator[Order | GroupLine | FoldLine]:
        grouped, filtered = bool(self.grouping), self._filtered
        for section in self._in_order():
            yield from section.blocks(grouped=grouped, filtered=filtered)

    def _in_order(self) -> list[Section]:
        if self._ordered is None:
            self._ordered = sorted(self._sections.values(), key=lambda section: section.place)
        return self._ordered

    def _forget(self) -> None:
        self._entries.clear()
        self._waiting.clear()
        self._unplaced.clear()
        self._clear_places()

    def _clear_places(self) -> None:
        self._sections.clear()
        self._doubtful.clear()
        self._ordered = None

    def _rearrange(self) -> None:
        """All known rows leave their places, in the old order, and come to the new ones slice by slice."""
        entries = [entry for section in self._in_order() for part in section.parts for entry in part.base]
        self._clear_places()
        for entry in entries:
            entry.key = NOWHERE
        self._unplaced.extend(entries)
        self.advance()

    def _rescan(self) -> None:
        self._doubtful.clear()
        for section in self._sections.values():
            for part in section.parts:
                part.begin_scan() if self._filtered else part.show_all()
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

    def _entry(self, row_id: str, row: R) -> Entry:
        table = self.table
        rank = RANKS[table.health(row)]
        tie = natural(table.title(row))
        entry = Entry(self._key(row, rank, tie, row_id), row_id, row, tie, table.haystack(row), rank, self._group(row))
        self._entries[row_id] = entry
        return entry

    def _place(self, fresh: list[Entry]) -> None:
        """New entries go to their parts, many at once where there are many."""
        by_part: dict[int, tuple[Part, list[Entry]]] = {}
        for entry in fresh:
            part = self._count(entry, 1).part_of(entry)
            by_part.setdefault(id(part), (part, []))[1].append(entry)
        for part, entries in by_part.values():
            part.base.merge(entries)
            if part.shown is not part.base:
                part.shown.merge(self._judge([entry for entry in entries if part.passed(entry.key)]))

    def _update(self, entry: Entry, row: R) -> bool:
        """True when lines came, went or changed places."""
        fresh = self._entry(entry.id, row)
        if entry.key == NOWHERE:
            self._entries[entry.id] = entry
            entry.row, entry.hay, entry.tie, entry.rank = row, fresh.hay, fresh.tie, fresh.rank
            return False
        part = self._sections[entry.group].part_of(entry)
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
        self._take_out(entry, self._sections[entry.group].part_of(entry))
        return MOVED

    def _take_out(self, entry: Entry, part: Part) -> None:
        self._doubtful.discard(entry.id)
        part.base.remove(entry.key)
        if part.shown is not part.base and entry.key in part.shown:
            part.shown.remove(entry.key)
        self._count(entry, -1)

    def _count(self, entry: Entry, by: int) -> Section:
        section = self._section(entry.group)
        worst = section.worst
        section.counts[entry.rank] += by
        if section.worst != worst:
            self._ordered = None
        if not any(section.counts):
            del self._sections[entry.group]
            self._ordered = None
        return section

    def _section(self, label: str) -> Section:
        section = self._sections.get(label)
        if section is None:
            section = self._sections[label] = Section(label, folding=self.folding)
            section.open = group_id(label) not in self._turned
            section.calm_open = fold_id(label) in self._turned
            self._ordered = None
            if self._filtered:
                for part in section.parts:
                    part.begin_scan()
        return section

    def _scan_slice(self) -> Change:
        scanned = 0
        for part in (part for section in self._in_order() for part in section.parts if not part.done):
            while not part.done and scanned < SCANNED_PER_SLICE:
                run = part.next_run()
                part.shown.extend(self._judge(run))
                scanned += len(run)
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


def _size(block: Order | GroupLine | FoldLine) -> int:
    return len(block) if isinstance(block, Order) else 1
