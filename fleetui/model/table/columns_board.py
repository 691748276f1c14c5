"""The table of a board of the fleet: one row a panel, trouble first, with the clusters that are worst."""

from operator import attrgetter

from fleetui.model.health.fleet_boards import FLEET_BOARDS
from fleetui.model.health.fleet_figures import FleetFigure
from fleetui.model.health.panels import Fold
from fleetui.model.health.slo import share_text
from fleetui.model.table.cell_text import level_style
from fleetui.model.table.column import NOTHING, UNKNOWN, Align, Column, Field, Json, Kind, Table
from fleetui.model.table.columns_shared import muted, sampled_column, sampled_field, verdict_column, word_column
from fleetui.model.table.panel_cells import figure_text
from fleetui.model.table.sorting import RANKS


def exact_text(row: FleetFigure, value: float | None) -> str:
    """Of shares that should be whole with all their nines."""
    falling = row.panel.limit is not None and row.panel.limit.falling
    return share_text(value) if row.panel.unit == "ratio" and falling else figure_text(value, row.panel.unit)


def now_text(row: FleetFigure, _: float = 0.0) -> str:
    return exact_text(row, row.value)


def limit_text(row: FleetFigure, _: float = 0.0) -> str:
    limit = row.panel.limit
    if limit is None:
        return NOTHING
    return f"{'>=' if limit.falling else '<'}{exact_text(row, limit.amber)}"


def worst_text(row: FleetFigure) -> str:
    """``prod-east-1, dr-west 2% wk-b-04``: the figure of the first is NOW; of what is within its limit whose it is."""
    nearest = f"{row.of} {row.whose}".strip()
    others = [f"{name} {exact_text(row, cell.sample.value)} {cell.host}".rstrip() for name, cell in row.worst]
    said = [nearest, *others[1:]] if nearest else others
    return ", ".join(row.told or said) or (row.why if row.value is None else NOTHING)


def total_text(row: FleetFigure, _: float = 0.0) -> str:
    """``sum 227``, ``mean 99.7%``."""
    if row.panel.fold is Fold.WORST:
        return NOTHING
    return UNKNOWN if row.total is None else f"{row.panel.fold.value} {exact_text(row, row.total)}"


def known_text(row: FleetFigure, _: float = 0.0) -> str:
    """``18 of 20``."""
    return f"{row.known:,} of {row.clusters:,}" if row.clusters else NOTHING


def _worst_json(row: FleetFigure) -> Json:
    return [{"cluster": name, "value": cell.sample.value, "whose": cell.host or None} for name, cell in row.worst]


_COLUMNS: tuple[Column[FleetFigure], ...] = (
    word_column("panel", "panel.title", doc="What is measured.", least=16, most=36, priority=1),
    Column(
        id="now",
        title="NOW",
        doc="What the limit and the verdict are of: the figure of the cluster that is nearest to trouble, which WORST "
        "names; where the limit is the fleet's, the figure of the fleet.",
        kind=Kind.NUMBER,
        value=attrgetter("value"),
        attribute="value",
        text=now_text,
        least=8,
        most=10,
        priority=1,
        align=Align.RIGHT,
        style=level_style,
    ),
    Column(
        id="limit",
        title="LIMIT",
        doc="From which value on it is worth a look; of one cluster, or of the fleet, as NOW is.",
        kind=Kind.NUMBER,
        value=lambda row: row.panel.limit.amber if row.panel.limit is not None else None,
        text=limit_text,
        least=8,
        most=10,
        priority=4,
        align=Align.RIGHT,
        style=muted,
    ),
    verdict_column(
        "Within limits, how many clusters are beyond, how many are unheard; of the unknown, why.", least=17, most=20
    ),
    Column(
        id="fleet",
        title="FLEET",
        doc="Over all clusters of which it is known: the sum of counts, the mean of shares.",
        kind=Kind.NUMBER,
        value=attrgetter("total"),
        attribute="total",
        text=total_text,
        least=12,
        most=14,
        priority=5,
        align=Align.RIGHT,
        style=lambda row, _: "faint" if row.total is None else "",
    ),
    Column(
        id="known",
        title="KNOWN",
        doc="Clusters of which it is known, of all.",
        kind=Kind.RATIO,
        value=lambda row: (row.known, row.clusters),
        text=known_text,
        least=8,
        most=12,
        priority=3,
        align=Align.RIGHT,
        style=lambda row, _: "faint" if row.known == row.clusters else "unknown",
    ),
    word_column(
        "worst",
        worst_text,
        doc="The clusters that are furthest beyond the limit, or whose figure NOW is; which are silent and since when; "
        "of the unknown, what to do.",
        least=16,
        most=80,
        priority=2,
        style=lambda row, now: level_style(row, now) if row.worst or row.told else "faint",
    ),
    sampled_column("How old the oldest evidence is.", least=7),
)

_FIELDS: tuple[Field[FleetFigure], ...] = (
    Field("name", "id of the panel", attrgetter("id")),
    Field("title", "what is measured", lambda row: row.panel.title),
    Field("says", "in a sentence", lambda row: row.panel.doc),
    Field("health", "of the value: broken, warning, unknown, calm", lambda row: row.level.value),
    Field("state", "the verdict in a word", attrgetter("word")),
    Field("value", "what the limit is of", attrgetter("value")),
    Field(
        "of", "the cluster whose value that is, the nearest to trouble; null: of the fleet", lambda row: row.of or None
    ),
    Field("whose", "the node, ingress... of that cluster", lambda row: row.whose or None),
    Field("unit", "ratio, s, d, /s, or none", lambda row: row.panel.unit or None),
    Field("total", "over all clusters of which it is known, in the way of fold", attrgetter("total")),
    Field("fold", "what the total is: sum, mean; worst: there is none", lambda row: row.panel.fold.value),
    Field("limit", "of the value", lambda row: row.panel.limit.amber if row.panel.limit is not None else None),
    Field("limitSource", "who says so", lambda row: row.panel.limit.source if row.panel.limit is not None else None),
    Field("worst", "clusters beyond the limit, the worst first: cluster, value, whose", _worst_json),
    Field(
        "told",
        "what is counted, each in words: clusters unheard, open incidents; whose figure is withheld",
        lambda row: list(row.told),
    ),
    Field("known", "clusters of which it is known", attrgetter("known")),
    Field("clusters", "all that are looked at", attrgetter("clusters")),
    Field("query", "the PromQL template; null where no source is asked", lambda row: row.panel.promql or None),
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
        first=lambda row: (RANKS[row.level], row.number),
    )


BOARD_TABLES = {name: _table(name) for name in FLEET_BOARDS}
EXECUTIVE, ONCALL, DEBUG = (BOARD_TABLES[name] for name in ("executive", "oncall", "debug"))
