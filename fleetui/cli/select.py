"""The rows that a filter keeps, in the order that was asked for, in one go: what a view does for a screen."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from fleetui.model.table.column import Table, natural
from fleetui.model.table.filter import EVERYTHING, Filter
from fleetui.model.table.order import NOWHERE, Entry
from fleetui.model.table.sorting import RANKS, TROUBLE, Sort, key_maker

R = TypeVar("R")

BY_TROUBLE = "trouble"
"""The screens' order: broken, warning, busy, unknown, calm, and by name among equals."""


class SelectionError(ValueError):
    """A filter that cannot be read, or a column that is not there."""


class Selection(NamedTuple):
    rows: Sequence[object]
    unknown: int
    """Rows of which the filter cannot tell, because what it asks about is not known. They are left out."""


def select(
    table: Table[R], rows: Sequence[R], *, kept: Filter[Any] = EVERYTHING, sort: str = "", now: float
) -> Selection:
    """``sort`` is a column, ``-`` before it for descending, or ``trouble``; empty keeps the order of ``rows``.

    Raises SelectionError with the place and the choices.
    """
    try:
        key = key_maker(table, _sort(sort))
    except ValueError as error:
        raise SelectionError(str(error)) from error
    if kept is EVERYTHING and not sort:
        return Selection(rows, 0)
    entries = [_entry(table, row) for row in rows]
    shown = kept.keep(entries, now)
    if sort:
        shown = sorted(shown, key=lambda entry: key(entry.row, entry.rank, entry.tie, entry.id))
    return Selection([entry.row for entry in shown], len(kept.doubt(entries, now)))


def _sort(text: str) -> Sort:
    if text == BY_TROUBLE:
        return Sort(TROUBLE)
    return Sort(text.removeprefix("-"), descending=text.startswith("-"))


def _entry(table: Table[R], row: R) -> Entry:
    rank = RANKS[table.health(row)]
    return Entry(NOWHERE, table.id(row), row, natural(table.title(row)), table.haystack(row), rank)
