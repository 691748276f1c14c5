"""How the cells of boards of panels read: one figure, its unit, and never a number for what nobody knows."""

import re
from collections.abc import Callable
from typing import Protocol

from fleetui.model.health.board import IDLE, value_text
from fleetui.model.health.panel_board import PanelRow
from fleetui.model.health.panels import Panel
from fleetui.model.health.sample import Age
from fleetui.model.table.cell_text import HEALTH_STYLES
from fleetui.model.table.column import UNKNOWN, Align, Column, Kind

_SCALES = {"s": 1000.0, "ratio": 100.0}
"""Of the values that filters compare: milliseconds and percent, as they are shown."""


class Dated(Protocol):
    """A row that says whose word it is and of when."""

    @property
    def source(self) -> str: ...
    @property
    def age(self) -> Age: ...
    @property
    def sample_at(self) -> float | None: ...


def figure_text(value: float | None, unit: str) -> str:
    """As narrow as it can be read: ``320ms``, ``2.1%``, ``14``."""
    return UNKNOWN if value is None else value_text(value, unit).replace(" ", "")


def panel_text(row: PanelRow, panel: str, unit: str) -> str:
    cell = row.cell(panel)
    if cell is not None and cell.idle:
        return IDLE
    return figure_text(row.value(panel), unit)


def panel_style(row: PanelRow, panel: str) -> str:
    cell = row.cell(panel)
    if cell is None or (not cell.sample.known and not cell.idle):
        return "unknown"
    if cell.age is Age.STALE:
        return "stale"
    return "faint" if cell.idle else HEALTH_STYLES[cell.level]


def panel_value(panel: Panel) -> Callable[[PanelRow], float | None]:
    """In the unit that the cell shows."""
    scale = _SCALES.get(panel.unit, 1.0)

    def value(row: PanelRow) -> float | None:
        found = row.value(panel.id)
        return None if found is None else round(found * scale, 3)

    return value


def panel_column(
    panel: Panel, title: str, *, priority: int, least: int = 5, most: int = 8, wide: bool = False
) -> Column[PanelRow]:
    """The column of one panel."""
    return Column(
        id=panel.id.replace("_", "-"),
        title=title,
        doc=f"{panel.doc}{_unit_doc(panel.unit)}",
        kind=Kind.NUMBER,
        value=panel_value(panel),
        text=lambda row, _: panel_text(row, panel.id, panel.unit),
        least=least,
        most=most,
        priority=priority,
        align=Align.RIGHT,
        style=lambda row, _: panel_style(row, panel.id),
        wide=wide,
    )


def _unit_doc(unit: str) -> str:
    return {"s": " In milliseconds.", "ratio": " In percent."}.get(unit, "")


def camel(id_: str) -> str:
    """``not_ready`` as ``notReady``, for JSON."""
    return re.sub(r"[-_](\w)", lambda found: found[1].upper(), id_)


def is_late(row: Dated, _: float = 0.0) -> bool:
    return row.age in (Age.LATE, Age.STALE)


def source_sign(row: Dated) -> str:
    return "scraped" if row.source else ""
