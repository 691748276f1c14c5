"""Racks: where each stands, and how much space, power, cooling and weight is left in it."""

from operator import attrgetter

from fleetui.model.racks.form import units_text
from fleetui.model.racks.rows import RackRow
from fleetui.model.table import rack_cells as cells
from fleetui.model.table.column import NOTHING, UNKNOWN, Align, Column, Field, Kind, Table
from fleetui.model.table.columns_shared import word_column

_COLUMNS: tuple[Column[RackRow], ...] = (
    cells.name_column("The rack."),
    word_column("site", "site", doc="The data centre.", least=4, most=16, priority=2, unknown=UNKNOWN),
    word_column("room", "room", doc="The room.", least=4, most=16, priority=4, unknown=NOTHING),
    word_column("row", "row", doc="The row.", least=4, most=16, priority=3, unknown=NOTHING),
    cells.count_column("devices", "Devices in it, those in bays too."),
    cells.space_column("Units that are taken or kept, of all."),
    Column(
        id="free", title="FREE", doc="The largest free piece of the front, in U.", kind=Kind.NUMBER,
        value=lambda row: None if row.budget.space.unplaced else row.budget.space.front_run / 2,
        text=lambda row, _: UNKNOWN if row.budget.space.unplaced else f"{units_text(row.budget.space.front_run)}U",
        least=5, most=6, priority=4, align=Align.RIGHT,
    ),
    cells.amount_column(
        "power", "POWER", lambda row: row.budget.power, unit="kW", scale=0.001,
        doc="What is drawn in it by the configured figure (racks.draw), of max_power_w; kW.",
    ),
    cells.share_column(
        "failover", "FAILOVER", lambda row: row.budget.failover,
        doc="Of the feed that is used most when the other path is lost; A and B are never added up.", priority=2,
    ),
    cells.amount_column(
        "weight", "WEIGHT", lambda row: row.budget.weight, unit="kg", priority=6,
        doc="What its load weighs, of max_weight; kg.",
    ),
    cells.amount_column(
        "cooling", "COOLING", lambda row: row.budget.heat, unit="kW", scale=0.001, priority=7, wide=True,
        doc="Heat that is made in it, of cooling_w; kW. Compared with a margin of 15 %.",
    ),
    *cells.verdict_columns(),
    word_column("status", "placed.rack.status", doc="As in NetBox.", least=6, most=10, priority=8, wide=True),
    word_column("role", "placed.rack.role", doc="Its role.", least=4, most=16, priority=9, wide=True, unknown=NOTHING),
)  # fmt: skip

_FIELDS: tuple[Field[RackRow], ...] = (
    *cells.key_fields(),
    Field("site", "the data centre", lambda row: row.site or None),
    Field("room", "", lambda row: row.room or None),
    Field("row", "", lambda row: row.row or None),
    Field("status", "as in NetBox", lambda row: row.placed.rack.status.value),
    Field("role", "", lambda row: row.placed.rack.role or None),
    Field("uHeight", "units", lambda row: row.placed.form.u_height),
    Field("width", "inches between the rails", lambda row: row.placed.form.width.value),
    Field("mountingDepth", "mm", lambda row: row.placed.form.mounting_depth),
    Field("descUnits", "units are numbered from the top", lambda row: row.placed.form.desc_units),
    Field("emptyKg", "its own weight", lambda row: row.placed.form.weight_kg),
    Field("startingUnit", "the number of its lowest unit", lambda row: row.placed.form.starting_unit),
    Field("devices", "in it, those in bays too", attrgetter("devices")),
    Field(
        "space", "U: total, taken, reserved, largest free piece by face", lambda row: cells.space_json(row.budget.space)
    ),
    cells.basis_field(),
    Field("power", "W", lambda row: cells.amount_json(row.budget.power)),
    Field("supplyVA", "what may be drawn of its smaller path", lambda row: row.budget.supply_va),
    Field(
        "failover", "share of its fullest feed with the other path lost", lambda row: cells.finite(row.budget.failover)
    ),
    cells.heat_field(),
    Field("cooling", "W, compared with a margin of 15 %", lambda row: cells.amount_json(row.budget.heat)),
    Field("weight", "kg of its load", lambda row: cells.amount_json(row.budget.weight)),
    cells.finding_field(),
)

RACKS: Table[RackRow] = Table(
    name="racks",
    columns=_COLUMNS,
    fields=_FIELDS,
    id=attrgetter("key"),
    title=attrgetter("key"),
    health=attrgetter("level"),
    haystack=lambda row: f"{row.key}\n{row.placed.rack.role}\n{row.word}\n{row.reason}".lower(),
    labels=lambda _: (),
    cluster=lambda _: "",
    groupings={"site": attrgetter("site"), "row": attrgetter("row")},
)
