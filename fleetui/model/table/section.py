"""A stretch of a view: one group's rows, those in trouble before the calm ones, each in order and filtered."""

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.table.order import Entry, Key, Order
from fleetui.model.table.sorting import CALM, RANKS

R = TypeVar("R")

FOLD_FROM = 4
"""Fewer calm rows than this are shown rather than folded: the folded line itself takes one."""


class RowLine(msgspec.Struct, Generic[R], frozen=True):
    id: str
    row: R


class GroupLine(msgspec.Struct, frozen=True):
    """The headline of a group."""

    id: str
    label: str
    """Empty for the rows that have no such label."""
    rows: int
    counts: tuple[tuple[Health, int], ...]
    """Trouble only, worst first; empty while a filter hides some of it."""
    open: bool


class FoldLine(msgspec.Struct, frozen=True):
    """Stands for the calm rows: ``131 calm``."""

    id: str
    group: str
    rows: int
    open: bool


class Part:
    """Rows in their kept order, and those of them that the filter lets through."""

    def __init__(self) -> None:
        self.base = Order()
        self.shown = self.base
        self.scanned: Key | None = None
        """The filter has looked at everything up to here."""
        self.done = True
        """The filter has looked at everything."""

    def begin_scan(self) -> None:
        self.shown, self.scanned, self.done = Order(), None, not self.base

    def show_all(self) -> None:
        self.shown, self.scanned, self.done = self.base, None, True

    def narrow(self, judge: Callable[[list[Entry]], list[Entry]]) -> None:
        """The scan is over and the next filter shows less: it need only look at what is shown."""
        before, self.shown = self.shown, Order()
        self.shown.extend(judge(list(before)))

    def passed(self, key: Key) -> bool:
        """Whether the scan is beyond this place, so that nobody else will show an entry that comes here."""
        return self.done or (self.scanned is not None and key <= self.scanned)

    def next_run(self) -> list[Entry]:
        """What the scan looks at next; empty when it is through."""
        run = self.base.run_after(self.scanned)
        if run:
            self.scanned = run[-1].key
        self.done = not run or self.scanned == self.base.last
        return run


class Section:
    """One group; the whole view when there is no grouping."""

    def __init__(self, label: str, *, folding: bool) -> None:
        self.label = label
        self.folding = folding
        self.trouble = Part()
        self.calm = Part()
        self.counts = [0] * len(RANKS)
        self.open = True
        self.calm_open = False

    @property
    def parts(self) -> tuple[Part, Part]:
        return (self.trouble, self.calm)

    def part_of(self, entry: Entry) -> Part:
        return self.calm if self.folding and entry.rank == CALM else self.trouble

    @property
    def rows(self) -> int:
        return len(self.trouble.base) + len(self.calm.base)

    @property
    def shown(self) -> int:
        """Rows that the filter lets through, folded or not."""
        return len(self.trouble.shown) + len(self.calm.shown)

    @property
    def worst(self) -> int:
        return next((rank for rank, count in enumerate(self.counts) if count), CALM)

    @property
    def place(self) -> tuple[int, bool, str]:
        """Where the section stands among others: the worst first, the ones without a label last."""
        return (self.worst, not self.label, self.label)

    def folded(self, *, filtered: bool) -> bool:
        """Whether a folded line stands for the calm rows: a filter looks for rows, so it shows them."""
        return self.folding and not filtered and len(self.calm.shown) >= FOLD_FROM

    def group_line(self, *, filtered: bool) -> GroupLine:
        counts = () if filtered else tuple(self._trouble_counts())
        return GroupLine(group_id(self.label), self.label, self.shown, counts, self.open)

    def fold_line(self) -> FoldLine:
        return FoldLine(fold_id(self.label), self.label, len(self.calm.shown), self.calm_open)

    def blocks(self, *, grouped: bool, filtered: bool) -> "Iterable[Order | GroupLine | FoldLine]":
        """What the section shows, from top to bottom."""
        if filtered and not self.shown:
            return
        if grouped:
            yield self.group_line(filtered=filtered)
            if not self.open:
                return
        yield self.trouble.shown
        folded = self.folded(filtered=filtered)
        if folded:
            yield self.fold_line()
        if not folded or self.calm_open:
            yield self.calm.shown

    def _trouble_counts(self) -> Iterator[tuple[Health, int]]:
        for health, rank in RANKS.items():
            if self.counts[rank] and rank != CALM:
                yield health, self.counts[rank]


def group_id(label: str) -> str:
    """NUL cannot be in a row's id."""
    return f"\0group\0{label}"


def fold_id(label: str) -> str:
    return f"\0calm\0{label}"
