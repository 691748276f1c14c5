"""A board of the whole fleet: one row a panel, its figure over all clusters, and the clusters that are worst."""

from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.health import board
from fleetui.model.health.answers import Answers
from fleetui.model.health.board import Cell
from fleetui.model.health.panel_board import PanelRow, panel_board
from fleetui.model.health.panels import Fold, Panel
from fleetui.model.health.sample import Age

WORST_SHOWN = 3


class FleetFigure(msgspec.Struct, frozen=True, kw_only=True):
    """One panel over the fleet. ``cluster`` is empty: it is of all."""

    panel: Panel
    number: int
    """Place on the board."""
    value: float | None = None
    level: Health = Health.UNKNOWN
    """Of the worst cluster of which it is known: ``known`` of ``clusters`` says how far that goes."""
    word: str = "not asked yet"
    worst: tuple[tuple[str, Cell], ...] = ()
    """(cluster, cell), the worst first; those beyond the limit."""
    known: int = 0
    clusters: int = 0
    why: str = ""
    """Why nothing is known, of most clusters."""
    age: Age = Age.NONE
    sample_at: float | None = None
    source: str = ""
    cluster: str = ""

    @property
    def id(self) -> str:
        return self.panel.id

    @property
    def reason(self) -> str:
        return "" if self.known else "nothing of the fleet is known"

    @property
    def remedy(self) -> str:
        return self.why


def fleet_figures(
    panels: Sequence[Panel], answers: Sequence[Answers], roster: Iterable[str], *, now: float
) -> tuple[FleetFigure, ...]:
    """In the order of the panels. Only clusters of the roster count."""
    wanted = frozenset(roster)
    rows = [row for row in panel_board(panels, answers, wanted, now=now) if row.cluster in wanted]
    return tuple(_figure(panel, number, rows) for number, panel in enumerate(panels))


def _figure(panel: Panel, number: int, rows: Sequence[PanelRow]) -> FleetFigure:
    told = [(row, cell) for row, cell in _cells(panel, rows) if cell.sample.known and cell.age is not Age.STALE]
    if not told:
        word, why = _why([cell for _, cell in _cells(panel, rows)])
        return FleetFigure(panel=panel, number=number, clusters=len(rows), word=word, why=why or panel.exporter.missing)
    falling = panel.limit is not None and panel.limit.falling
    ranked = sorted(told, key=lambda each: each[1].sample.value or 0.0, reverse=not falling)
    beyond = [(row.cluster, cell) for row, cell in ranked if cell.level in (Health.BROKEN, Health.WARNING)]
    level = board.worst_level(cell.level for _, cell in told)
    oldest = min(told, key=lambda each: each[0].sample_at or 0.0)[0]
    return FleetFigure(
        panel=panel,
        number=number,
        value=_folded(panel, [cell.sample.value or 0.0 for _, cell in ranked]),
        level=level,
        word=f"{len(beyond)} beyond" if beyond else "within limits",
        worst=tuple(beyond[:WORST_SHOWN]),
        known=len(told),
        clusters=len(rows),
        age=board.worst_age(row.age for row, _ in told),
        sample_at=oldest.sample_at,
        source=oldest.source,
    )


def _cells(panel: Panel, rows: Iterable[PanelRow]) -> Iterator[tuple[PanelRow, Cell]]:
    for row in rows:
        if (cell := row.cell(panel.id)) is not None:
            yield row, cell


def _folded(panel: Panel, ranked: Sequence[float]) -> float:
    """``ranked``: the worst first."""
    match panel.fold:
        case Fold.SUM:
            return sum(ranked)
        case Fold.MEAN:
            return fmean(ranked)
        case Fold.WORST:
            return ranked[0]


def _why(cells: Sequence[Cell]) -> tuple[str, str]:
    """(word, reason) that most clusters have."""
    words = [cell.text or "stale" for cell in cells]
    if not words:
        return "no clusters", "no cluster is looked at"
    word = max(sorted(set(words)), key=words.count)
    return word, ""
