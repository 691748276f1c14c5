"""The Fleet table: one row a cluster."""

from collections.abc import Callable
from operator import attrgetter

from fleetui.model.cluster import AlertSign, Cluster, Health, support_ends
from fleetui.model.cluster_verdict import health
from fleetui.model.duration import time_text
from fleetui.model.picture import row_id
from fleetui.model.table import cluster_cells as cells
from fleetui.model.table.cell_text import HEALTH_STYLES
from fleetui.model.table.column import UNKNOWN, Align, Column, Field, Json, Kind, Table
from fleetui.model.table.columns_shared import muted, word_column


def _haystack(cluster: Cluster) -> str:
    tags = cluster.tags
    return "\n".join(
        (
            *(cluster.name, cluster.context, tags.environment, tags.group, tags.owner, cluster.version or ""),
            *(cells.state_word(cluster), cells.state_text(cluster, 0.0), cells.operation_words(cluster)),
            *cluster.aliases,
        )
    ).lower()


def _fault_json(cluster: Cluster) -> Json:
    fault = cluster.fault
    if fault is None:
        return None
    return {"kind": fault.kind.value, "word": fault.word, "detail": fault.detail, "remedy": fault.remedy}


def _works_json(cluster: Cluster) -> Json:
    return [
        {
            "id": work.op_id, "kind": work.kind, "by": work.by, "done": work.done, "total": work.total,
            "state": work.state, "blocked": work.reason or None, "blockedSince": time_text(work.blocked_since),
        }
        for work in cluster.works
    ]  # fmt: skip


def _count_column(column_id: str, *, doc: str) -> Column[Cluster]:
    """One of the two counts of ``ALERTS`` by itself: for filters and orders."""
    read: Callable[[AlertSign], int] = attrgetter(column_id)

    def value(row: Cluster) -> int | None:
        return None if row.alerts is None else cells.counted(row.alerts, read(row.alerts))

    def text(row: Cluster, _: float) -> str:
        count = value(row)
        return "" if row.alerts is None else UNKNOWN if count is None else str(count)

    return Column(
        id=column_id,
        title=column_id.upper(),
        doc=doc,
        kind=Kind.NUMBER,
        value=value,
        text=text,
        least=5,
        most=7,
        priority=8,
        align=Align.RIGHT,
        optional=True,
        wide=True,
    )


_COLUMNS: tuple[Column[Cluster], ...] = (
    word_column(
        "name",
        "name",
        doc="The cluster.",
        least=14,
        most=40,
        priority=1,
        style=lambda row, _: HEALTH_STYLES[health(row)],
    ),
    word_column(
        "env",
        "tags.environment",
        doc="Environment, from the configuration.",
        least=10,
        most=10,
        priority=3,
        style=lambda row, _: "prod" if row.tags.environment.startswith("prod") else "muted",
        optional=True,
    ),
    Column(
        id="state",
        title="STATE",
        doc="How it is followed, or what is wrong: between us and it, or by a board (slo, cp: controlplane, repl: "
        "replication).",
        value=cells.state_word,
        known=True,
        text=cells.state_text,
        least=16,
        most=24,
        priority=2,
        style=cells.state_style,
    ),
    Column(
        id="nodes",
        title="NODES",
        doc="Nodes that are Ready, of all.",
        kind=Kind.RATIO,
        value=lambda row: cells.ratio(row, row.nodes_ready, row.nodes_total),
        text=lambda row, _: cells.ratio_text(row, row.nodes_ready, row.nodes_total),
        least=7,
        most=11,
        priority=1,
        style=lambda row, _: cells.ratio_style(row, row.nodes_ready, row.nodes_total, trouble="warn"),
    ),
    Column(
        id="cp",
        title="CP",
        doc="Control-plane nodes that are Ready, of all.",
        kind=Kind.RATIO,
        value=lambda row: cells.ratio(row, row.control_plane_ready, row.control_plane_total),
        text=cells.control_plane_text,
        least=3,
        most=5,
        priority=2,
        style=cells.control_plane_style,
    ),
    Column(
        id="etcd",
        title="ETCD",
        doc="How many members of its etcd may still fail, or what is wrong with it.",
        value=cells.etcd_value,
        text=cells.etcd_text,
        least=9,
        most=15,
        priority=2,
        optional=True,
        style=cells.etcd_style,
    ),
    Column(
        id="alerts",
        title="ALERTS",
        doc="Pages (P) and tickets (T) that fire and that nothing hushes.",
        kind=Kind.NUMBER,
        value=lambda row: (
            None if row.alerts is None else cells.counted(row.alerts, row.alerts.pages + row.alerts.tickets)
        ),
        text=cells.alerts_text,
        least=6,
        most=9,
        priority=2,
        optional=True,
        style=cells.alerts_style,
    ),
    Column(
        id="pods",
        title="PODS",
        doc="Share of pods that are ready, with its age when it is late.",
        kind=Kind.RATIO,
        value=lambda row: (
            None if row.pods_ready is None or row.pods_total is None else (row.pods_ready, row.pods_total)
        ),
        text=cells.pods_text,
        least=6,
        most=10,
        priority=5,
        optional=True,
        style=cells.pods_style,
    ),
    Column(
        id="version",
        title="VERSION",
        doc="Of the API server.",
        kind=Kind.VERSION,
        value=lambda row: row.version,
        attribute="version",
        text=lambda row, _: row.version or UNKNOWN,
        least=8,
        most=16,
        priority=3,
        style=lambda row, _: "" if row.version else "unknown",
    ),
    Column(
        id="support",
        title="EOL",
        doc="Days until the minor's support ends.",
        kind=Kind.UNTIL,
        value=cells.support_ends_at,
        text=cells.support_text,
        least=5,
        most=6,
        priority=6,
        align=Align.RIGHT,
        style=cells.support_style,
    ),
    Column(
        id="operation",
        title="OPERATION",
        doc="What is going on: machines done of all and what blocks it; others' operations as their locks say.",
        value=cells.operation_words,
        known=True,
        text=cells.operation_text,
        least=9,
        most=30,
        priority=1,
        style=cells.operation_style,
        sign=cells.operation_sign,
    ),
    Column(
        id="age",
        title="AGE",
        doc="How old what is shown is; a fresh row is a glyph alone.",
        kind=Kind.SINCE,
        value=lambda row: row.last_contact,
        attribute="last_contact",
        text=cells.contact_text,
        least=5,
        most=6,
        priority=2,
        style=cells.contact_style,
        sign=cells.contact_sign,
    ),
    word_column(
        "group", "tags.group", doc="Group, from the configuration.", least=6, most=16, priority=7, optional=True
    ),
    word_column(
        "owner", "tags.owner", doc="Owner, from the configuration.", least=6, most=18, priority=7, optional=True
    ),
    Column(
        id="remedy",
        title="REMEDY",
        doc="What to do about a cluster that does not answer.",
        value=cells.remedy_text,
        known=True,
        text=lambda row, _: cells.remedy_text(row),
        least=20,
        most=60,
        priority=8,
        optional=True,
        style=muted,
    ),
    Column(
        id="latency",
        title="LATENCY",
        doc="Of the last answer to /readyz.",
        kind=Kind.DURATION,
        value=lambda row: row.api_latency_s,
        attribute="api_latency_s",
        text=cells.latency_text,
        least=7,
        most=8,
        priority=8,
        align=Align.RIGHT,
        wide=True,
    ),
    Column(
        id="skew",
        title="SKEW",
        doc="The server's clock minus ours, when they are apart.",
        kind=Kind.DURATION,
        value=lambda row: row.skew_s,
        attribute="skew_s",
        text=cells.skew_text,
        least=5,
        most=8,
        priority=8,
        align=Align.RIGHT,
        optional=True,
        wide=True,
        style=lambda _row, _now: "warn",
    ),
    _count_column("pages", doc="Pages that fire and that nothing hushes."),
    _count_column("tickets", doc="Tickets that fire and that nothing hushes."),
    word_column("context", "context", doc="The kubeconfig context.", least=10, most=40, priority=9, wide=True),
)

_FIELDS: tuple[Field[Cluster], ...] = (
    Field("name", "unique in the session", lambda row: row.name),
    Field("uid", "of the kube-system namespace; empty until it has answered", lambda row: row.uid),
    Field("context", "kubeconfig context", lambda row: row.context),
    Field("aliases", "other contexts of the same cluster", lambda row: list(row.aliases)),
    Field("environment", "from the configuration", lambda row: row.tags.environment),
    Field("group", "from the configuration", lambda row: row.tags.group),
    Field("owner", "from the configuration", lambda row: row.tags.owner),
    Field("labels", "from the configuration", lambda row: dict(row.tags.labels)),
    Field("health", "broken, warning, busy, unknown, calm", lambda row: health(row).value),
    Field("trust", "live, connecting, stale, silent, not connected", lambda row: row.trust.value),
    Field(
        "source",
        "pushed, polled, scraped, cached; null when it was never read",
        lambda row: row.source.value if row.ever_read else None,
    ),
    Field("lastContact", "time of the last sign of life", lambda row: time_text(row.last_contact)),
    Field("fault", "kind, word, detail, remedy; null when none", _fault_json),
    Field("version", "of the API server", lambda row: row.version),
    Field("supportEnds", "date of the minor's end of support", lambda row: support_ends(row.version)),
    Field("nodesReady", "last known", lambda row: row.nodes_ready),
    Field("nodesTotal", "last known", lambda row: row.nodes_total),
    Field("controlPlaneReady", "last known", lambda row: row.control_plane_ready),
    Field("controlPlaneTotal", "null when no node carries the role", lambda row: row.control_plane_total),
    Field("podsReady", "last known", lambda row: row.pods_ready),
    Field("podsTotal", "last known", lambda row: row.pods_total),
    Field("podsAt", "when the pod numbers were true", lambda row: time_text(row.pods_at)),
    Field("cordoned", "nodes", lambda row: row.cordoned),
    Field("operation", "as its machines' locks say", lambda row: row.operation),
    Field("works", "operations of this store: id, kind, by, done, total, state, blocked", _works_json),
    Field(
        "etcd",
        "level, word, canLose, voters, why; null where there is no way to it",
        cells.etcd_json,
    ),
    Field(
        "alerts",
        "pages and tickets that fire and nothing hushes (null: not known), hushed, quietPages: pages among those and "
        "how, blind: why there may be more, late: what of its pipeline ails and hides nothing else",
        cells.alerts_json,
    ),
    Field(
        "reasons",
        "what is wrong, worst first: level, text, board (null: the API server), why; the first makes the health",
        cells.reasons_json,
    ),
    Field("apiLatencySeconds", "of the last answer to /readyz", lambda row: row.api_latency_s),
    Field("clockSkewSeconds", "server's clock minus ours", lambda row: row.skew_s),
)

CLUSTERS: Table[Cluster] = Table(
    name="clusters",
    columns=_COLUMNS,
    fields=_FIELDS,
    id=row_id,
    title=lambda row: row.name,
    health=health,
    haystack=_haystack,
    labels=lambda row: row.tags.labels,
    cluster=attrgetter("name"),
    groupings={
        "environment": lambda row: row.tags.environment,
        "group": lambda row: row.tags.group,
        "owner": lambda row: row.tags.owner,
        "version": lambda row: row.version or UNKNOWN,
        "health": lambda row: Health(health(row)).value,
    },
)
