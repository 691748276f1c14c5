"""Power feeds: what may be drawn of each, what is, and what would be with the other path lost."""

from operator import attrgetter

from fleetui.model.racks.rows import FeedRow
from fleetui.model.table import rack_cells as cells
from fleetui.model.table.column import NOTHING, UNKNOWN, Align, Column, Field, Json, Kind, Table
from fleetui.model.table.columns_shared import word_column


def _rating(row: FeedRow) -> str:
    """``230V 32A``, ``400V 32A 3~``."""
    feed = row.placed.feed
    kind = " 3~" if feed.phase == "three-phase" else " dc" if feed.supply == "dc" else ""
    return f"{feed.voltage}V {feed.amperage}A{kind}"


def _legs(row: FeedRow) -> Json:
    """Null for a feed of one phase."""
    legs = row.load.legs
    return {leg.value: {"normal": cells.amount_json(legs[leg]), "failover": cells.amount_json(amount)}
            for leg, amount in row.load.legs_failover.items()} or None  # fmt: skip


_COLUMNS: tuple[Column[FeedRow], ...] = (
    cells.name_column("The feed."),
    word_column("panel", "placed.feed.panel", doc="The panel that it comes from.", least=9, most=20, priority=5),
    word_column("rack", "rack", doc="The rack that it goes to.", least=4, most=16, priority=2, unknown=NOTHING),
    Column(
        id="path", title="PATH", doc="A or B.", value=lambda row: row.placed.feed.path,
        text=lambda row, _: row.placed.feed.path or UNKNOWN, least=4, most=4, priority=2,
    ),
    word_column("rating", _rating, doc="Voltage, amperage, and 3~ for three phases.", least=12, most=12, priority=4),
    Column(
        id="available", title="AVAILABLE", doc="What may be drawn of it for long, kVA.", kind=Kind.NUMBER,
        value=lambda row: row.placed.feed.available_va / 1000, known=True,
        text=lambda row, _: f"{cells.number(row.placed.feed.available_va / 1000)}kVA", least=9, most=9, priority=3,
        align=Align.RIGHT,
    ),
    cells.share_column("normal", "NORMAL", lambda row: row.load.normal.share, doc="Share of that which is drawn now."),
    cells.share_column(
        "failover", "FAILOVER",
        lambda row: row.load.failover.least_share if row.load.failover.over else row.load.failover.share,
        doc="Share of that which would be drawn with the other path lost.", priority=2,
    ),
    *cells.verdict_columns(),
    word_column(
        "type", "placed.feed.type", doc="As in NetBox: primary, redundant.", least=7, most=9, priority=8, wide=True,
    ),
    word_column("status", "placed.feed.status", doc="As in NetBox.", least=6, most=7, priority=8, wide=True),
)  # fmt: skip

_FIELDS: tuple[Field[FeedRow], ...] = (
    *cells.key_fields(),
    Field("panel", "path of the panel", lambda row: row.placed.panel or None),
    Field("rack", "path of the rack", lambda row: row.placed.rack or None),
    Field("feedPath", "A or B", lambda row: row.placed.feed.path and row.placed.feed.path.value),
    Field("type", "primary, redundant", lambda row: row.placed.feed.type.value),
    Field("status", "as in NetBox", lambda row: row.placed.feed.status.value),
    Field("supply", "ac, dc", lambda row: row.placed.feed.supply.value),
    Field("phase", "single-phase, three-phase", lambda row: row.placed.feed.phase.value),
    Field("voltage", "V", lambda row: row.placed.feed.voltage),
    Field("amperage", "A", lambda row: row.placed.feed.amperage),
    Field("maxUtilization", "percent", lambda row: row.placed.feed.max_utilization),
    Field("availableVA", "what may be drawn of it for long", lambda row: row.placed.feed.available_va),
    cells.basis_field(),
    Field("normal", "VA", lambda row: cells.amount_json(row.load.normal)),
    Field("failover", "VA, with the other path lost", lambda row: cells.amount_json(row.load.failover)),
    Field("legs", "of three phases: normal and failover", _legs),
    cells.finding_field(),
)

FEEDS: Table[FeedRow] = Table(
    name="feeds",
    columns=_COLUMNS,
    fields=_FIELDS,
    id=attrgetter("key"),
    title=attrgetter("key"),
    health=attrgetter("level"),
    haystack=lambda row: f"{row.key}\n{row.placed.rack}\n{row.word}\n{row.reason}".lower(),
    labels=lambda _: (),
    cluster=lambda _: "",
    groupings={"rack": attrgetter("rack"), "panel": attrgetter("placed.feed.panel")},
)
