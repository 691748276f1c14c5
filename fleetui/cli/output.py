"""Rows as text: aligned columns, JSON, YAML, CSV or bare names. Text was made harmless where it entered the program."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import msgspec

from fleetui.model.table.column import Align, Column, Json, Table
from fleetui.model.text import clean

R = TypeVar("R")

Dump = Callable[[object], str]
"""A value as YAML; given by who may import a YAML library."""

GAP = "   "


def render(table: Table[R], rows: Sequence[R], *, output: str, now: float, headers: bool, to_yaml: Dump) -> str:
    """The whole answer, ending with a newline unless it is empty. JSON and YAML are lists of objects with ``name``."""
    if output == "json":
        return msgspec.json.format(msgspec.json.encode(objects(table, rows)), indent=2).decode() + "\n"
    if output == "yaml":
        return to_yaml(objects(table, rows)) if rows else "[]\n"
    if output == "csv":
        return _csv(table, rows, headers=headers)
    if output == "name":
        return "".join(f"{_one_line(table.title(row))}\n" for row in rows)
    return aligned(shown_columns(table, rows, wide=output == "wide", now=now), rows, now=now, headers=headers)


def objects(table: Table[R], rows: Iterable[R]) -> list[dict[str, Json]]:
    return [{field.name: field.value(row) for field in table.fields} for row in rows]


def json_line(table: Table[R], row: R) -> str:
    """One object on one line: what ``--watch -o json`` prints for each change."""
    return msgspec.json.encode(objects(table, [row])[0]).decode()


def shown_columns(table: Table[R], rows: Sequence[R], *, wide: bool, now: float) -> tuple[Column[R], ...]:
    """Those that have a source: an optional column is there when any row says something in it."""
    return tuple(
        column
        for column in table.columns
        if (wide or not column.wide) and (not column.optional or any(column.text(row, now) for row in rows))
    )


def aligned(columns: Sequence[Column[R]], rows: Sequence[R], *, now: float, headers: bool) -> str:
    """Columns as wide as their widest text; the last one is not padded."""
    drawn = [_draw(column, rows, now=now, headers=headers) for column in columns]
    return "".join(f"{GAP.join(cells).rstrip()}\n" for cells in zip(*drawn, strict=True))


def _draw(column: Column[R], rows: Sequence[R], *, now: float, headers: bool) -> list[str]:
    text = column.text
    cells = [column.title] if headers else []
    cells += [_one_line(text(row, now)) for row in rows]
    width = max(map(len, cells), default=0)
    if column.align is Align.RIGHT:
        return [cell.rjust(width) for cell in cells]
    return [cell.ljust(width) for cell in cells]


def _one_line(text: str) -> str:
    """A line break in a cell would forge a row."""
    return text if text.isprintable() else clean(text)


def _csv(table: Table[R], rows: Iterable[R], *, headers: bool) -> str:
    """One column for each field of the JSON object; lists and objects as JSON inside their cell."""
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
