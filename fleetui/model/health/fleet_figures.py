"""A board of the whole fleet: one row a panel, with the cluster that is nearest to trouble, what all come to together,
and of how many that is known."""

from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.health import board
from fleetui.model.health.answers import Answers
from fleetui.model.health.board import Cell
from fleetui.model.health.panel_board import CALM_WORD, PanelRow, panel_board
from fleetui.model.health.panels import SOURCES, Fold, Panel, limit
from fleetui.model.health.sample import Age
from fleetui.model.health.silent import Silent, silent_clusters

WORST_SHOWN = 3
SILENT = Panel(
    id="silent",
    title="clusters unheard",
    doc="Clusters of which no source has anything now: no other figure of this board is of them.",
    promql="",
    exporter=SOURCES,
    limit=limit("silent clusters", "", 1, float("inf")),
    of_fleet=True,
)
"""Counted, not asked for; it has a row only where there are any."""


class FleetFigure(msgspec.Struct, frozen=True, kw_only=True):
    """One panel over the fleet. ``cluster`` is empty: it is of all."""

    panel: Panel
    number: int
    """Place on the board."""
    value: float | None = None
    """What the limit is of: the figure of ``of``, or that of the whole fleet where the panel's limit is one."""
    of: str = ""
    """The cluster that is nearest to trouble; empty where the value is of the fleet."""
    whose: str = ""
    """The node, ingress... of that cluster, where the panel says."""
    total: float | None = None
    """The fold of all clusters of which it is known; None where there is none."""
    level: Health = Health.UNKNOWN
    """Of ``value``: ``known`` of ``clusters`` says how far that goes."""
    word: str = "not asked yet"
    worst: tuple[tuple[str, Cell], ...] = ()
    """(cluster, cell), the worst first; those beyond the limit."""
    told: tuple[str, ...] = ()
    """What is counted, each in words, where it is no figure of clusters; whose figure is withheld, and why."""
    known: int = 0
    clusters: int = 0
    """0 where it is of no clusters."""
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
        return "" if self.value is not None or self.told else "nothing of the fleet is known"

    @property
    def remedy(self) -> str:
        return self.why


def fleet_figures(
    panels: Sequence[Panel], answers: Sequence[Answers], roster: Iterable[str], *, now: float
) -> tuple[FleetFigure, ...]:
    """In the order of the panels, after the silent clusters if there are any. Only clusters of the roster count."""
    wanted = frozenset(roster)
    rows = [row for row in panel_board(panels, answers, wanted, now=now) if row.cluster in wanted]
    silent = silent_clusters(rows, answers)
    figures = tuple(_withheld(_figure(panel, number, rows, len(silent)), rows) for number, panel in enumerate(panels))
    return (*_silent(silent, rows, figures, now=now), *figures)


def _silent(
    silent: Sequence[Silent], rows: Sequence[PanelRow], figures: Iterable[FleetFigure], *, now: float
) -> Iterator[FleetFigure]:
    if silent:
        youngest = max((row.sample_at or 0.0 for row in rows), default=0.0)
        yield FleetFigure(
            panel=SILENT,
            number=-1,
            value=float(len(silent)),
            word=_for_how_long(silent, now),
            told=tuple(each.text(now) for each in silent),
            known=len(rows) - len(silent),
            clusters=len(rows),
            why=silent[0].remedy,
            age=board.worst_age(figure.age for figure in figures if figure.known),
            sample_at=youngest or None,
        )


def _figure(panel: Panel, number: int, rows: Sequence[PanelRow], silent: int) -> FleetFigure:
    told = [(row, cell) for row, cell in _cells(panel, rows) if cell.sample.known and cell.age is not Age.STALE]
    if not told:
        word, why = _why([cell for _, cell in _cells(panel, rows)])
        return FleetFigure(panel=panel, number=number, clusters=len(rows), word=word, why=why or panel.exporter.missing)
    falling = panel.limit is not None and panel.limit.falling
    ranked = sorted(told, key=lambda each: each[1].sample.value or 0.0, reverse=not falling)
    beyond = [(row.cluster, cell) for row, cell in ranked if cell.level in (Health.BROKEN, Health.WARNING)]
    oldest = min(told, key=lambda each: each[0].sample_at or 0.0)[0]
    judged = _judged(panel, *ranked[0], total=_folded(panel, [cell.sample.value or 0.0 for _, cell in ranked]))
    return msgspec.structs.replace(
        judged,
        number=number,
        word=_word(panel, judged.level, len(beyond), silent),
        worst=tuple(beyond[:WORST_SHOWN]),
        known=len(told),
        clusters=len(rows),
        age=board.worst_age(row.age for row, _ in told),
        sample_at=oldest.sample_at,
        source=oldest.source,
    )


def _withheld(figure: FleetFigure, rows: Sequence[PanelRow]) -> FleetFigure:
    """Broken where a cluster's figure is withheld for what it measures is broken: that cluster is the worst, and what
    the others are says nothing of it."""
    of = [(row.cluster, cell) for row, cell in _cells(figure.panel, rows) if not cell.sample.known]
    broken = [f"{cluster} {cell.text}" for cluster, cell in of if cell.level is Health.BROKEN]
    if not broken or figure.panel.withheld is None:
        return figure
    beyond = [name for name, _ in figure.worst]
    return msgspec.structs.replace(
        figure,
        value=None,
        of="",
        whose="",
        level=Health.BROKEN,
        word=f"{len(broken):,} {figure.panel.withheld.short}",
        told=(*broken, *beyond),
        why="",
    )


def _judged(panel: Panel, row: PanelRow, cell: Cell, *, total: float | None) -> FleetFigure:
    """What the limit is of, and how it stands to it. ``row`` and ``cell`` are the worst cluster's."""
    if panel.of_fleet and panel.limit is not None:
        return FleetFigure(panel=panel, number=0, value=total, total=total, level=panel.limit.judge(total))
    value, whose = cell.sample.value, cell.host
    return FleetFigure(panel=panel, number=0, value=value, of=row.cluster, whose=whose, total=total, level=cell.level)


def _word(panel: Panel, level: Health, beyond: int, silent: int) -> str:
    """``within limits``, ``2 beyond``, ``in 2 clusters`` of what is counted over all of them; nothing is said to be
    within without those of which nobody knows it."""
    if level is not Health.CALM and panel.of_fleet and panel.fold is Fold.SUM:
        return f"in {beyond:,} cluster{'s' * (beyond != 1)}"
    if level is not Health.CALM:
        return f"{beyond:,} beyond"
    return f"within, {silent:,} unheard" if silent else CALM_WORD


def _for_how_long(silent: Sequence[Silent], now: float) -> str:
    """``unheard for 3h``: the longest. Silent is a cluster whose API is."""
    known = [each for each in silent if each.since is not None]
    return f"unheard {min(known, key=lambda each: each.since or now).ago(now)}" if known else "unheard"


def _cells(panel: Panel, rows: Iterable[PanelRow]) -> Iterator[tuple[PanelRow, Cell]]:
    for row in rows:
        if (cell := row.cell(panel.id)) is not None:
            yield row, cell


def _folded(panel: Panel, ranked: Sequence[float]) -> float | None:
    match panel.fold:
        case Fold.SUM:
            return sum(ranked)
        case Fold.MEAN:
            return fmean(ranked)
        case Fold.WORST:
            return None


def _why(cells: Sequence[Cell]) -> tuple[str, str]:
    """(word, reason) that most clusters have."""
    words = [cell.text or "stale" for cell in cells]
    if not words:
        return "no clusters", "no cluster is looked at"
    word = max(sorted(set(words)), key=words.count)
    return word, ""
