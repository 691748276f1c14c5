"""Rows as text: aligned columns, JSON, YAML, CSV or bare names. Text was made harmless where it entered the program."""

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TextIO, TypeVar

import msgspec

from fleetui.model.table.column import UNKNOWN, Align, Column, Json, Table
from fleetui.model.text import ELLIPSIS, clean

R = TypeVar("R")

Dump = Callable[[object], str]
"""A value as YAML; given by who may import a YAML library."""

GAP = "   "


def render(
    table: Table[R],
    rows: Sequence[R],
    *,
    output: str,
    now: float,
    headers: bool,
    to_yaml: Dump,
    width: int | None = None,
) -> str:
    """The whole answer, ending with a newline unless it is empty. JSON and YAML are lists of objects with ``name``.
    ``width`` is the terminal's, when there is one: the table is fitted to it."""
    if output == "json":
        return msgspec.json.format(msgspec.json.encode(objects(table, rows)), indent=2).decode() + "\n"
    if output == "yaml":
        return to_yaml(objects(table, rows)) if rows else "[]\n"
    if output == "csv":
        return csv_text(table, rows, headers=headers)
    if output == "name":
        return "".join(f"{one_line(table.title(row))}\n" for row in rows)
    wide = output == "wide"
    columns = shown_columns(table, rows, wide=wide, now=now)
    return Layout.of(columns, rows, now=now, headers=headers, width=None if wide else width)[1]


def terminal_width(out: TextIO) -> int | None:
    """Cells of the terminal that ``out`` is; None for a pipe or a file."""
    if not out.isatty():
        return None
    from shutil import get_terminal_size  # COLUMNS counts, too; a pipe needs none of it

    return get_terminal_size().columns


def objects(table: Table[R], rows: Iterable[R]) -> list[dict[str, Json]]:
    return [{field.name: field.value(row) for field in table.fields} for row in rows]


def shown_columns(table: Table[R], rows: Sequence[R], *, wide: bool, now: float) -> tuple[Column[R], ...]:
    """Those that have a source: an optional column is there when any row says something in it. A question mark is
    something only in the wide table."""
    nothing = ("",) if wide else ("", UNKNOWN)
    return tuple(
        column
        for column in table.columns
        if (wide or not column.wide)
        and (not column.optional or any(column.text(row, now) not in nothing for row in rows))
    )


class Layout(msgspec.Struct, Generic[R], frozen=True):
    """Columns with their widths: those of the widest text at first, kept for the lines that follow."""

    columns: tuple[Column[R], ...]
    widths: tuple[int, ...]
    cut: bool
    """Whether a longer text is cut; else it pushes the rest of its line to the right."""

    @classmethod
    def of(
        cls, columns: Sequence[Column[R]], rows: Sequence[R], *, now: float, headers: bool, width: int | None
    ) -> "tuple[Layout[R], str]":
        """The layout of these rows, and they in it. With a ``width`` they are fitted to it."""
        drawn = [(column, _cells(column, rows, now=now, headers=headers)) for column in columns]
        needs = [max(map(len, cells), default=0) for _, cells in drawn]
        if width is not None:
            from fleetui.cli.fit import fitted  # a pipe needs none of it

            kept = fitted(columns, needs, width=width, gap=len(GAP))
            drawn, needs = [drawn[at] for at in kept], list(kept.values())
        layout = cls(tuple(column for column, _ in drawn), tuple(needs), cut=width is not None)
        return layout, layout._join([cells for _, cells in drawn])

    def lines(self, rows: Sequence[R], *, now: float) -> str:
        return self._join([_cells(column, rows, now=now, headers=False) for column in self.columns])

    def _join(self, drawn: Sequence[Sequence[str]]) -> str:
        """The last column is not padded."""
        shown = [self._fit(at, cells) for at, cells in enumerate(drawn)]
        line = GAP.join(self._form(at) for at in range(len(self.columns)))
        return "".join([f"{(line % cells).rstrip()}\n" for cells in zip(*shown, strict=True)])

    def _fit(self, at: int, cells: Sequence[str]) -> Sequence[str]:
        width = self.widths[at]
        if not self.cut:
            return cells
        return [cell if len(cell) <= width else cell[: width - 1] + ELLIPSIS for cell in cells]

    def _form(self, at: int) -> str:
        """How a cell is padded, as ``%`` knows it: a whole line at once takes a third of the time."""
        return f"%{'' if self.columns[at].align is Align.RIGHT else '-'}{self.widths[at]}s"


def _cells(column: Column[R], rows: Sequence[R], *, now: float, headers: bool) -> list[str]:
    text = column.text
    cells = [text(row, now) for row in rows]
    if not "".join(cells).isprintable():
        cells = [one_line(cell) for cell in cells]
    return [column.title, *cells] if headers else cells


def one_line(text: str) -> str:
    """A line break in a cell would forge a row."""
    return text if text.isprintable() else clean(text)


def csv_text(table: Table[R], rows: Iterable[R], *, headers: bool) -> str:
    """One column for each field of the JSON object; lists and objects as JSON inside their cell."""
    import csv  # no other output needs it

    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    if headers:
        writer.writerow([field.name for field in table.fields])
    writer.writerows([_csv_cell(field.value(row)) for field in table.fields] for row in rows)
    return written.getvalue()


def _csv_cell(value: Json) -> str:
    """Null is empty. Text that a spreadsheet would run as a formula is kept from it by a leading apostrophe."""
    if value is None:
        return ""
    if isinstance(value, list | dict):
        return msgspec.json.encode(value).decode()
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}" if text[:1] in ("=", "@", "+") else text
