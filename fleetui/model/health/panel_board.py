"""A board of panels, one row a cluster: its cells, the worst of them in a word, and why the others are empty. What is
not scraped is never calm."""

from collections.abc import Iterable, Sequence

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.duration import format_duration
from fleetui.model.health import board
from fleetui.model.health.answers import Answers
from fleetui.model.health.board import Cell, value_text
from fleetui.model.health.panel_reading import ClusterView, views
from fleetui.model.health.panels import Exporter, Panel
from fleetui.model.health.sample import Age

NAMED_AT_MOST = 3
"""Figures beyond their limits that a row's reason says; the inspector has all."""
CALM_WORD = "within limits"
NO_SOURCE = "no source"
"""The word of a cluster that no source is asked about."""


class PanelRow(msgspec.Struct, frozen=True):
    """One cluster."""

    cluster: str
    level: Health = Health.UNKNOWN
    word: str = "not asked yet"
    """``within limits``, ``5xx 2.1%``, ``stale``, ``not scraped``."""
    reason: str = ""
    remedy: str = ""
    cells: tuple[Cell, ...] = ()
    """In the order of the board's panels."""
    source: str = ""
    age: Age = Age.NONE
    sample_at: float | None = None
    settled: bool = False
    """Every source that knows it has answered or failed."""

    def cell(self, panel: str) -> Cell | None:
        return next((cell for cell in self.cells if cell.panel == panel), None)

    def value(self, panel: str) -> float | None:
        """None where it is unknown or was not measured."""
        cell = self.cell(panel)
        return cell.sample.value if cell is not None else None


def panel_board(
    panels: Sequence[Panel],
    answers: Sequence[Answers],
    roster: Iterable[str],
    *,
    now: float,
    needed: Sequence[Exporter] = (),
) -> tuple[PanelRow, ...]:
    """By name: every cluster of the roster, and every one besides that a source knows."""
    known = views(answers, panels)
    return tuple(
        _row(name, panels, known[name], needed, now=now) if name in known else _absent(name, panels, answers, now=now)
        for name in sorted({*roster, *known})
    )


def _row(name: str, panels: Sequence[Panel], view: ClusterView, needed: Sequence[Exporter], *, now: float) -> PanelRow:
    cells = tuple(cell_of(panel, view, now=now) for panel in panels)
    level, word, reason, remedy = _verdict(panels, cells, view, needed, now=now)
    return PanelRow(
        cluster=name,
        level=level,
        word=word,
        reason=reason,
        remedy=remedy,
        cells=cells,
        source=view.source,
        age=view.age(now),
        sample_at=view.sample_at,
        settled=True,
    )


def cell_of(panel: Panel, view: ClusterView, *, now: float) -> Cell:
    """The panel's figure of this cluster, or why there is none: broken where it is withheld for what is."""
    reading = view.readings.get(panel.id)
    if reading is None and panel.withheld is not None and view.withholds(panel) and not view.stale(now):
        return board.nothing(panel.id, panel.withheld.short, at=view.received_at, level=Health.BROKEN)
    if reading is None:
        return board.nothing(panel.id, view.why_none(panel.id, panel.exporter)[0], at=view.received_at)
    return board.figure(
        panel.id,
        reading.value,
        sample_at=view.sample_at or 0.0,
        received_at=view.received_at,
        now=now,
        period_s=view.period_s,
        limit=panel.limit,
        host=reading.named,
    )


_Said = tuple[Health, str, str, str]
"""(level, word, reason, remedy)."""


def _verdict(
    panels: Sequence[Panel], cells: Sequence[Cell], view: ClusterView, needed: Sequence[Exporter], *, now: float
) -> _Said:
    if view.stale(now):
        return _stale(view, now)
    bad = sorted(
        (each for each in zip(cells, panels, strict=True) if each[0].level in (Health.BROKEN, Health.WARNING)),
        key=lambda each: board.LEVELS.index(each[0].level),
    )
    if bad:
        told = [cell_sentence(cell, panel) for cell, panel in bad]
        more = f" and {len(bad) - NAMED_AT_MOST} more" if len(bad) > NAMED_AT_MOST else ""
        return bad[0][0].level, told[0], ", ".join(told[:NAMED_AT_MOST]) + more, bad[0][1].doc
    for exporter in needed:
        if unknown := _unknown(exporter, panels, cells, view):
            return unknown
    return Health.CALM, CALM_WORD, "", ""


def _stale(view: ClusterView, now: float) -> _Said:
    why = "" if view.fault is None else f"{view.source}: {view.fault.detail}"
    if view.sample_at is None:
        return Health.UNKNOWN, "age not known", why, ""
    old = format_duration(now - view.sample_at)
    reason = why or f"nothing of it has been scraped for {old}: is its own Prometheus alive?"
    return Health.UNKNOWN, f"stale {old}", reason, view.fault.remedy if view.fault is not None else ""


def _unknown(exporter: Exporter, panels: Sequence[Panel], cells: Sequence[Cell], view: ClusterView) -> _Said | None:
    """Nothing at all is known from an exporter that is needed."""
    own = [(cell, panel) for cell, panel in zip(cells, panels, strict=True) if panel.exporter is exporter]
    if not own or any(cell.sample.known or cell.idle for cell, _ in own):
        return None
    why, remedy = view.why_none(own[0][1].id, exporter)
    return Health.UNKNOWN, f"{exporter.title}: {why}", f"{view.source} has nothing of the {exporter.title}", remedy


def cell_sentence(cell: Cell, panel: Panel) -> str:
    """``5xx 2.1%``, ``disk 93% wk-b-04``, ``link broken``."""
    if cell.sample.value is None:
        return cell.text
    said = f"{panel.short or panel.title} {value_text(cell.sample.value, panel.unit)}"
    return f"{said} {cell.host}" if cell.host else said


def _absent(name: str, panels: Sequence[Panel], answers: Sequence[Answers], *, now: float) -> PanelRow:
    level, word, reason, remedy = why_absent(name, answers)
    cells = tuple(board.nothing(panel.id, word, at=now) for panel in panels)
    return PanelRow(name, level, word, reason, remedy, cells, settled=True)


def why_absent(name: str, answers: Sequence[Answers]) -> _Said:
    """Of a cluster that no source knows."""
    answers = [each for each in answers if each.about(name)]
    for each in answers:
        fault = each.fault or each.fault_of("seen")
        if fault is not None:
            return Health.UNKNOWN, fault.word, f"{each.source}: {fault.detail}", fault.remedy
    for each in answers:
        if each.partial:
            return Health.UNKNOWN, "partial answer", f"{each.source}: {each.partial}", "look at the stores behind it"
    if not answers:
        return Health.UNKNOWN, NO_SOURCE, f"no source of metrics is asked about {name}", "write one under metrics:"
    sources = ", ".join(each.source for each in answers)
    remedy = "is it scraped, and does the label of the source name it as we do (names:)?"
    return Health.UNKNOWN, "not scraped", f"{sources} has nothing of {name}", remedy
