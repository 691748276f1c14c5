"""The service levels that are promised, as data: what counts as bad, and the target where nobody has set another.

An objective with a budget has an error ratio over any window; one without is a figure with a limit. Of Cluster API the
figures are the management cluster's, on whose row they stand. Limits are those of requirement F4 unless said otherwise.
"""

from collections.abc import Iterator

import msgspec

from fleetui.model.health.controlplane import API_JOBS, CPU, EVICTIONS, SCHEDULING
from fleetui.model.health.panels import (
    APISERVER,
    CAPI,
    CONTROLLERS,
    DATABASE,
    GITOPS,
    INGRESS,
    STATE,
    Exporter,
    Panel,
    limit,
)
from fleetui.model.health.slo import TRAFFIC_WINDOW, WINDOWS

_WINDOW = "@window"
_SLOWLY = {"30m": 30.0, "1h": 30.0, "2h": 30.0, "6h": 60.0, "1d": 60.0, "3d": 300.0, "30d": 600.0}
"""Long windows hardly move and cost most: seconds between two questions."""
_WRITES = 'verb=~"POST|PUT|PATCH|DELETE",subresource!~"proxy|attach|log|exec|portforward"'


class Objective(msgspec.Struct, frozen=True, kw_only=True):
    """A promise with an error budget."""

    id: str
    title: str
    doc: str
    target: float
    """Share that must be good, where the configuration says nothing for the cluster's tier."""
    errors: str
    """Template of the share of bad events of each ``$per`` within ``@window``."""
    events: str = ""
    """Template of how many there were within ``@window``; empty where every moment counts."""
    what: str = "requests"
    exporter: Exporter
    needed: bool = False
    """It has a row for every cluster, also where nothing is known of it."""
    rules: dict[str, tuple[str, str]] = {}
    """By window: (recording rule, the query over it), where the usual rule sets have one."""

    def panel(self, window: str) -> Panel:
        """The query of one window."""
        rule, recorded = self.rules.get(window, ("", ""))
        return Panel(
            id=f"{self.id}:{window}",
            title=f"{self.title}, errors over {window}",
            doc=self.doc,
            promql=self.errors.replace(_WINDOW, window),
            exporter=self.exporter,
            unit="ratio",
            every_s=_SLOWLY.get(window, 0.0),
            rule=rule,
            recorded=recorded,
            own=self.recording(window),
        )

    def recording(self, window: str) -> str:
        """Name of our recording rule of one window."""
        return f"{self._recorded}:ratio_rate{window}"

    @property
    def _recorded(self) -> str:
        return f"cluster:fleetui_{self.id.replace('-', '_')}"

    @property
    def traffic(self) -> Panel | None:
        if not self.events:
            return None
        return self.counted(TRAFFIC_WINDOW)

    def counted(self, window: str) -> Panel:
        """How many events there were in a window."""
        return Panel(
            id=f"{self.id}:events",
            title=f"{self.what} in {window}",
            doc=self.doc,
            promql=self.events.replace(_WINDOW, window),
            exporter=self.exporter,
            every_s=30,
            own=f"{self._recorded}:increase{window}",
        )

    @property
    def panels(self) -> Iterator[Panel]:
        """All that has to be asked."""
        yield from (self.panel(window) for window in WINDOWS)
        if self.traffic is not None:
            yield self.traffic


def _share(bad_free: str, every: str) -> str:
    """1 - good / all, never below 0: a metric without any bad series still answers."""
    return f"clamp_min(1 - sum by ($per) (rate({bad_free}[@window])) / sum by ($per) (rate({every}[@window])), 0)"


def _mixin_increases(rule: str) -> tuple[str, str]:
    return rule, f'clamp_min(1 - sum by ($per) ({rule}{{code!~"5.."}}) / sum by ($per) ({rule}), 0)'


_BURNRATE = "apiserver_request:burnrate"
"""kubernetes-mixin; named after what it is for, it is an error ratio."""

OBJECTIVES: tuple[Objective, ...] = (
    Objective(
        id="availability",
        title="control plane available",
        doc="Share of time in which the best API server of the cluster answered its scrapes.",
        target=0.999,
        errors=f"1 - max by ($per) (avg_over_time(up{{{API_JOBS}}}[@window]))",
        exporter=APISERVER,
        needed=True,
    ),
    Objective(
        id="api-errors",
        title="API requests without error",
        doc="Share of requests that the API servers did not answer with 5xx.",
        target=0.999,
        errors=_share('apiserver_request_total{code!~"5.."}', "apiserver_request_total"),
        events="sum by ($per) (increase(apiserver_request_total[@window]))",
        exporter=APISERVER,
        needed=True,
        rules={
            "5m": _mixin_increases("code_resource:apiserver_request_total:rate5m"),
            "1h": _mixin_increases("code_verb:apiserver_request_total:increase1h"),
            "30d": _mixin_increases("code_verb:apiserver_request_total:increase30d"),
        },
    ),
    Objective(
        id="api-writes",
        title="API writes in time",
        doc="Share of requests that change something and were answered within 1 s and without an error, as "
        "kubernetes-mixin counts them.",
        target=0.99,
        errors=(
            "clamp_min(1 - (sum by ($per) (rate(apiserver_request_sli_duration_seconds_bucket{"
            f'{_WRITES},le=~"1(\\\\.0)?"}}[@window])) '
            f'- (sum by ($per) (rate(apiserver_request_total{{{_WRITES},code=~"5.."}}[@window])) or '
            f"0 * sum by ($per) (rate(apiserver_request_sli_duration_seconds_count{{{_WRITES}}}[@window]))))"
            f" / sum by ($per) (rate(apiserver_request_sli_duration_seconds_count{{{_WRITES}}}[@window])), 0)"
        ),
        events=f"sum by ($per) (increase(apiserver_request_sli_duration_seconds_count{{{_WRITES}}}[@window]))",
        what="writes",
        exporter=APISERVER,
        rules={
            window: (f"{_BURNRATE}{window}", f'max by ($per) ({_BURNRATE}{window}{{verb="write"}})')
            for window in ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
        },
    ),
    Objective(
        id="app-errors",
        title="applications without error",
        doc="Share of requests through ingress-nginx that were not answered with 5xx.",
        target=0.999,
        errors=_share('nginx_ingress_controller_requests{status!~"5.."}', "nginx_ingress_controller_requests"),
        events="sum by ($per) (increase(nginx_ingress_controller_requests[@window]))",
        exporter=INGRESS,
    ),
    Objective(
        id="reconcile",
        title="reconciles without error",
        doc="M3: share of reconciles of Cluster API's controllers that did not fail.",
        target=0.99,
        errors=_share(
            'controller_runtime_reconcile_total{job=~".*cap.*",result!="error"}',
            'controller_runtime_reconcile_total{job=~".*cap.*"}',
        ),
        events='sum by ($per) (increase(controller_runtime_reconcile_total{job=~".*cap.*"}[@window]))',
        what="reconciles",
        exporter=CONTROLLERS,
    ),
    Objective(
        id="reach",
        title="workload API servers reached",
        doc="M4: share of time in which the management cluster was connected to its workload clusters' API servers, on "
        "average of them.",
        target=0.999,
        errors="1 - avg by ($per) (avg_over_time(capi_cluster_cache_connection_up[@window]))",
        exporter=CONTROLLERS,
    ),
)  # fmt: skip


def _machine_took(condition: str, owners: str) -> str:
    """p95 of the seconds from a machine's creation to a condition, of the machines of the last day."""
    took = (
        "max by ($per, namespace, name) (capi_machine_status_condition_last_transition_time"
        f'{{type=~"{condition}",status="True"}}) - on ($per, namespace, name) '
        "max by ($per, namespace, name) (capi_machine_created > time() - 86400)"
    )
    owned = f"and on ($per, namespace, name) capi_machine_info{{control_plane_name{owners}}}"
    return f"quantile by ($per) (0.95, ({took}) {owned})"


_POD_READY = Panel(
    id="pod-ready",
    title="pods Ready",
    doc="Of the pods that should run: not of those that have ended.",
    promql='sum by ($per) (kube_pod_status_ready{condition="true"})'
    ' / sum by ($per) (kube_pod_status_phase{phase=~"Pending|Running|Unknown"})',
    exporter=STATE,
    unit="ratio",
    short="pods Ready",
    limit=limit("pods Ready", "ratio", 0.99, 0.95, "SLO 99 %; red: own judgement", falling=True),
)
_SCALE_UP = Panel(
    id="scale-up",
    title="machine created to node healthy, p95",
    doc="Of the machines of the last day.",
    promql=_machine_took("NodeHealthy|NodeReady", '=~".*"'),
    exporter=CAPI,
    unit="s",
    short="scale-up",
    limit=limit("machine to node", "s", 300, 900, "SLO 5 min; red: own judgement"),
    every_s=60,
)
_LINKS_BROKEN = (
    "(sum by ($per) (pg_replication_is_replica) - "
    '(count by ($per) (pg_stat_replication_pg_wal_lsn_diff{state="streaming"})'
    " or 0 * sum by ($per) (pg_replication_is_replica))) > 0"
)
_REPLICATION = Panel(
    id="replication",
    title="replication lag",
    doc="Of PostgreSQL standbys that stream; no figure where one does not: what is broken is not 0 s behind.",
    promql="max by ($per) (pg_replication_lag_seconds and on ($per, instance) pg_replication_is_replica == 1)"
    f" unless on ($per) ({_LINKS_BROKEN})",
    exporter=DATABASE,
    unit="s",
    short="lag",
    limit=limit("replication lag", "s", 1, 30, "SLO 1 s; red: awesome-prometheus-alerts"),
    withheld=Panel(
        id="replication-broken",
        title="replicas without a stream",
        doc="PostgreSQL standbys that no primary of the cluster streams to.",
        promql=_LINKS_BROKEN,
        exporter=DATABASE,
        short="link broken",
    ),
)
_APP_LATENCY = Panel(
    id="app-latency",
    title="applications, P95",
    doc="Of the slowest ingress of ingress-nginx, and which it is.",
    promql="topk by ($per) (1, histogram_quantile(0.95, sum by ($per, ingress, le) "
    "(rate(nginx_ingress_controller_request_duration_seconds_bucket[$w])) ) >= 0)",
    exporter=INGRESS,
    unit="s",
    short="P95",
    named="ingress",
    limit=limit("applications P95", "s", 0.5, 2.0),
    every_s=30,
)
_PROVISIONED = Panel(
    id="provisioned",
    title="provisioning success",
    doc="M1: machines that have not failed, of all.",
    promql='1 - sum by ($per) (capi_machine_status_phase{phase="Failed"}) / count by ($per) (capi_machine_info)',
    exporter=CAPI,
    unit="ratio",
    short="provisioned",
    limit=limit("provisioning success", "ratio", 0.99, 0.95, "M1 99 %; red: own judgement", falling=True),
    every_s=60,
)
_BOOT_CONTROL = Panel(
    id="bootstrap-cp",
    title="bootstrap of control planes, p95",
    doc="M2: from machine created to bootstrap data, of the last day.",
    promql=_machine_took("BootstrapReady|BootstrapConfigReady", '!=""'),
    exporter=CAPI,
    unit="s",
    short="bootstrap",
    limit=limit("bootstrap", "s", 300, 900, "M2 5 min; red: own judgement"),
    every_s=60,
)
_BOOT_WORKER = Panel(
    id="bootstrap-worker",
    title="bootstrap of workers, p95",
    doc="M2: the same of workers.",
    promql=_machine_took("BootstrapReady|BootstrapConfigReady", '=""'),
    exporter=CAPI,
    unit="s",
    short="bootstrap",
    limit=limit("bootstrap", "s", 300, 900, "M2 5 min; red: own judgement"),
    every_s=60,
)
_UPGRADES = Panel(
    id="upgrades",
    title="upgrades that go on",
    doc="M5: control planes whose rollout has not stood still for more than two hours, of all.",
    promql="1 - (count by ($per) (time() - capi_kubeadmcontrolplane_status_condition_last_transition_time"
    '{type=~"MachinesSpecUpToDate|MachinesUpToDate",status="False"} > 7200)'
    " or 0 * count by ($per) (capi_kubeadmcontrolplane_info)) / count by ($per) (capi_kubeadmcontrolplane_info)",
    exporter=CAPI,
    unit="ratio",
    short="upgrades",
    limit=limit("upgrades that go on", "ratio", 0.99, 0.9, "M5 99 %; red: own judgement", falling=True),
    every_s=60,
)
ORPHANS = Panel(
    id="orphans",
    title="orphaned machines",
    doc="M6: machines whose Cluster is gone.",
    promql="count by ($per) (capi_machine_info unless on ($per, namespace, cluster_name) "
    'label_replace(capi_cluster_info, "cluster_name", "$$1", "name", "(.+)"))'
    " or 0 * count by ($per) (capi_machine_info)",
    exporter=CAPI,
    short="orphans",
    limit=limit("orphans", "", 1, 10, "M6 none; red: own judgement"),
    every_s=60,
)
_CREDENTIALS = Panel(
    id="credentials",
    title="credentials expire in",
    doc="M7: days until the first certificate of a control-plane machine or of cert-manager ends.",
    promql="(min by ($per) (capi_machine_status_certificatesexpirydate or "
    "certmanager_certificate_expiration_timestamp_seconds) - time()) / 86400",
    exporter=CAPI,
    unit="d",
    short="expire in",
    limit=limit("credentials expire", "d", 30, 7, "M7 30 d; red: kubernetes-mixin 7 d", falling=True),
    every_s=300,
)
_REPLACED = Panel(
    id="replaced",
    title="replacements per 1,000 node-days",
    doc="M8, estimated: machines of the last 30 days that the fleet did not grow by.",
    promql="clamp_min(count by ($per) (capi_machine_created > time() - 2592000) - (count by ($per) "
    "(capi_machine_created) - count by ($per) (capi_machine_created offset 30d)), 0)"
    " / (count by ($per) (capi_machine_created) * 30) * 1000",
    exporter=CAPI,
    short="replaced",
    limit=limit("replacements", "", 5, 20, "M8 low single digits; red: own judgement"),
    every_s=600,
)
RECONCILE_P99 = Panel(
    id="reconcile-p99",
    title="reconcile, P99",
    doc="M9: 99th percentile of one call of Cluster API's controllers.",
    promql="histogram_quantile(0.99, sum by ($per, le) "
    '(rate(controller_runtime_reconcile_time_seconds_bucket{job=~".*cap.*"}[$w])))',
    exporter=CONTROLLERS,
    unit="s",
    short="reconcile",
    limit=limit("reconcile P99", "s", 0.5, 5.0, "M9 500 ms; red: own judgement"),
    every_s=30,
)
_APPLIED = Panel(
    id="applied",
    title="GitOps applied, P95",
    doc="M10: how long Flux or Argo CD takes to apply; the wait before it, from the commit on, is in no metric.",
    promql="histogram_quantile(0.95, sum by ($per, le) (rate(gotk_reconcile_duration_seconds_bucket[30m]) or "
    "rate(argocd_app_reconcile_bucket[30m])))",
    exporter=GITOPS,
    unit="s",
    short="applied",
    limit=limit("GitOps applied", "s", 120, 600, "M10 2 min; red: own judgement"),
    every_s=60,
)

FIGURES: tuple[Panel, ...] = (
    _POD_READY, SCHEDULING, CPU, _SCALE_UP, _REPLICATION, _APP_LATENCY, EVICTIONS, _PROVISIONED, _BOOT_CONTROL,
    _BOOT_WORKER, _UPGRADES, ORPHANS, _CREDENTIALS, _REPLACED, RECONCILE_P99, _APPLIED,
)  # fmt: skip
"""Promises without a budget."""
POD_READY, PROVISIONED = _POD_READY, _PROVISIONED
BOOTSTRAPS = (_BOOT_CONTROL, _BOOT_WORKER)


def objective_of(id_: str) -> Objective:
    """Raises KeyError."""
    return _BY_ID[id_]


_BY_ID = {objective.id: objective for objective in OBJECTIVES}
