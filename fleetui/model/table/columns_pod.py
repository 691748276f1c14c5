"""The Pods table: the pods of the clusters in focus."""

from operator import attrgetter

from fleetui.model.cluster import Health
from fleetui.model.duration import time_text
from fleetui.model.picture import row_id
from fleetui.model.pod import Pod
from fleetui.model.table.cell_text import HEALTH_STYLES
from fleetui.model.table.column import UNKNOWN, Align, Column, Field, Kind, Table
from fleetui.model.table.columns_shared import age_column, cluster_column, muted, word_column

_ON_THE_WAY = frozenset({"Pending", "ContainerCreating", "PodInitializing", "Terminating", "Running", "NotReady"})
RESTARTS_WARN = 5
"""More than a rolling update and a bad night bring about."""


def pod_health(pod: Pod) -> Health:
    """The verdict that orders the table: on the way is a warning, anything else that is not healthy is broken."""
    if pod.healthy:
        return Health.CALM
    if not pod.status or pod.status == "Unknown":
        return Health.UNKNOWN
    on_the_way = pod.status in _ON_THE_WAY or pod.status.partition(":")[2].replace("/", "").isdigit()
    return Health.WARNING if on_the_way else Health.BROKEN


def _status_style(pod: Pod, _: float) -> str:
    return "muted" if pod.status == "Completed" else HEALTH_STYLES[pod_health(pod)]


def _haystack(pod: Pod) -> str:
    return f"{pod.namespace}/{pod.name}\n{pod.status}\n{pod.node}\n{pod.cluster}\n{pod.ip}\n{pod.owner}".lower()


_COLUMNS: tuple[Column[Pod], ...] = (
    word_column("namespace", "namespace", doc="Namespace.", least=10, most=24, priority=2, style=muted),
    word_column("name", "name", doc="The pod.", least=20, most=56, priority=1, style=_status_style),
    Column(
        id="ready",
        title="READY",
        doc="Containers that are ready, of all.",
        kind=Kind.RATIO,
        value=lambda row: (row.ready, row.containers),
        known=True,
        text=lambda row, _: f"{row.ready}/{row.containers}",
        least=5,
        most=6,
        priority=2,
        style=lambda row, _: "warn" if row.ready < row.containers and not row.healthy else "",
    ),
    word_column(
        "status",
        "status",
        doc="The word kubectl prints.",
        least=12,
        most=26,
        priority=1,
        unknown=UNKNOWN,
        style=_status_style,
    ),
    Column(
        id="restarts",
        title="RESTARTS",
        doc="Of its containers.",
        kind=Kind.NUMBER,
        value=lambda row: row.restarts,
        attribute="restarts",
        known=True,
        text=lambda row, _: str(row.restarts),
        least=8,
        most=8,
        priority=4,
        align=Align.RIGHT,
        style=lambda row, _: "faint" if not row.restarts else "warn" if row.restarts > RESTARTS_WARN else "",
    ),
    age_column("Since the pod was created."),
    word_column("node", "node", doc="Where it runs; empty while it is not scheduled.", least=16, most=48, priority=5),
    cluster_column("Whose pod it is."),
    word_column("owner", "owner", doc="What would make another one.", least=20, most=48, priority=8, wide=True),
    word_column("ip", "ip", doc="Address of the pod.", least=15, most=39, priority=8, wide=True),
)

_FIELDS: tuple[Field[Pod], ...] = (
    Field("name", "of the pod", lambda row: row.name),
    Field("namespace", "", lambda row: row.namespace),
    Field("cluster", "name of its cluster", lambda row: row.cluster),
    Field("uid", "of the Pod object", lambda row: row.uid),
    Field("health", "broken, warning, unknown, calm", lambda row: pod_health(row).value),
    Field("status", "as kubectl prints it", lambda row: row.status),
    Field("containersReady", "", lambda row: row.ready),
    Field("containersTotal", "", lambda row: row.containers),
    Field("restarts", "of its containers", lambda row: row.restarts),
    Field("node", "empty while it is not scheduled", lambda row: row.node),
    Field("ip", "", lambda row: row.ip),
    Field("owner", "KIND/NAME of the controller; empty for a naked pod", lambda row: row.owner),
    Field("created", "", lambda row: time_text(row.created)),
    Field("deleting", "when its deletion began", lambda row: time_text(row.deleting_since)),
    Field("labels", "", lambda row: dict(row.labels)),
)

PODS: Table[Pod] = Table(
    name="pods",
    columns=_COLUMNS,
    fields=_FIELDS,
    id=row_id,
    title=lambda row: row.name,
    health=pod_health,
    haystack=_haystack,
    labels=attrgetter("labels"),
    cluster=attrgetter("cluster"),
    follows_cluster=True,
    state="status",
    groupings={
        "cluster": lambda row: row.cluster,
        "namespace": lambda row: row.namespace,
        "node": lambda row: row.node,
        "owner": lambda row: row.owner,
        "status": lambda row: row.status,
    },
)
