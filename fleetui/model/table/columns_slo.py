"""The table of service levels: one row for each promise of each cluster, those who call first."""

from math import inf
from operator import attrgetter

from fleetui.model.health.board import value_text
from fleetui.model.health.slo import Call, share_text, span_text
from fleetui.model.health.slo_board import SloRow, Sort
from fleetui.model.table import panel_cells as cells
from fleetui.model.table.cell_text import level_style
from fleetui.model.table.column import NOTHING, UNKNOWN, Align, Column, Field, Kind, Table
from fleetui.model.table.columns_shared import (
    WHOLE,
    cluster_column,
    muted,
    sampled_column,
    sampled_field,
    source_column,
    verdict_column,
    why_column,
    word_column,
)
from fleetui.model.table.panel_cells import figure_text
from fleetui.model.table.sorting import RANKS

_CALLS = {Call.PAGE: 0, Call.TICKET: 1, Call.NOBODY: 2, Call.UNKNOWN: 2}
"""What nobody knows stands between trouble and calm, as its level says."""
MOST_OVERSPENT = 9.99
"""Budgets; beyond it the figure tells nobody more."""


def now_text(row: SloRow, _: float = 0.0) -> str:
    if row.unit == "ratio" and row.falling:
        return share_text(row.value)
    return figure_text(row.value, row.unit)


def target_text(row: SloRow, _: float = 0.0) -> str:
    """``99.9%``, ``<30s``, ``>=99%``."""
    if row.target is None:
        return UNKNOWN
    if row.sort is Sort.BUDGET:
        return share_text(row.target)
    return f"{'>=' if row.falling else '<'}{value_text(row.target, row.unit).replace(' ', '')}"


def left_text(row: SloRow, _: float = 0.0) -> str:
    if row.sort is not Sort.BUDGET:
        return NOTHING
    if row.left is None:
        return UNKNOWN
    return f"{row.left:.0%}" if row.left > -MOST_OVERSPENT else f"<-{MOST_OVERSPENT:.0%}"


def _burn_text(row: SloRow, _: float) -> str:
    if row.sort is not Sort.BUDGET:
        return NOTHING
    return UNKNOWN if row.burn is None else f"{row.burn:.1f}x" if row.burn < 100 else f"{row.burn:,.0f}x"


def _gone_text(row: SloRow, _: float) -> str:
    if row.gone_in_s is None:
        return NOTHING
    return span_text(row.gone_in_s) if row.gone_in_s else "gone"


def _call_style(row: SloRow, _: float) -> str:
    return {Call.PAGE: "danger", Call.TICKET: "warn", Call.UNKNOWN: "unknown"}.get(row.call, "faint")


def urgency(row: SloRow) -> tuple[float, ...]:
    """Whose call it is first, then what will be gone first: pages, tickets, budgets of which little is left, what
    nobody knows, what is kept."""
    soonest = inf if row.gone_in_s is None else row.gone_in_s
    return (_CALLS[row.call], RANKS[row.level], soonest, inf if row.left is None else row.left)


_COLUMNS: tuple[Column[SloRow], ...] = (
    cluster_column("Whose promise it is.", priority=1, least=WHOLE),
    word_column("objective", "title", doc="What is promised.", least=14, most=34, priority=1),
    verdict_column("Kept, missed, when the budget is gone, when it is full; of the unknown, why.", least=14, most=24),
    Column(
        id="call",
        title="CALL",
        doc="Who has to know: page, ticket, nobody.",
        value=lambda row: None if row.call is Call.UNKNOWN else row.call.value,
        text=lambda row, _: row.call.value if row.call is not Call.NOBODY else NOTHING,
        least=6,
        most=6,
        priority=2,
        style=_call_style,
    ),
    Column(
        id="now",
        title="NOW",
        doc="The share that was good in the last hour, the figure, or the share in use.",
        kind=Kind.NUMBER,
        value=attrgetter("value"),
        attribute="value",
        text=now_text,
        least=7,
        most=9,
        priority=3,
        align=Align.RIGHT,
        style=level_style,
    ),
    Column(
        id="target",
        title="TARGET",
        doc="What is promised of it.",
        kind=Kind.NUMBER,
        value=attrgetter("target"),
        attribute="target",
        text=target_text,
        least=6,
        most=9,
        priority=4,
        align=Align.RIGHT,
        style=muted,
    ),
    Column(
        id="left",
        title="BUDGET",
        doc="What is left of the error budget of 30 days, in percent; negative when more was spent.",
        kind=Kind.NUMBER,
        value=lambda row: None if row.left is None else round(100 * row.left, 1),
        text=left_text,
        least=6,
        most=8,
        priority=2,
        align=Align.RIGHT,
        style=lambda row, now: level_style(row, now) if row.left is not None else "faint",
    ),
    Column(
        id="burn",
        title="BURN",
        doc="How fast the budget burned in the last hour: at 1 it lasts exactly 30 days.",
        kind=Kind.NUMBER,
        value=attrgetter("burn"),
        attribute="burn",
        text=_burn_text,
        least=5,
        most=8,
        priority=5,
        align=Align.RIGHT,
        style=lambda row, _: "faint" if row.burn is None else "",
    ),
    Column(
        id="gone",
        title="GONE IN",
        doc="Until the budget is gone at the pace of the last hour, or the resource is full; in seconds.",
        kind=Kind.NUMBER,
        value=attrgetter("gone_in_s"),
        attribute="gone_in_s",
        text=_gone_text,
        least=7,
        most=8,
        priority=6,
        align=Align.RIGHT,
        style=lambda row, now: "faint" if row.gone_in_s is None else level_style(row, now),
    ),
    source_column(
        "The source of metrics whose word it is; with its age once it is late.",
        late=cells.is_late,
        sign=cells.source_sign,
        priority=7,
    ),
    sampled_column(),
    why_column("Which windows burn how fast, or why there is no verdict."),
)

_FIELDS: tuple[Field[SloRow], ...] = (
    Field("name", "CLUSTER/OBJECTIVE", attrgetter("key")),
    Field("cluster", "whose promise it is", attrgetter("cluster")),
    Field("objective", "id of the promise", attrgetter("objective")),
    Field("title", "the promise in words", attrgetter("title")),
    Field("sort", "budget, figure or capacity", lambda row: row.sort.value),
    Field("health", "broken, warning, unknown, calm", lambda row: row.level.value),
    Field("state", "the verdict in a word", attrgetter("word")),
    Field("reason", "which windows burn how fast, or why there is no verdict", attrgetter("reason")),
    Field("remedy", "what is measured, or what would help", lambda row: row.remedy or None),
    Field("call", "page, ticket, nobody; null while nobody can tell",
          lambda row: None if row.call is Call.UNKNOWN else row.call.value),
    Field("value", "share that was good in 1 h, the figure, or the share in use", attrgetter("value")),
    Field("unit", "of value and target: ratio, s, d, /s, or none", lambda row: row.unit or None),
    Field("target", "share that must be good, or the limit", attrgetter("target")),
    Field("budgetLeft", "of 30 days; 1 is all, negative is overspent", attrgetter("left")),
    Field("burnRate", "of the last hour", attrgetter("burn")),
    Field("goneInSeconds", "until the budget is gone or it is full; 0 when it is", attrgetter("gone_in_s")),
    Field("whose", "the ingress or node that the figure is of", lambda row: row.named or None),
    Field("source", "the source of metrics whose word it is", lambda row: row.source or None),
    sampled_field(),
)  # fmt: skip

SLO: Table[SloRow] = Table(
    name="slo",
    columns=_COLUMNS,
    fields=_FIELDS,
    id=attrgetter("key"),
    title=attrgetter("key"),
    health=attrgetter("level"),
    haystack=lambda row: f"{row.key}\n{row.title}\n{row.word}\n{row.reason}\n{row.named}\n{row.source}".lower(),
    labels=lambda _: (),
    cluster=attrgetter("cluster"),
    first=urgency,
    headline="cluster",
    groupings={
        "cluster": attrgetter("cluster"),
        "objective": attrgetter("title"),
        "call": lambda row: row.call.value,
    },
)
