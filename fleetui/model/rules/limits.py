"""Alerts of the panels' limits: the boards' own queries and limits, with who has to know.

Amber is a ticket. Red wakes somebody only where requirement G1 says so; elsewhere a promise that is broken does.
"""

import msgspec

from fleetui.model.alerts.cascade import AT_LEAST
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.health import controlplane as cp
from fleetui.model.health import fleet_boards as boards
from fleetui.model.health import slo_objectives as slo
from fleetui.model.health.panels import Panel
from fleetui.model.health.threshold import Threshold
from fleetui.model.rules import error_type as kinds
from fleetui.model.rules.error_type import ErrorType
from fleetui.model.rules.rule import AlertRule, Ground, Group

_INF = float("inf")
_VALUES = {"s": "humanizeDuration", "ratio": "humanizePercentage", "B": "humanize1024"}
_UNITS = {"d": " d", "/s": "/s", "B": "B", "h": " h"}


class Watched(msgspec.Struct, frozen=True):
    """A panel whose limit is watched."""

    name: str
    panel: Panel
    error_type: ErrorType
    hold: str = "15m"
    page_hold: str = ""
    """Red is a page, after that time; empty: red is no more than amber."""


_FIGURES = {panel.id: panel for panel in slo.FIGURES}

WATCHED: tuple[Watched, ...] = (
    Watched("FleetApiWritesSlow", cp.WRITES, kinds.CONTROL_PLANE),
    Watched("FleetApiReadsSlow", cp.READS, kinds.CONTROL_PLANE),
    Watched("FleetApiRequestsInFlight", cp.INFLIGHT, kinds.CONTROL_PLANE),
    Watched("FleetApiRequestsRejected", cp.REJECTED, kinds.CONTROL_PLANE),
    Watched("FleetApiBusyClient", cp.TOP_CLIENT, kinds.CONTROL_PLANE, "1h"),
    Watched("FleetApiWatches", cp.WATCHES, kinds.CONTROL_PLANE, "1h"),
    Watched("FleetControllersQueue", cp.WORK, kinds.CONTROL_PLANE),
    Watched("FleetApiEtcdSlow", cp.STORE, kinds.ETCD),
    Watched("FleetSchedulingSlow", cp.SCHEDULING, kinds.SCHEDULING),
    Watched("FleetSchedulerQueue", cp.QUEUE, kinds.SCHEDULING),
    Watched("FleetPodsPending", cp.PENDING, kinds.SCHEDULING),
    Watched("FleetNodesNotReady", cp.NOT_READY, kinds.NODES),
    Watched("FleetNodesUnderPressure", cp.PRESSURE, kinds.NODES),
    Watched("FleetMachinesReplaced", _FIGURES["replaced"], kinds.NODES, "1h"),
    Watched("FleetEvictions", cp.EVICTIONS, kinds.WORKLOADS),
    Watched("FleetSystemRestarts", cp.RESTARTS, kinds.WORKLOADS),
    Watched("FleetRestarts", boards.RESTARTS, kinds.WORKLOADS),
    Watched("FleetPodsNotReady", _FIGURES["pod-ready"], kinds.WORKLOADS),
    Watched("FleetAppsSlow", _FIGURES["app-latency"], kinds.WORKLOADS),
    Watched("FleetDnsErrors", cp.DNS_ERRORS, kinds.NETWORK),
    Watched("FleetDnsSlow", cp.DNS_TIME, kinds.NETWORK),
    Watched("FleetBackendsDown", cp.BACKENDS, kinds.NETWORK),
    Watched("FleetServicesWithoutEndpoints", cp.NO_ENDPOINTS, kinds.NETWORK, "1h"),
    Watched("FleetReplicationLag", _FIGURES["replication"], kinds.REPLICATION),
    Watched("FleetObjectsStored", cp.OBJECTS, kinds.CAPACITY, "1h"),
    Watched("FleetCpuCapacity", cp.CPU, kinds.CAPACITY, "1h"),
    Watched("FleetMemoryCapacity", cp.MEMORY, kinds.CAPACITY, "1h"),
    Watched("FleetRequestedCapacity", boards.CAPACITY, kinds.CAPACITY, "1h"),
    Watched("FleetNodeCpuCapacity", boards.NODE_CPU, kinds.CAPACITY, "1h"),
    Watched("FleetNodeMemoryCapacity", boards.NODE_MEMORY, kinds.CAPACITY),
    Watched("FleetNodeDiskFillingUp", boards.NODE_DISK, kinds.CAPACITY),
    Watched("FleetReconcileErrorsBlockProvisioning", boards.RECONCILE_ERRORS, kinds.PROVISIONING, page_hold="10m"),
    Watched("FleetReconcileSlow", slo.RECONCILE_P99, kinds.PROVISIONING),
    Watched("FleetMachinesFailed", slo.PROVISIONED, kinds.PROVISIONING),
    Watched("FleetMachinesNotRunning", boards.MACHINES, kinds.PROVISIONING, "2h"),
    Watched("FleetScaleUpSlow", _FIGURES["scale-up"], kinds.PROVISIONING),
    Watched("FleetControlPlaneBootstrapSlow", _FIGURES["bootstrap-cp"], kinds.PROVISIONING),
    Watched("FleetWorkerBootstrapSlow", _FIGURES["bootstrap-worker"], kinds.PROVISIONING),
    Watched("FleetProviderRateLimits", boards.RATE_LIMITED, kinds.PROVISIONING),
    Watched("FleetProviderErrors", boards.PROVIDER_ERRORS, kinds.PROVISIONING),
    Watched("FleetProviderBackoff", boards.BACKOFF, kinds.PROVISIONING, "1h"),
    Watched("FleetCredentialsExpire", _FIGURES["credentials"], kinds.CREDENTIALS, "1h", page_hold="15m"),
    Watched("FleetDriftOfVersions", cp.VERSIONS, kinds.DRIFT, "2h"),
    Watched("FleetDriftOfControlPlanes", boards.ROLLOUTS, kinds.DRIFT, "2h"),
    Watched("FleetDriftUpgradesStand", _FIGURES["upgrades"], kinds.DRIFT, "1h"),
    Watched("FleetDriftGitOpsSlow", _FIGURES["applied"], kinds.DRIFT, "1h"),
    Watched("FleetOrphans", slo.ORPHANS, kinds.LEAK, "1h"),
    Watched("FleetLeakDeletionStuck", boards.DELETING, kinds.LEAK),
    Watched("FleetCostOfEphemeralClusters", boards.EPHEMERAL, kinds.COST, "1h"),
    Watched("FleetTracesLost", boards.LOST_TRACES, kinds.PIPELINE),
)

ELSEWHERE = {
    "availability": "its budget",
    "errors": "its budget",
    "burn": "its budget",
    "ready": "control plane down, and nodes not Ready",
    "pages": "it counts alerts",
    "provisioned-30d": "provisioned: it looks back too far to call anybody now",
    "provisioned-90d": "provisioned: it looks back too far to call anybody now",
    "reconcile-p50": "reconcile-p99",
    "reconcile-p95": "reconcile-p99",
}
"""Panels with a limit that have no alert of their own, and what tells instead."""


def limits(ground: Ground) -> Group:
    rules = [_rule(each, ground, Call.TICKET) for each in WATCHED]
    rules += [_rule(each, ground, Call.PAGE) for each in WATCHED if each.page_hold]
    return Group("fleetui-limits", "1m", (*rules, _cascade(ground)))


def _rule(watched: Watched, ground: Ground, call: Call) -> AlertRule:
    panel = watched.panel
    assert panel.limit is not None
    at = panel.limit.red if call is Call.PAGE else panel.limit.amber
    named = f" ({{{{ $labels.{panel.named} }}}})" if panel.named else ""
    return AlertRule(
        name=watched.name,
        expr=beyond(ground.fill(panel.promql), panel.limit, at),
        hold=watched.page_hold if call is Call.PAGE else watched.hold,
        call=call,
        error_type=watched.error_type,
        summary=f"{ground.where}: {panel.title} {value(panel.unit)}{named}",
        description=f"{panel.doc} Limit: {_amount(at, panel.unit)} ({panel.limit.source}).",
    )


def beyond(expr: str, limit: Threshold, at: float) -> str:
    """The clusters beyond a limit, as the board judges them: the limit itself counts."""
    return f"({expr})\n{'<=' if limit.falling else '>='} {at:g}"


def value(unit: str) -> str:
    """The figure in a sentence, in Prometheus' templates."""
    return f"{{{{ $value | {_VALUES.get(unit, 'humanize')} }}}}{_UNITS.get(unit, '')}"


def _amount(at: float, unit: str) -> str:
    return f"{at:.6%}".rstrip("0%").rstrip(".") + " %" if unit == "ratio" else f"{at:,g}{_UNITS.get(unit, unit)}"


def _cascade(ground: Ground) -> AlertRule:
    """Many machines lost together are one failure that spreads."""
    return AlertRule(
        name="FleetNodesCascading",
        expr=f"({ground.fill(cp.NOT_READY.promql)})\n>= {AT_LEAST}",
        hold="2m",
        call=Call.PAGE,
        error_type=kinds.CASCADE,
        summary=f"{ground.where}: {{{{ $value | humanize }}}} nodes are not Ready together",
        description=f"One machine dies by itself; {AT_LEAST} of one cluster have a cause in common. {cp.NOT_READY.doc}",
    )
