"""The boards of the whole fleet: executive, on call, debug. One declaration for screen, plain output and Grafana.

Each board is a list of what is asked of it (requirement F5) with the panels that answer.
"""

import msgspec

from fleetui.model.health import capacity, slo_objectives
from fleetui.model.health.controlplane import (
    API_JOBS,
    AVAILABLE,
    ERRORS,
    EVICTIONS,
    NOT_READY,
    PENDING,
    QUEUE,
    VERSIONS,
)
from fleetui.model.health.panels import (
    ALERTS,
    APISERVER,
    CAPI,
    CONTROLLERS,
    COST,
    NODE,
    STATE,
    Exporter,
    Fold,
    Panel,
    limit,
)

TRACES = Exporter("traces", "OpenTelemetry collector", "", "scrape the trace collectors")
_INF = float("inf")
INCIDENTS_ASKED = "incidents"
_MANAGERS = 'job=~".*cap.*"'


class FleetBoard(msgspec.Struct, frozen=True):
    """One board."""

    id: str
    title: str
    asked: tuple[tuple[str, tuple[Panel, ...]], ...]
    """(what is asked, which panels answer)."""

    @property
    def panels(self) -> tuple[Panel, ...]:
        return tuple({panel.id: panel for _, panels in self.asked for panel in panels}.values())

    @property
    def incidents(self) -> int | None:
        """Where the row of the open incidents stands, which no source of metrics knows; None: it has none."""
        before = 0
        for asked, panels in self.asked:
            if asked == INCIDENTS_ASKED:
                return before
            before += len(panels)
        return None


READY = Panel(
    id="ready",
    title="clusters Ready",
    doc="Clusters with an API server that answers and no node that does not.",
    promql=f"max by ($per) (up{{{API_JOBS}}}) * on ($per) group_left () "
    '(sum by ($per) (kube_node_status_condition{condition="Ready",status!="true"}) == bool 0)',
    exporter=STATE,
    unit="ratio",
    short="Ready",
    limit=limit("clusters Ready", "ratio", 0.99, 0.9, falling=True),
    fold=Fold.MEAN,
    of_fleet=True,
)
BURN = Panel(
    id="burn",
    title="error budget burns",
    doc="Burn rate of the API error budget (99.9 %) over an hour: at 1 it lasts exactly 30 days.",
    promql=f"({slo_objectives.objective_of('api-errors').panel('1h').promql}) / 0.001",
    exporter=APISERVER,
    short="burns",
    limit=limit("burn rate", "", 3, 14.4, "SRE Workbook: the factors of a ticket and of a page"),
    every_s=30,
)
CAPACITY = Panel(
    id="capacity",
    title="CPU requested of allocatable",
    doc="What new work finds taken.",
    promql=f"{capacity.RESOURCES[0].used.replace('@ago', '')} / {capacity.RESOURCES[0].total}",
    exporter=STATE,
    unit="ratio",
    short="requested",
    limit=limit("CPU requested", "ratio", 0.8, 0.95),
    fold=Fold.MEAN,
    every_s=60,
)
PAGING = "critical|page|emergency|fatal|disaster|p1|sev1"
"""Severities that wake somebody, and names that do whatever their severity is, or that never do: requirement G1 as
``model.alerts.page_or_ticket`` has it, which a test holds this equal to (that package needs this one)."""
RAISED = (
    "etcd(InsufficientMembers|NoLeader|MembersDown|DatabaseQuotaLowSpace)"
    "|Kube(API(Server)?|Scheduler|ControllerManager|let)Down|ControlPlane(Down|Outage).*|.*Cascad(e|ing).*"
)
LOWERED = ".*Drift.*|KubeVersionMismatch|.*OutOfSync.*|.*(Orphan|Leak).*|.*(Cost|Idle).*"
_FIRING = 'alertstate="firing"'
PAGES = Panel(
    id="pages",
    title="pages, muted too",
    doc="Alerts that wake somebody, by their severity or their name, and fire by the rules of this source: those that "
    "somebody has muted count here, and not on the fleet's header; :alerts has each, and who is at it.",
    promql="count by ($per) ("
    f'ALERTS{{{_FIRING},severity=~"(?i:{PAGING})",alertname!~"{LOWERED}"}} or ALERTS{{{_FIRING},alertname=~"{RAISED}"}}'
    ") or 0 * count by ($per) (up)",
    exporter=ALERTS,
    short="pages",
    limit=limit("pages", "", 1, 5),
    fold=Fold.SUM,
    of_fleet=True,
)


def _provisioned(days: int) -> Panel:
    return Panel(
        id=f"provisioned-{days}d",
        title=f"provisioning success, {days} d",
        doc=f"Machine-time of {days} days that was not spent in the phase Failed.",
        promql=f'1 - sum by ($per) (avg_over_time(capi_machine_status_phase{{phase="Failed"}}[{days}d]))'
        f" / count by ($per) (avg_over_time(capi_machine_info[{days}d]))",
        exporter=CAPI,
        unit="ratio",
        short=f"in {days} d",
        limit=limit("provisioning success", "ratio", 0.99, 0.95, "M1 99 %; red: own judgement", falling=True),
        fold=Fold.MEAN,
        every_s=600,
    )


EPHEMERAL = Panel(
    id="ephemeral-cost",
    title="cost of ephemeral clusters",
    doc="An hour, by OpenCost, of clusters whose name says that they are to go: ephemeral, preview, pr-, ci-.",
    promql='sum by ($per) (node_total_hourly_cost{$cluster=~".*(ephemeral|preview).*|(pr|ci)-.*"})',
    exporter=COST,
    short="an hour",
    limit=limit("cost of ephemeral clusters an hour", "", 50, 200),
    fold=Fold.SUM,
    every_s=300,
)
RECONCILE_ERRORS = Panel(
    id="reconcile-errors",
    title="reconcile errors",
    doc="M3: share of reconciles of Cluster API's controllers that failed in 5 minutes.",
    promql=slo_objectives.objective_of("reconcile").panel("5m").promql,
    exporter=CONTROLLERS,
    unit="ratio",
    short="reconcile errors",
    limit=limit("reconcile errors", "ratio", 0.01, 0.1, "M3 1 %; red: own judgement"),
)
RESTARTS = Panel(
    id="all-restarts",
    title="restarts in 1 h",
    doc="Of containers in all namespaces.",
    promql="sum by ($per) (increase(kube_pod_container_status_restarts_total[1h]))",
    exporter=STATE,
    short="restarts",
    limit=limit("restarts in 1 h", "", 20, 200),
    fold=Fold.SUM,
    every_s=60,
)
MACHINES = Panel(
    id="machines",
    title="machines not Ready or Deleting",
    doc="Machines of Cluster API that are not in the phase Running.",
    promql='sum by ($per) (capi_machine_status_phase{phase!="Running"})',
    exporter=CAPI,
    short="not Running",
    limit=limit("machines not Running", "", 1, 10),
    fold=Fold.SUM,
    every_s=30,
)
ROLLOUTS = Panel(
    id="rollouts",
    title="control planes being upgraded",
    doc="Machines of control planes that are not yet of the wanted version, of Cluster API.",
    promql="sum by ($per) (capi_kubeadmcontrolplane_spec_replicas)"
    " - sum by ($per) (capi_kubeadmcontrolplane_status_replicas_updated)",
    exporter=CAPI,
    short="to upgrade",
    limit=limit("machines to upgrade", "", 1, 20),
    fold=Fold.SUM,
    every_s=30,
)
RATE_LIMITED = Panel(
    id="rate-limited",
    title="provider rate limits",
    doc="Answers 429 a second to the controllers of Cluster API.",
    promql=f'sum by ($per) (rate(rest_client_requests_total{{{_MANAGERS},code="429"}}[$w]))'
    f" or 0 * sum by ($per) (rate(rest_client_requests_total{{{_MANAGERS}}}[$w]))",
    exporter=CONTROLLERS,
    unit="/s",
    short="429",
    limit=limit("answers 429", "/s", 0.01, 1),
    fold=Fold.SUM,
)


def _busiest(id_: str, title: str, expression: str, *, amber: float, red: float) -> Panel:
    return Panel(
        id=id_,
        title=title,
        doc="Of the node that has most of it, and which it is.",
        promql=f"topk by ($per) (1, max by ($per, instance) ({expression}))",
        exporter=NODE,
        unit="ratio",
        short=title.partition(" ")[0],
        named="instance",
        limit=limit(title, "ratio", amber, red),
        every_s=30,
    )


NODE_CPU = _busiest(
    "node-cpu", "CPU of a node", '1 - avg by ($per, instance) (rate(node_cpu_seconds_total{mode="idle"}[$w]))',
    amber=0.9, red=0.98,
)  # fmt: skip
NODE_MEMORY = _busiest(
    "node-memory", "memory of a node", "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
    amber=0.85, red=0.95,
)  # fmt: skip
NODE_DISK = _busiest(
    "node-disk", "disk of a node",
    '1 - node_filesystem_avail_bytes{fstype!~"tmpfs|overlay|squashfs|ramfs"}'
    ' / node_filesystem_size_bytes{fstype!~"tmpfs|overlay|squashfs|ramfs"}',
    amber=0.8, red=0.9,
)  # fmt: skip
LAG = next(panel for panel in slo_objectives.FIGURES if panel.id == "replication")
LOST_TRACES = Panel(
    id="traces",
    title="traces lost",
    doc="Spans a second that the collectors could not hand on.",
    promql='sum by ($per) (rate({__name__=~"otelcol_exporter_send_failed_spans(_total)?"}[$w]))',
    exporter=TRACES,
    unit="/s",
    short="spans lost",
    limit=limit("spans lost", "/s", 0.1, 100),
    fold=Fold.SUM,
    every_s=30,
)


def _reconcile(share: int) -> Panel:
    return Panel(
        id=f"reconcile-p{share}",
        title=f"reconcile P{share}",
        doc="Of one call of Cluster API's controllers.",
        promql=f"histogram_quantile({share / 100:g}, sum by ($per, le) "
        f"(rate(controller_runtime_reconcile_time_seconds_bucket{{{_MANAGERS}}}[$w])))",
        exporter=CONTROLLERS,
        unit="s",
        short=f"P{share}",
        limit=limit(f"reconcile P{share}", "s", 0.5, 5.0, "M9 500 ms; red: own judgement"),
        every_s=30,
    )


PROVIDER_ERRORS = Panel(
    id="provider-errors",
    title="provider errors",
    doc="Answers 5xx a second to the controllers of Cluster API.",
    promql=f'sum by ($per) (rate(rest_client_requests_total{{{_MANAGERS},code=~"5.."}}[$w]))'
    f" or 0 * sum by ($per) (rate(rest_client_requests_total{{{_MANAGERS}}}[$w]))",
    exporter=CONTROLLERS,
    unit="/s",
    short="5xx",
    limit=limit("provider errors", "/s", 0.01, 1),
    fold=Fold.SUM,
)
BACKOFF = Panel(
    id="backoff",
    title="backoff",
    doc="Retries a second in the queues of Cluster API's controllers.",
    promql=f"sum by ($per) (rate(workqueue_retries_total{{{_MANAGERS}}}[$w]))",
    exporter=CONTROLLERS,
    unit="/s",
    short="retries",
    limit=limit("retries", "/s", 1, 20),
    fold=Fold.SUM,
)
DELETING = Panel(
    id="deleting",
    title="longest deletion",
    doc="Since when the machine is deleted that takes longest, and which it is.",
    promql="topk by ($per) (1, max by ($per, name) (time() - "
    'capi_machine_status_condition_last_transition_time{type="Deleting",status="True"}))',
    exporter=CAPI,
    unit="s",
    short="deleting for",
    named="name",
    limit=limit("deletion", "s", 1_800, 7_200),
    every_s=60,
)

EXECUTIVE = FleetBoard(
    "executive",
    "Executive",
    (
        ("availability", (AVAILABLE,)),
        ("clusters Ready %", (READY,)),
        ("burn", (BURN,)),
        ("capacity", (CAPACITY,)),
        (INCIDENTS_ASKED, (PAGES,)),
        ("provisioning success over 30/90 d", (_provisioned(30), _provisioned(90))),
        ("cost of ephemeral clusters", (EPHEMERAL,)),
    ),
)
ON_CALL = FleetBoard(
    "oncall",
    "On call",
    (
        ("pod ready", (slo_objectives.POD_READY,)),
        ("control-plane and reconcile errors", (ERRORS, RECONCILE_ERRORS)),
        ("pending pods", (PENDING,)),
        ("nodes down", (NOT_READY,)),
        ("restarts", (RESTARTS,)),
        ("machines NotReady or Deleting", (MACHINES,)),
        ("upgrades and their stage", (VERSIONS, ROLLOUTS)),
        ("provider rate limits", (RATE_LIMITED,)),
    ),
)
DEBUG = FleetBoard(
    "debug",
    "Debug",
    (
        ("per-node CPU/memory/disk", (NODE_CPU, NODE_MEMORY, NODE_DISK)),
        ("scheduler queue", (QUEUE,)),
        ("evictions", (EVICTIONS,)),
        ("lag", (LAG,)),
        ("traces", (LOST_TRACES,)),
        ("bootstrap logs and times", slo_objectives.BOOTSTRAPS),
        ("reconcile P50/95/99", (_reconcile(50), _reconcile(95), _reconcile(99))),
        ("provider errors and backoff", (PROVIDER_ERRORS, BACKOFF)),
        ("orphans with deletion time", (slo_objectives.ORPHANS, DELETING)),
    ),
)
FLEET_BOARDS = {board.id: board for board in (EXECUTIVE, ON_CALL, DEBUG)}
