"""The control plane of a cluster and its nodes, as panels: every figure of them with its target.

Limits come from where each says so: the SLOs of Kubernetes (sig-scalability: mutating calls 1 s, reads of one object
1 s), kubernetes-mixin and the CoreDNS mixin; what nobody has written down is our own judgement and says so.
"""

from fleetui.model.health.panels import (
    APISERVER,
    BALANCER,
    DNS,
    KUBELET,
    MANAGER,
    NODE,
    SCHEDULER,
    STATE,
    Fold,
    Panel,
    limit,
)

_INF = float("inf")
API_JOBS = 'job=~".*apiserver.*"'
_WRITES = 'verb=~"POST|PUT|PATCH|DELETE",subresource!~"proxy|attach|log|exec|portforward"'
_READS = 'verb=~"GET|LIST",scope="resource",subresource!~"proxy|attach|log|exec|portforward"'


def _p99(metric: str, matchers: str = "", *, by: str = "$per", share: str = "0.99") -> str:
    selector = f"{{{matchers}}}" if matchers else ""
    return f"histogram_quantile({share}, sum by ({by}, le) (rate({metric}_bucket{selector}[$w])))"


AVAILABLE = Panel(
    id="availability",
    title="API availability",
    doc="Share of the last hour in which the best API server of the cluster answered its scrapes: what is lost while "
    "others answer is not counted.",
    promql=f"max by ($per) (avg_over_time(up{{{API_JOBS}}}[1h]))",
    exporter=APISERVER,
    unit="ratio",
    short="available",
    limit=limit("API availability", "ratio", 0.999, 0.99, "SLO 99.9 %; red: own judgement", falling=True),
    fold=Fold.MEAN,
    every_s=30,
)
ERRORS = Panel(
    id="errors",
    title="API errors (5xx)",
    doc="Share of requests that the API servers answered with 5xx.",
    promql="clamp_min(1 - sum by ($per) (rate(apiserver_request_total{code!~\"5..\"}[$w]))"
    " / sum by ($per) (rate(apiserver_request_total[$w])), 0)",
    exporter=APISERVER,
    unit="ratio",
    short="5xx",
    limit=limit("API errors", "ratio", 0.001, 0.01, "SLO 0.1 %; red: ten times that"),
    rule="code_resource:apiserver_request_total:rate5m",
    recorded="clamp_min(1 - sum by ($per) (code_resource:apiserver_request_total:rate5m{code!~\"5..\"})"
    " / sum by ($per) (code_resource:apiserver_request_total:rate5m), 0)",
)  # fmt: skip
WRITES = Panel(
    id="writes",
    title="API writes p99",
    doc="99th percentile of requests that change something.",
    promql=_p99("apiserver_request_sli_duration_seconds", _WRITES),
    exporter=APISERVER,
    unit="s",
    short="writes",
    limit=limit("API writes p99", "s", 1.0, 4.0, "SLO of Kubernetes; red: own judgement"),
)
READS = Panel(
    id="reads",
    title="API reads p99",
    doc="99th percentile of reads of single objects.",
    promql=_p99("apiserver_request_sli_duration_seconds", _READS),
    exporter=APISERVER,
    unit="s",
    short="reads",
    limit=limit("API reads p99", "s", 1.0, 4.0, "SLO of Kubernetes; red: own judgement"),
)
INFLIGHT = Panel(
    id="inflight",
    title="requests in flight",
    doc="Of the busiest API server; by default one takes 400 reads and 200 writes at a time.",
    promql="max by ($per) (sum by ($per, instance) (apiserver_current_inflight_requests))",
    exporter=APISERVER,
    short="in flight",
    limit=limit("requests in flight", "", 300, 500, "half and most of the default 600"),
)
REJECTED = Panel(
    id="rejected",
    title="rejected by flow control",
    doc="Requests a second that priority and fairness turned away (429).",
    promql="sum by ($per) (rate(apiserver_flowcontrol_rejected_requests_total[$w]))"
    " or 0 * sum by ($per) (apiserver_current_inflight_requests)",
    exporter=APISERVER,
    unit="/s",
    short="rejected",
    limit=limit("rejected requests", "/s", 0.01, 1.0),
    fold=Fold.SUM,
)
TOP_CLIENT = Panel(
    id="client",
    title="busiest clients",
    doc="Requests a second of the flow schema that asks most, and which it is.",
    promql="topk by ($per) (1, sum by ($per, flow_schema) (rate(apiserver_flowcontrol_dispatched_requests_total[$w])))",
    exporter=APISERVER,
    unit="/s",
    short="asks",
    named="flow_schema",
    limit=limit("requests of one flow schema", "/s", 500, 2_000),
    every_s=30,
)
OBJECTS = Panel(
    id="objects",
    title="objects stored",
    doc="All objects in etcd; the supported limits are 150,000 pods and 300,000 containers.",
    promql="sum by ($per) (max by ($per, resource) (apiserver_storage_objects or apiserver_resource_objects))",
    exporter=APISERVER,
    short="objects",
    limit=limit("objects stored", "", 300_000, 1_000_000),
    fold=Fold.SUM,
    every_s=60,
)
WATCHES = Panel(
    id="watches",
    title="open watches",
    doc="Long-running requests that are watches.",
    promql='sum by ($per) (apiserver_longrunning_requests{verb="WATCH"})',
    exporter=APISERVER,
    short="watches",
    limit=limit("open watches", "", 30_000, 100_000),
    fold=Fold.SUM,
    every_s=30,
)
STORE = Panel(
    id="store",
    title="etcd as the API servers see it, p99",
    doc="99th percentile of the slowest kind of request to etcd.",
    promql=f"max by ($per) ({_p99('etcd_request_duration_seconds', by='$per, operation')})",
    exporter=APISERVER,
    unit="s",
    short="etcd",
    limit=limit("etcd requests p99", "s", 0.1, 1.0),
    every_s=30,
)
SCHEDULING = Panel(
    id="scheduling",
    title="scheduling p99",
    doc="99th percentile from a pod's first attempt to its binding.",
    promql=_p99("scheduler_pod_scheduling_sli_duration_seconds"),
    exporter=SCHEDULER,
    unit="s",
    short="scheduling",
    limit=limit("scheduling p99", "s", 30, 120, "SLO 30 s; red: own judgement"),
)
QUEUE = Panel(
    id="queue",
    title="scheduler queue",
    doc="Pods that the scheduler has still to look at (active and backoff).",
    promql='sum by ($per) (scheduler_pending_pods{queue=~"active|backoff"})',
    exporter=SCHEDULER,
    short="queue",
    limit=limit("scheduler queue", "", 100, 1_000),
    fold=Fold.SUM,
)
PENDING = Panel(
    id="pending",
    title="pending pods",
    doc="Pods without a machine, or whose images are still pulled.",
    promql='sum by ($per) (kube_pod_status_phase{phase="Pending"})',
    exporter=STATE,
    short="pending",
    limit=limit("pending pods", "", 10, 100),
    fold=Fold.SUM,
)
EVICTIONS = Panel(
    id="evictions",
    title="evictions in 1 h",
    doc="By kubelets under pressure; none is right.",
    promql="sum by ($per) (increase(kubelet_evictions[1h])) or 0 * sum by ($per) (kubelet_running_pods)",
    exporter=KUBELET,
    short="evictions",
    limit=limit("evictions in 1 h", "", 1, 20, "SLO: none; red: own judgement"),
    fold=Fold.SUM,
    every_s=30,
)
RESTARTS = Panel(
    id="restarts",
    title="restarts in kube-system, 1 h",
    doc="Of containers of the control plane and its add-ons.",
    promql='sum by ($per) (increase(kube_pod_container_status_restarts_total{namespace="kube-system"}[1h]))',
    exporter=STATE,
    short="restarts",
    limit=limit("restarts in 1 h", "", 3, 20),
    fold=Fold.SUM,
    every_s=60,
)
NOT_READY = Panel(
    id="not_ready",
    title="nodes not Ready",
    doc="Not Ready, or the kubelet is silent.",
    promql='sum by ($per) (kube_node_status_condition{condition="Ready",status!="true"})',
    exporter=STATE,
    short="not Ready",
    limit=limit("nodes not Ready", "", 1, 5),
    fold=Fold.SUM,
)
PRESSURE = Panel(
    id="pressure",
    title="nodes under pressure",
    doc="Conditions of memory, disk and PID pressure.",
    promql='sum by ($per) (kube_node_status_condition{condition=~".+Pressure",status="true"})',
    exporter=STATE,
    short="pressure",
    limit=limit("nodes under pressure", "", 1, 5),
    fold=Fold.SUM,
)
CPU = Panel(
    id="cpu",
    title="CPU in use",
    doc="Of all machines; 60 to 70 % are aimed at.",
    promql='1 - avg by ($per) (rate(node_cpu_seconds_total{mode="idle"}[$w]))',
    exporter=NODE,
    unit="ratio",
    short="CPU",
    limit=limit("CPU in use", "ratio", 0.7, 0.9, "SLO 60-70 %; red: own judgement"),
    fold=Fold.MEAN,
    every_s=30,
    rule="cluster:node_cpu:ratio_rate5m",
    recorded="max by ($per) (cluster:node_cpu:ratio_rate5m)",
)
MEMORY = Panel(
    id="memory",
    title="memory in use",
    doc="Of all machines.",
    promql="1 - sum by ($per) (node_memory_MemAvailable_bytes) / sum by ($per) (node_memory_MemTotal_bytes)",
    exporter=NODE,
    unit="ratio",
    short="memory",
    limit=limit("memory in use", "ratio", 0.8, 0.95),
    fold=Fold.MEAN,
    every_s=30,
)
DNS_ERRORS = Panel(
    id="dns_errors",
    title="CoreDNS errors",
    doc="Share of answers that are SERVFAIL.",
    promql='clamp_min(1 - sum by ($per) (rate(coredns_dns_responses_total{rcode!="SERVFAIL"}[$w]))'
    " / sum by ($per) (rate(coredns_dns_responses_total[$w])), 0)",
    exporter=DNS,
    unit="ratio",
    short="SERVFAIL",
    limit=limit("CoreDNS errors", "ratio", 0.01, 0.03, "CoreDNS mixin"),
    every_s=30,
)
DNS_TIME = Panel(
    id="dns",
    title="CoreDNS p99",
    doc="99th percentile of its answers.",
    promql=_p99("coredns_dns_request_duration_seconds"),
    exporter=DNS,
    unit="s",
    short="DNS",
    limit=limit("CoreDNS p99", "s", 0.5, 4.0, "own judgement; red: CoreDNS mixin"),
    every_s=30,
)
BACKENDS = Panel(
    id="backends",
    title="load balancer backends down",
    doc="Servers behind HAProxy that fail its checks.",
    promql='sum by ($per) (haproxy_server_status{state="DOWN"})',
    exporter=BALANCER,
    short="backends down",
    limit=limit("backends down", "", 1, 2),
    fold=Fold.SUM,
    every_s=30,
)
NO_ENDPOINTS = Panel(
    id="endpoints",
    title="Services without endpoints",
    doc="Services that lead nowhere; those without a selector are counted too.",
    promql='count by ($per) (kube_service_spec_type{type!="ExternalName"} unless on ($per, namespace, service) '
    'label_replace(kube_endpoint_address, "service", "$$1", "endpoint", "(.+)"))'
    " or 0 * count by ($per) (kube_service_spec_type)",
    exporter=STATE,
    short="no endpoints",
    limit=limit("Services without endpoints", "", 1, _INF),
    fold=Fold.SUM,
    every_s=60,
)
WORK = Panel(
    id="work",
    title="controllers' queue",
    doc="The longest queue of the controller manager.",
    promql='max by ($per) (workqueue_depth{job=~".*controller-manager.*"})',
    exporter=MANAGER,
    short="work queue",
    limit=limit("controllers' queue", "", 100, 1_000),
    every_s=30,
)
VERSIONS = Panel(
    id="versions",
    title="API server versions",
    doc="More than one is an upgrade under way, or one that stopped.",
    promql=f"count by ($per) (count by ($per, git_version) (kubernetes_build_info{{{API_JOBS}}}))",
    exporter=APISERVER,
    short="versions",
    limit=limit("API server versions", "", 2, 3),
    every_s=60,
)

PANELS: tuple[Panel, ...] = (
    AVAILABLE, ERRORS, WRITES, READS, INFLIGHT, REJECTED, TOP_CLIENT, OBJECTS, WATCHES, STORE, SCHEDULING, QUEUE,
    PENDING, EVICTIONS, RESTARTS, NOT_READY, PRESSURE, CPU, MEMORY, DNS_ERRORS, DNS_TIME, BACKENDS, NO_ENDPOINTS, WORK,
    VERSIONS,
)  # fmt: skip

NEEDED = (APISERVER, STATE)
"""Without these a control plane is not known well enough to be called calm."""
