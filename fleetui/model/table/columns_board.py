"""The table of a board of the fleet: one row a panel, in the board's order, with the clusters that are worst."""

from operator import attrgetter

from fleetui.model.health.fleet_boards import FLEET_BOARDS
from fleetui.model.health.fleet_figures import FleetFigure
from fleetui.model.health.slo import share_text
from fleetui.model.table.cell_text import level_style
from fleetui.model.table.column import NOTHING, Align, Column, Field, Json, Kind, Table
from fleetui.model.table.columns_shared import muted, sampled_column, sampled_field, verdict_column, word_column
from fleetui.model.table.panel_cells import figure_text


def exact_text(row: FleetFigure, value: float | None) -> str:
    """Of shares that should be whole with all their nines."""
    falling = row.panel.limit is not None and row.panel.limit.falling
    return share_text(value) if row.panel.unit == "ratio" and falling else figure_text(value, row.panel.unit)


def limit_text(row: FleetFigure, _: float = 0.0) -> str:
    limit = row.panel.limit
    if limit is None:
        return NOTHING
    return f"{'>=' if limit.falling else '<'}{exact_text(row, limit.amber)}"


def worst_text(row: FleetFigure) -> str:
    """``prod-east-1 4%, dr-west 2% wk-b-04``."""
    said = (f"{name} {exact_text(row, cell.sample.value)} {cell.host}".rstrip() for name, cell in row.worst)
    return ", ".join(said) or (row.why if row.value is None else NOTHING)


def _worst_json(row: FleetFigure) -> Json:
    return [{"cluster": name, "value": cell.sample.value, "whose": cell.host or None} for name, cell in row.worst]


_COLUMNS: tuple[Column[FleetFigure], ...] = (
    word_column("panel", "panel.title", doc="What is measured.", least=16, most=36, priority=1),
    Column(
        id="now",
        title="NOW",
        doc="Over all clusters of which it is known: the sum of counts, the mean of shares, the worst of the rest.",
        kind=Kind.NUMBER,
        value=attrgetter("value"),
        attribute="value",
        text=lambda row, _: exact_text(row, row.value),
        least=6,
        most=10,
        priority=1,
        align=Align.RIGHT,
        style=level_style,
    ),
    Column(
        id="limit",
        title="LIMIT",
        doc="Of each cluster.",
        kind=Kind.NUMBER,
        value=lambda row: row.panel.limit.amber if row.panel.limit is not None else None,
        text=limit_text,
        least=8,
        most=10,
        priority=4,
        align=Align.RIGHT,
        style=muted,
    ),
    verdict_column("Within limits, how many clusters are beyond; of the unknown, why.", least=13, most=20),
    Column(
        id="known",
        title="KNOWN",
        doc="Clusters of which it is known, of all.",
        kind=Kind.RATIO,
        value=lambda row: (row.known, row.clusters),
        text=lambda row, _: f"{row.known}/{row.clusters}",
        least=5,
        most=9,
        priority=3,
        align=Align.RIGHT,
        style=lambda row, _: "" if row.known == row.clusters else "unknown",
    ),
    word_column(
        "worst",
        worst_text,
        doc="The clusters that are furthest beyond the limit; of the unknown, what to do.",
        least=16,
        most=80,
        priority=2,
        style=lambda row, now: level_style(row, now) if row.worst else "faint",
    ),
    sampled_column("How old the oldest evidence is.", least=7),
)

_FIELDS: tuple[Field[FleetFigure], ...] = (
    Field("name", "id of the panel", attrgetter("id")),
    Field("title", "what is measured", lambda row: row.panel.title),
    Field("says", "in a sentence", lambda row: row.panel.doc),
    Field("health", "of the worst cluster: broken, warning, unknown, calm", lambda row: row.level.value),
    Field("state", "the verdict in a word", attrgetter("word")),
    Field("value", "over all clusters of which it is known", attrgetter("value")),
    Field("unit", "ratio, s, d, /s, or none", lambda row: row.panel.unit or None),
    Field("fold", "what the value is: sum, mean, worst", lambda row: row.panel.fold.value),
    Field("limit", "of each cluster", lambda row: row.panel.limit.amber if row.panel.limit is not None else None),
    Field("limitSource", "who says so", lambda row: row.panel.limit.source if row.panel.limit is not None else None),
    Field("worst", "clusters beyond the limit, the worst first: cluster, value, whose", _worst_json),
    Field("known", "clusters of which it is known", attrgetter("known")),
    Field("clusters", "all that are looked at", attrgetter("clusters")),
    Field("query", "the PromQL template", lambda row: row.panel.promql),
    sampled_field("when the oldest evidence was true"),
)


def _table(name: str) -> Table[FleetFigure]:
    return Table(
        name=name,
        columns=_COLUMNS,
        fields=_FIELDS,
        id=attrgetter("id"),
        title=attrgetter("id"),
        health=attrgetter("level"),
        haystack=lambda row: f"{row.id}\n{row.panel.title}\n{row.word}\n{worst_text(row)}".lower(),
        labels=lambda _: (),
        cluster=attrgetter("cluster"),
        headline="panel",
        groupings={"state": lambda row: row.level.value},
        first=attrgetter("number"),
    )


BOARD_TABLES = {name: _table(name) for name in FLEET_BOARDS}
EXECUTIVE, ONCALL, DEBUG = (BOARD_TABLES[name] for name in ("executive", "oncall", "debug"))
