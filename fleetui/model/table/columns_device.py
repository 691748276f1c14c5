"""Devices: in which rack and unit each stands, what it draws, and on which feeds it hangs."""

from operator import attrgetter

from fleetui.model.racks.form import units_text
from fleetui.model.racks.rows import DeviceRow
from fleetui.model.table import rack_cells as cells
from fleetui.model.table.column import NOTHING, UNKNOWN, Align, Column, Field, Json, Kind, Table
from fleetui.model.table.columns_shared import word_column


def _feeds(row: DeviceRow) -> str:
    """``A1,B1``; with a question mark where a power supply hangs on nobody knows what."""
    if not row.placed.form.powered:
        return NOTHING
    return ",".join((*row.feeds, *(() if row.cabled else (UNKNOWN,))))


def _position(row: DeviceRow) -> str:
    device = row.placed.device
    if device.position is not None:
        return f"U{device.position:g}"
    return NOTHING if not row.placed.form.half_height or row.placed.parent or not row.placed.rack else UNKNOWN


def _watts(row: DeviceRow) -> str:
    return UNKNOWN if row.draw_w is None else f"{row.draw_w:.0f}W"


def _kilograms(row: DeviceRow) -> str:
    return UNKNOWN if row.placed.form.weight_kg is None else f"{cells.number(row.placed.form.weight_kg)}kg"


def _domains(row: DeviceRow) -> Json:
    return [{"kind": domain.kind, "path": domain.key} for domain in row.domains]


_COLUMNS: tuple[Column[DeviceRow], ...] = (
    cells.name_column("The device."),
    word_column(
        "cluster", "placed.device.cluster", doc="Whose machine it is.",
        least=8, most=32, priority=4, unknown=NOTHING,
    ),
    word_column("role", "placed.device.role", doc="Its role.", least=4, most=16, priority=3, unknown=NOTHING),
    word_column("site", "site", doc="The data centre.", least=4, most=16, priority=4, unknown=UNKNOWN),
    word_column("rack", "rack", doc="The rack.", least=4, most=16, priority=2, unknown=NOTHING),
    Column(
        id="position", title="POSITION", doc="The lowest unit that it takes.", kind=Kind.NUMBER,
        value=lambda row: row.placed.device.position, text=lambda row, _: _position(row), least=5, most=8, priority=2,
        align=Align.RIGHT,
    ),
    Column(
        id="height", title="HEIGHT", doc="Units that it takes.", kind=Kind.NUMBER,
        value=lambda row: row.placed.form.half_height / 2, known=True,
        text=lambda row, _: f"{units_text(row.placed.form.half_height)}U", least=3, most=6, priority=5,
        align=Align.RIGHT,
    ),
    Column(
        id="draw", title="DRAW", doc="Watts, by the configured figure (racks.draw).", kind=Kind.NUMBER,
        value=attrgetter("draw_w"), text=lambda row, _: _watts(row), least=5, most=8, priority=3, align=Align.RIGHT,
        style=lambda row, _: "unknown" if row.draw_w is None else "",
    ),
    Column(
        id="feeds", title="FEEDS", doc="On what it hangs; ? where that is not known of a power supply.",
        kind=Kind.WORDS, value=lambda row: _feeds(row) if row.cabled or not row.placed.form.powered else None,
        text=lambda row, _: _feeds(row), least=5, most=20, priority=3,
        style=lambda row, _: "" if row.cabled or not row.placed.form.powered else "unknown",
    ),
    *cells.verdict_columns(),
    word_column(
        "face", lambda row: row.placed.device.face or "", doc="Front or rear.",
        least=5, most=5, priority=8, wide=True, unknown=NOTHING,
    ),
    Column(
        id="weight", title="WEIGHT", doc="Kilograms.", kind=Kind.NUMBER, value=lambda row: row.placed.form.weight_kg,
        text=lambda row, _: _kilograms(row), least=5, most=8, priority=8, align=Align.RIGHT, wide=True,
    ),
    word_column(
        "type", "placed.device.device_type", doc="Its model.",
        least=6, most=24, priority=8, wide=True, unknown=NOTHING,
    ),
    word_column("status", "placed.device.status", doc="As in NetBox.", least=6, most=16, priority=8, wide=True),
    word_column(
        "serial", "placed.device.serial", doc="Serial number.",
        least=6, most=24, priority=9, wide=True, unknown=NOTHING,
    ),
)  # fmt: skip

_FIELDS: tuple[Field[DeviceRow], ...] = (
    *cells.key_fields(),
    Field("cluster", "whose machine it is", lambda row: row.placed.device.cluster or None),
    Field("role", "", lambda row: row.placed.device.role or None),
    Field("status", "as in NetBox", lambda row: row.placed.device.status.value),
    Field("deviceType", "its model", lambda row: row.placed.device.device_type or None),
    Field("serial", "", lambda row: row.placed.device.serial or None),
    Field("assetTag", "", lambda row: row.placed.device.asset_tag or None),
    Field("site", "the data centre", lambda row: row.site or None),
    Field("rack", "path of the rack", lambda row: row.placed.rack or None),
    Field("parent", "path of the device in whose bay it is", lambda row: row.placed.parent or None),
    Field("position", "the lowest unit that it takes", lambda row: row.placed.device.position),
    Field("face", "front or rear", lambda row: row.placed.device.face and row.placed.device.face.value),
    Field("slot", "full, left, right", lambda row: row.placed.device.slot.value),
    Field("uHeight", "units", lambda row: row.placed.form.half_height / 2),
    Field("fullDepth", "it takes both faces", lambda row: row.placed.form.full_depth),
    Field("weightKg", "", lambda row: row.placed.form.weight_kg),
    cells.basis_field(),
    Field("drawW", "of the whole device", attrgetter("draw_w")),
    Field("feeds", "names of those that it is known to hang on", lambda row: list(row.feeds)),
    Field("cabled", "whether that is known of each of its power supplies", attrgetter("cabled")),
    Field("domains", "failure domains: kind and path", _domains),
    Field("labels", "", lambda row: dict(row.placed.device.labels)),
    cells.finding_field(),
)

DEVICES: Table[DeviceRow] = Table(
    name="devices",
    columns=_COLUMNS,
    fields=_FIELDS,
    id=attrgetter("key"),
    title=attrgetter("key"),
    health=attrgetter("level"),
    haystack=lambda row: "\n".join((
        row.key, row.placed.rack, row.placed.device.role, row.placed.device.cluster, row.placed.device.serial,
        row.placed.device.asset_tag, row.word, row.reason,
    )).lower(),
    labels=lambda row: tuple(row.placed.device.labels.items()),
    cluster=attrgetter("placed.device.cluster"),
    groupings={"rack": attrgetter("rack"), "site": attrgetter("site"), "cluster": attrgetter("placed.device.cluster")},
)  # fmt: skip
