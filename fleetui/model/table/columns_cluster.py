"""The Fleet table: one row a cluster."""

from datetime import UTC, datetime
from operator import attrgetter

from fleetui.model.cluster import Cluster, Health, health, support_ends
from fleetui.model.duration import age_text
from fleetui.model.freshness import Source, Trust
from fleetui.model.picture import row_id
from fleetui.model.table.cell_text import HEALTH_STYLES, percent_text, time_text
from fleetui.model.table.column import NOTHING, UNKNOWN, Align, Column, Field, Json, Kind, Table

SUPPORT_WARN_S = 90 * 86_400.0
"""A minor is supported for 14 months; an upgrade of a fleet takes a quarter."""
PODS_STALE_S = 60.0

_SOURCE_SIGNS = {Source.PUSHED: "live", Source.POLLED: "stale", Source.SCRAPED: "scraped", Source.CACHED: "cached"}
_TRUST_SIGNS = {
    Trust.STALE: "stale",
    Trust.SILENT: "broken",
    Trust.CONNECTING: "connecting",
    Trust.IDLE: "idle",
}


def _current(cluster: Cluster) -> bool:
    """Whether its numbers may be shown as numbers; those of a stale cluster are, in the colour of stale."""
    return cluster.trust in (Trust.LIVE, Trust.STALE)


def _ratio(cluster: Cluster, ready: int | None, total: int | None) -> tuple[int, int] | None:
    return None if ready is None or total is None or not _current(cluster) else (ready, total)


def _ratio_text(cluster: Cluster, ready: int | None, total: int | None) -> str:
    """``412/415``; ``?/12`` when only the size is known from earlier."""
    if total is None:
        return UNKNOWN
    return f"{UNKNOWN if ready is None or not _current(cluster) else ready}/{total}"


def _ratio_style(cluster: Cluster, ready: int | None, total: int | None, *, trouble: str) -> str:
    if ready is None or total is None or not _current(cluster):
        return "unknown"
    if cluster.trust is Trust.STALE:
        return "stale"
    return trouble if ready < total else ""


def _control_plane_text(cluster: Cluster, _: float) -> str:
    if cluster.control_plane_total is None and cluster.nodes_total is not None and _current(cluster):
        return NOTHING
    return _ratio_text(cluster, cluster.control_plane_ready, cluster.control_plane_total)


def _control_plane_style(cluster: Cluster, now: float) -> str:
    if _control_plane_text(cluster, now) == NOTHING:
        return "faint"
    return _ratio_style(cluster, cluster.control_plane_ready, cluster.control_plane_total, trouble="danger")


def _pods_text(cluster: Cluster, now: float) -> str:
    if not cluster.pods_total or cluster.pods_ready is None:
        return UNKNOWN if cluster.pods_total is None or cluster.pods_ready is None else NOTHING
    share = percent_text(cluster.pods_ready, cluster.pods_total)
    late = cluster.pods_at is not None and now - cluster.pods_at > PODS_STALE_S
    return f"{share} {age_text(cluster.pods_at, now)}" if late else share


def _pods_style(cluster: Cluster, now: float) -> str:
    if not cluster.pods_total or cluster.pods_ready is None:
        return "faint" if cluster.pods_total == 0 else "unknown"
    if cluster.pods_at is not None and now - cluster.pods_at > PODS_STALE_S:
        return "stale"
    return ""


def _support_ends_at(cluster: Cluster) -> float | None:
    """The first second after the last day of support."""
    date = support_ends(cluster.version)
    return None if date is None else datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp() + 86_400


def _support_text(cluster: Cluster, now: float) -> str:
    ends = _support_ends_at(cluster)
    if ends is None:
        return UNKNOWN
    return "ended" if ends <= now else f"{int((ends - now) // 86_400)}d"


def _support_style(cluster: Cluster, now: float) -> str:
    ends = _support_ends_at(cluster)
    if ends is None:
        return "unknown"
    return "danger" if ends <= now else "warn" if ends - now < SUPPORT_WARN_S else ""


def state_word(cluster: Cluster) -> str:
    """The plain word on the row: what is wrong between us and it, else how it is followed."""
    if cluster.fault is not None:
        return cluster.fault.word
    partial = next((feed.fault.word for feed in cluster.feeds if feed.fault is not None), "")
    return partial or cluster.trust.value


def _state_text(cluster: Cluster, _: float) -> str:
    """With the cordons, which no other column counts: ``live, 2 cordoned``."""
    word = state_word(cluster)
    return f"{word}, {cluster.cordoned} cordoned" if cluster.trust is Trust.LIVE and cluster.cordoned else word


def _state_style(cluster: Cluster, _: float) -> str:
    match cluster.trust:
        case Trust.LIVE:
            forgotten = cluster.cordoned and not cluster.busy
            return "warn" if forgotten or state_word(cluster) != Trust.LIVE else "muted"
        case Trust.SILENT:
            return "danger"
        case Trust.STALE:
            return "stale"
    return "muted"


def _remedy(cluster: Cluster) -> str:
    if cluster.fault is not None:
        return cluster.fault.remedy
    return next((feed.fault.remedy for feed in cluster.feeds if feed.fault is not None), "")


def operation_words(cluster: Cluster) -> str:
    """What is going on, without ages: of our own operations how far they are, else what the locks say."""
    return ", ".join(work.words for work in cluster.works) or cluster.operation


def _operation_text(cluster: Cluster, now: float) -> str:
    """``drain 0/2 blocked 2m``, ``drain 1/3 +1``: the one that waits for somebody first."""
    if not cluster.works:
        return cluster.operation or NOTHING
    others = len(cluster.works) - 1
    return cluster.works[0].text(now) + (f" +{others}" if others else "")


def _operation_style(cluster: Cluster, _: float) -> str:
    return "warn" if cluster.stuck else "busy" if cluster.busy else "faint"


def _operation_sign(cluster: Cluster) -> str:
    return "warning" if cluster.stuck else ""


def _contact_text(cluster: Cluster, now: float) -> str:
    """Fresh is the glyph alone; an age appears once something is late."""
    return "" if cluster.trust is Trust.LIVE else age_text(cluster.last_contact, now)


def _contact_style(cluster: Cluster, _: float) -> str:
    return {Trust.LIVE: "ok", Trust.STALE: "stale", Trust.SILENT: "danger"}.get(cluster.trust, "unknown")


def _contact_sign(cluster: Cluster) -> str:
    """How it is heard while it is live; else the sign of its trust, as in the headline and the inspector."""
    return _TRUST_SIGNS.get(cluster.trust) or _SOURCE_SIGNS[cluster.source]


def _latency_text(cluster: Cluster, _: float) -> str:
    """In steps of 10 ms above 10: a number that never rests says nothing."""
    if cluster.api_latency_s is None:
        return UNKNOWN
    ms = cluster.api_latency_s * 1000
    return "<10ms" if ms < 10 else f"{int(ms // 10) * 10}ms"


def _skew_text(cluster: Cluster, _: float) -> str:
    return "" if cluster.skew_s is None or abs(cluster.skew_s) < 2 else f"{cluster.skew_s:+.0f}s"


def _haystack(cluster: Cluster) -> str:
    tags = cluster.tags
    return "\n".join(
        (
            *(cluster.name, cluster.context, tags.environment, tags.group, tags.owner, cluster.version or ""),
            *(state_word(cluster), operation_words(cluster), *cluster.aliases),
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


_COLUMNS: tuple[Column[Cluster], ...] = (
    Column(
        id="name",
        title="NAME",
        doc="The cluster.",
        value=lambda row: row.name,
        attribute="name",
        known=True,
        text=lambda row, _: row.name,
        least=14,
        most=40,
        priority=1,
        style=lambda row, _: HEALTH_STYLES[health(row)],
    ),
    Column(
        id="env",
        title="ENV",
        doc="Environment, from the configuration.",
        value=lambda row: row.tags.environment,
        known=True,
        text=lambda row, _: row.tags.environment,
        least=5,
        most=10,
        priority=3,
        optional=True,
        style=lambda row, _: "prod" if row.tags.environment.startswith("prod") else "muted",
    ),
    Column(
        id="state",
        title="STATE",
        doc="How it is followed, or what is wrong between us and it.",
        value=state_word,
        known=True,
        text=_state_text,
        least=10,
        most=24,
        priority=2,
        style=_state_style,
    ),
    Column(
        id="nodes",
        title="NODES",
        doc="Nodes that are Ready, of all.",
        kind=Kind.RATIO,
        value=lambda row: _ratio(row, row.nodes_ready, row.nodes_total),
        text=lambda row, _: _ratio_text(row, row.nodes_ready, row.nodes_total),
        least=7,
        most=11,
        priority=1,
        style=lambda row, _: _ratio_style(row, row.nodes_ready, row.nodes_total, trouble="warn"),
    ),
    Column(
        id="cp",
        title="CP",
        doc="Control-plane nodes that are Ready, of all.",
        kind=Kind.RATIO,
        value=lambda row: _ratio(row, row.control_plane_ready, row.control_plane_total),
        text=_control_plane_text,
        least=3,
        most=5,
        priority=2,
        style=_control_plane_style,
    ),
    Column(
        id="pods",
        title="PODS",
        doc="Share of pods that are ready, with its age when it is late.",
        kind=Kind.RATIO,
        value=lambda row: (
            None if row.pods_ready is None or row.pods_total is None else (row.pods_ready, row.pods_total)
        ),
        text=_pods_text,
        least=6,
        most=10,
        priority=5,
        style=_pods_style,
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
        value=_support_ends_at,
        text=_support_text,
        least=5,
        most=6,
        priority=6,
        align=Align.RIGHT,
        style=_support_style,
    ),
    Column(
        id="operation",
        title="OPERATION",
        doc="What is going on: machines done of all and what blocks it; others' operations as their locks say.",
        value=operation_words,
        known=True,
        text=_operation_text,
        least=9,
        most=30,
        priority=1,
        style=_operation_style,
        sign=_operation_sign,
    ),
    Column(
        id="age",
        title="AGE",
        doc="How old what is shown is; a fresh row is a glyph alone.",
        kind=Kind.SINCE,
        value=lambda row: row.last_contact,
        attribute="last_contact",
        text=_contact_text,
        least=5,
        most=6,
        priority=2,
        style=_contact_style,
        sign=_contact_sign,
    ),
    Column(
        id="group",
        title="GROUP",
        doc="Group, from the configuration.",
        value=lambda row: row.tags.group,
        known=True,
        text=lambda row, _: row.tags.group,
        least=6,
        most=16,
        priority=7,
        optional=True,
    ),
    Column(
        id="owner",
        title="OWNER",
        doc="Owner, from the configuration.",
        value=lambda row: row.tags.owner,
        known=True,
        text=lambda row, _: row.tags.owner,
        least=6,
        most=18,
        priority=7,
        optional=True,
    ),
    Column(
        id="remedy",
        title="REMEDY",
        doc="What to do about a cluster that does not answer.",
        value=_remedy,
        known=True,
        text=lambda row, _: _remedy(row),
        least=20,
        most=60,
        priority=8,
        optional=True,
        style=lambda _row, _now: "muted",
    ),
    Column(
        id="latency",
        title="LATENCY",
        doc="Of the last answer to /readyz.",
        kind=Kind.DURATION,
        value=lambda row: row.api_latency_s,
        attribute="api_latency_s",
        text=_latency_text,
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
        text=_skew_text,
        least=5,
        most=8,
        priority=8,
        align=Align.RIGHT,
        optional=True,
        wide=True,
        style=lambda _row, _now: "warn",
    ),
    Column(
        id="context",
        title="CONTEXT",
        doc="The kubeconfig context.",
        value=lambda row: row.context,
        attribute="context",
        known=True,
        text=lambda row, _: row.context,
        least=10,
        most=40,
        priority=9,
        wide=True,
    ),
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
