"""The coverage matrix: which cluster has metrics for which board, and what to do where it has none."""

from operator import attrgetter

from fleetui.model.health.coverage import PARTS, Cover, CoverageRow, Covered, Part
from fleetui.model.table import panel_cells as cells
from fleetui.model.table.cell_text import HEALTH_STYLES
from fleetui.model.table.column import NOTHING, UNKNOWN, Column, Field, Json, Kind, Table
from fleetui.model.table.columns_shared import (
    WHOLE,
    cluster_column,
    muted,
    sampled_column,
    sampled_field,
    verdict_column,
    word_column,
)
from fleetui.model.table.sorting import RANKS

_TITLES = {
    "ksm": "KUBE-STATE", "node": "NODES", "etcd": "ETCD", "apiserver": "API", "capi": "CAPI", "logs": "LOGS",
    "traces": "TRACES",
}  # fmt: skip
_WORDS = {
    Cover.SCRAPED: "ok", Cover.PARTLY: "partly", Cover.DOWN: "empty", Cover.MISSING: "none", Cover.UNKNOWN: UNKNOWN,
    Cover.SILENT: UNKNOWN,
}  # fmt: skip


def cover_text(part: Part, cell: Covered) -> str:
    """``–`` for what a cluster may well do without."""
    return NOTHING if cell.cover is Cover.MISSING and not part.needed else _WORDS[cell.cover]


def _cover_style(part: Part, cell: Covered) -> str:
    if cell.cover is Cover.SCRAPED or (cell.cover is Cover.MISSING and not part.needed):
        return "faint"
    return HEALTH_STYLES[cell.level]


def _part_column(part: Part) -> Column[CoverageRow]:
    return Column(
        id=part.id,
        title=_TITLES[part.id],
        doc=f"Metrics of {part.title}: ok, partly (a target is down), empty (targets without metrics), none.",
        kind=Kind.TEXT,
        value=lambda row: (
            None if row.cell(part.id).cover in (Cover.UNKNOWN, Cover.SILENT) else cover_text(part, row.cell(part.id))
        ),
        text=lambda row, _: cover_text(part, row.cell(part.id)),
        least=max(6, len(_TITLES[part.id])),
        most=10,
        priority=2 if part.needed else 4,
        style=lambda row, _: _cover_style(part, row.cell(part.id)),
    )


def _part_field(part: Part) -> Field[CoverageRow]:
    def value(row: CoverageRow) -> Json:
        cell = row.cell(part.id)
        return {"cover": cell.cover.value, "detail": cell.detail or None, "fix": cell.fix or None}

    return Field(part.id, f"metrics of {part.title}: cover, detail, fix", value)


_COLUMNS: tuple[Column[CoverageRow], ...] = (
    cluster_column("Whose metrics they are.", priority=1, least=WHOLE),
    verdict_column("All scraped, how many of what is needed are missing, or that nothing arrives.", least=15, most=20),
    *(_part_column(part) for part in PARTS),
    sampled_column(
        "When anything of it was last scraped.",
        least=7,
        priority=3,
        wide=False,
        style=lambda row, _: "unknown" if row.sample_at is None else "stale" if cells.is_late(row) else "muted",
    ),
    word_column(
        "fix",
        lambda row: "; ".join(filter(None, (row.fix, *row.notes))),
        doc="The first thing to do; then what is to be known: short retention, high cardinality.",
        least=16,
        most=90,
        priority=5,
        style=muted,
    ),
)

_FIELDS: tuple[Field[CoverageRow], ...] = (
    Field("name", "of the cluster", attrgetter("cluster")),
    Field("cluster", "of the cluster", attrgetter("cluster")),
    Field("health", "broken, warning, unknown, calm", lambda row: row.level.value),
    Field("state", "how many of what is needed are missing, or that nothing arrives", attrgetter("word")),
    *(_part_field(part) for part in PARTS),
    Field("fix", "the first thing to do", lambda row: row.fix or None),
    Field("notes", "short retention, high cardinality", lambda row: list(row.notes)),
    sampled_field("when anything of it was last scraped"),
)

COVERAGE: Table[CoverageRow] = Table(
    name="coverage",
    columns=_COLUMNS,
    fields=_FIELDS,
    id=attrgetter("cluster"),
    title=attrgetter("cluster"),
    health=attrgetter("level"),
    haystack=lambda row: f"{row.cluster}\n{row.word}\n{row.fix}\n{' '.join(row.notes)}".lower(),
    labels=lambda _: (),
    cluster=attrgetter("cluster"),
    first=lambda row: (RANKS[row.level], not row.silent, -row.lacking),
    headline="cluster",
    groupings={"state": lambda row: row.level.value},
)
