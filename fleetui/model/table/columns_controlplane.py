"""The table of control planes: one row a cluster, every figure of the board, trouble first."""

from operator import attrgetter

from fleetui.model.cluster import Health
from fleetui.model.health import controlplane
from fleetui.model.health.board import Cell
from fleetui.model.health.controlplane import PANELS
from fleetui.model.health.panel_board import PanelRow
from fleetui.model.table import panel_cells as cells
from fleetui.model.table.column import Column, Field, Json, Table
from fleetui.model.table.columns_shared import (
    WHOLE,
    cluster_column,
    sampled_column,
    sampled_field,
    source_column,
    verdict_column,
    why_column,
)
from fleetui.model.table.panel_cells import camel, panel_column

_COLUMNS: tuple[Column[PanelRow], ...] = (
    cluster_column("Whose control plane it is.", priority=1, least=WHOLE),
    verdict_column("Within limits, or the figure that is worst; of the unknown, why.", least=14, most=28),
    panel_column(controlplane.AVAILABLE, "AVAIL", priority=2),
    panel_column(controlplane.ERRORS, "5XX", priority=2),
    panel_column(controlplane.WRITES, "WRITES", priority=3, least=6),
    panel_column(controlplane.READS, "READS", priority=6, least=6),
    panel_column(controlplane.INFLIGHT, "BUSY", priority=7),
    panel_column(controlplane.STORE, "ETCD", priority=7, least=6),
    panel_column(controlplane.SCHEDULING, "SCHED", priority=4, least=6),
    panel_column(controlplane.QUEUE, "QUEUE", priority=8),
    panel_column(controlplane.PENDING, "PENDING", priority=3, least=7),
    panel_column(controlplane.NOT_READY, "NOTREADY", priority=2, least=8),
    panel_column(controlplane.PRESSURE, "PRESSURE", priority=8, least=8),
    panel_column(controlplane.EVICTIONS, "EVICTED", priority=5, least=7),
    panel_column(controlplane.RESTARTS, "RESTARTS", priority=5, least=8),
    panel_column(controlplane.CPU, "CPU", priority=6, least=4),
    panel_column(controlplane.MEMORY, "MEM", priority=6, least=4),
    panel_column(controlplane.REJECTED, "REJECTED", priority=9, least=8, wide=True),
    panel_column(controlplane.TOP_CLIENT, "CLIENT", priority=9, least=7, wide=True),
    panel_column(controlplane.OBJECTS, "OBJECTS", priority=9, least=7, wide=True),
    panel_column(controlplane.WATCHES, "WATCHES", priority=9, least=7, wide=True),
    panel_column(controlplane.DNS_TIME, "DNS", priority=9, wide=True),
    panel_column(controlplane.DNS_ERRORS, "SERVFAIL", priority=9, least=8, wide=True),
    panel_column(controlplane.BACKENDS, "BACKENDS", priority=9, least=8, wide=True),
    panel_column(controlplane.NO_ENDPOINTS, "ENDLESS", priority=9, least=7, wide=True),
    panel_column(controlplane.WORK, "WORK", priority=9, wide=True),
    panel_column(controlplane.VERSIONS, "VERSIONS", priority=9, least=8, wide=True),
    source_column(
        "The source of metrics whose word it is; with its age once it is late.",
        late=cells.is_late,
        sign=cells.source_sign,
        priority=5,
    ),
    sampled_column(),
    why_column(
        "All figures beyond their limits; of the unknown, why it is unknown.",
        text=lambda row: "" if row.reason == row.word else row.reason,
        priority=9,
    ),
)  # fmt: skip


def _panel_field(panel: str) -> Field[PanelRow]:
    of = next(one for one in PANELS if one.id == panel)
    unit = {"ratio": " 0 to 1.", "s": " In seconds.", "/s": " A second."}.get(of.unit, "")
    return Field(camel(panel), f"{of.doc}{unit}", lambda row: row.value(panel))


def _missing(row: PanelRow) -> Json:
    return {camel(cell.panel): cell.text for cell in row.cells if not cell.sample.known and not cell.idle}


def _beyond(row: PanelRow) -> Json:
    return [_finding(cell) for cell in row.cells if cell.level in (Health.BROKEN, Health.WARNING)]


def _finding(cell: Cell) -> Json:
    of = next(one for one in PANELS if one.id == cell.panel)
    assert of.limit is not None
    return {
        "figure": camel(cell.panel),
        "health": cell.level.value,
        "value": cell.sample.value,
        "whose": cell.host or None,
        "limit": of.limit.amber,
        "source": of.limit.source,
    }


_FIELDS: tuple[Field[PanelRow], ...] = (
    Field("name", "of the cluster", lambda row: row.cluster),
    Field("cluster", "of the cluster", lambda row: row.cluster),
    Field("health", "broken, warning, unknown, calm", lambda row: row.level.value),
    Field("state", "the verdict in a word", lambda row: row.word),
    Field("reason", "all figures beyond their limits, or why it is unknown", lambda row: row.reason),
    Field("remedy", "what would help", lambda row: row.remedy or None),
    *(_panel_field(panel.id) for panel in PANELS),
    Field("beyond", "figures beyond their limits: figure, health, value, whose, limit, source", _beyond),
    Field("missing", "why a figure is null, by its name", _missing),
    Field("source", "the source of metrics whose word it is", lambda row: row.source or None),
    sampled_field(),
)

CONTROLPLANE: Table[PanelRow] = Table(
    name="controlplane",
    columns=_COLUMNS,
    fields=_FIELDS,
    id=attrgetter("cluster"),
    title=attrgetter("cluster"),
    health=attrgetter("level"),
    haystack=lambda row: f"{row.cluster}\n{row.word}\n{row.reason}\n{row.source}".lower(),
    labels=lambda _: (),
    cluster=attrgetter("cluster"),
    headline="cluster",
    groupings={"state": lambda row: row.level.value},
)
