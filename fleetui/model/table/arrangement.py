"""The sections of a view, one above the other, and the lines that they make: rows, headlines, folded lines."""

from collections.abc import Iterator
from typing import Any

from fleetui.model.table.order import Entry, Order
from fleetui.model.table.section import FoldLine, GroupLine, Part, RowLine, Section, fold_id, group_id

Block = Order | GroupLine | FoldLine
"""Rows that stand together, or one line that is no row."""


class Arrangement:
    """Sections appear with their first entry and go with their last; what an operator opened or closed is remembered
    by its line, whatever comes and goes."""

    def __init__(self, *, folding: bool) -> None:
        self.folding = folding
        """Calm rows fold; of the sections that appear from now on."""
        self.grouped = False
        self.filtered = False
        self._sections: dict[str, Section] = {}
        self._ordered: list[Section] | None = None
        self._turned: set[str] = set()
        """Line ids of headlines that were closed, and of folded lines that were opened."""

    def clear(self) -> None:
        self._sections.clear()
        self._ordered = None

    # Places.

    def parts(self) -> Iterator[Part]:
        """From top to bottom."""
        return (part for section in self._in_order() for part in section.parts)

    def part_of(self, entry: Entry) -> Part:
        """Of an entry that has been counted in."""
        return self._sections[entry.group].part_of(entry)

    def count_in(self, entry: Entry) -> Part:
        """The part that the entry belongs to; its section appears when it is the first."""
        section = self._sections.get(entry.group) or self._appear(entry.group)
        self._count(section, entry, 1)
        return section.part_of(entry)

    def count_out(self, entry: Entry) -> None:
        section = self._sections[entry.group]
        self._count(section, entry, -1)
        if not any(section.counts):
            del self._sections[entry.group]
            self._ordered = None

    def _count(self, section: Section, entry: Entry, by: int) -> None:
        worst = section.worst
        section.counts[entry.rank] += by
        if section.worst != worst:
            self._ordered = None

    def _appear(self, label: str) -> Section:
        section = self._sections[label] = Section(label, folding=self.folding)
        section.open = group_id(label) not in self._turned
        section.calm_open = fold_id(label) in self._turned
        self._ordered = None
        if self.filtered:
            for part in section.parts:
                part.begin_scan()
        return section

    def _in_order(self) -> list[Section]:
        if self._ordered is None:
            self._ordered = sorted(self._sections.values(), key=lambda section: section.place)
        return self._ordered

    # Lines.

    def __len__(self) -> int:
        """Lines, headlines and folded lines among them."""
        return sum(_size(block) for block in self._blocks())

    @property
    def shown(self) -> int:
        """Rows that the filter lets through, folded ones among them."""
        return sum(section.shown for section in self._sections.values())

    def window(self, start: int, count: int) -> list[RowLine[Any] | GroupLine | FoldLine]:
        """Up to ``count`` lines from line ``start``."""
        lines: list[RowLine[Any] | GroupLine | FoldLine] = []
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

    def index_of(self, line_id: str, entry: Entry | None) -> int | None:
        """The line that shows this headline or fold, or the row of ``entry``; None when no line does."""
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

    def _blocks(self) -> Iterator[Block]:
        for section in self._in_order():
            yield from section.blocks(grouped=self.grouped, filtered=self.filtered)


def _size(block: Block) -> int:
    return len(block) if isinstance(block, Order) else 1
