"""Sites, rooms and rows: what all racks in them have, use and make of heat."""

from operator import attrgetter

from fleetui.model.racks.rows import PlaceRow
from fleetui.model.table import rack_cells as cells
from fleetui.model.table.column import Column, Field, Table
from fleetui.model.table.columns_shared import word_column

_COLUMNS: tuple[Column[PlaceRow], ...] = (
    word_column("name", "key", doc="The place, with what is around it.", least=8, most=40, priority=1),
    word_column("kind", "place.kind", doc="site, building, floor, room, cage, row.", least=4, most=8, priority=2),
    cells.count_column("racks", "Racks in it."),
    cells.count_column("devices", "Devices in it."),
    cells.space_column("Units that are taken or kept, of all racks in it."),
    cells.amount_column(
        "power", "POWER", lambda row: row.budget.power, unit="kW", scale=0.001,
        doc="What is drawn in its racks, of their max_power_w; kW.",
    ),
    cells.share_column(
        "failover", "FAILOVER", lambda row: row.budget.failover,
        doc="Of the feed in it that is used most when the other path is lost.",
    ),
    cells.amount_column(
        "cooling", "COOLING", lambda row: row.budget.heat, unit="kW", scale=0.001,
        doc="Heat that is made in it, of what is taken out with the largest cooling unit lost; kW, margin of 15 %.",
    ),
    cells.amount_column(
        "weight", "WEIGHT", lambda row: row.budget.weight, unit="t", scale=0.001, priority=6,
        doc="What the load of its racks weighs, of what they carry; tonnes.",
    ),
    *cells.verdict_columns(),
)  # fmt: skip

_FIELDS: tuple[Field[PlaceRow], ...] = (
    *cells.key_fields(),
    Field("kind", "site, building, floor, room, cage, row", lambda row: row.place.kind),
    Field("racks", "in it", attrgetter("racks")),
    Field("devices", "in it", attrgetter("devices")),
    Field("space", "U of all its racks", lambda row: cells.space_json(row.budget.space)),
    cells.basis_field(),
    Field("power", "W of its racks", lambda row: cells.amount_json(row.budget.power)),
    Field(
        "failover", "share of its fullest feed with the other path lost", lambda row: cells.finite(row.budget.failover)
    ),
    cells.heat_field(),
    Field(
        "cooling", "W, with the largest unit lost and a margin of 15 %", lambda row: cells.amount_json(row.budget.heat)
    ),
    Field("weight", "kg of the load of its racks", lambda row: cells.amount_json(row.budget.weight)),
    cells.finding_field(),
)

PLACES: Table[PlaceRow] = Table(
    name="places",
    columns=_COLUMNS,
    fields=_FIELDS,
    id=attrgetter("key"),
    title=attrgetter("key"),
    health=attrgetter("level"),
    haystack=lambda row: f"{row.key}\n{row.place.kind}\n{row.word}\n{row.reason}".lower(),
    labels=lambda _: (),
    cluster=lambda _: "",
    groupings={"kind": attrgetter("place.kind")},
)
