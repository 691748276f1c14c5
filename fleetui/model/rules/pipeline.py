"""Alerts of the pipeline itself: what cannot be seen cannot fire. The Watchdog always does: its silence tells."""

from collections.abc import Iterator

import msgspec

from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.health.controlplane import NEEDED
from fleetui.model.health.etcd_promql import QUERIES
from fleetui.model.health.panels import ALIVE, SEEN
from fleetui.model.health.slo_objectives import objective_of
from fleetui.model.rules.error_type import CONTROL_PLANE, PIPELINE, ErrorType
from fleetui.model.rules.rule import AlertRule, Ground, Group

WATCHDOG = "Watchdog"
CONTROL_PLANE_DOWN = "FleetControlPlaneDown"
CLUSTER_SILENT = "FleetClusterSilent"
_ROSTER = next(query for query in QUERIES if query.id == "roster")


def pipeline(ground: Ground) -> Group:
    return Group("fleetui-pipeline", "30s", (_watchdog(), *_clusters(ground), *_absent(), *_prometheus()))


def _watchdog() -> AlertRule:
    return AlertRule(
        name=WATCHDOG,
        expr="vector(1)",
        hold="0s",
        call=Call.PLUMBING,
        error_type=PIPELINE,
        summary="The way from rules to receivers lives",
        description="Fires always. Whoever expects it and does not get it tells that the pipeline is dead.",
    )


def _clusters(ground: Ground) -> Iterator[AlertRule]:
    """Down, silent, or silent in part."""
    down = ground.fill(objective_of("availability").panel("2m").promql)
    yield _page(
        CONTROL_PLANE_DOWN, f"({down})\n>= 1", "1m", f"{ground.where}: no API server answers its scrapes", CONTROL_PLANE
    )
    roster, seen = ground.fill(_ROSTER.text), ground.fill(SEEN.text)
    gone = f"({roster})\nunless on ({ground.cluster})\n({seen})"
    yield _page(
        CLUSTER_SILENT, gone, "10m", f"{ground.where}: nothing is scraped any more: none of its alerts can fire"
    )
    yield _ticket(
        "FleetScrapesDown", f"({ground.fill(ALIVE.text)}) == 0", "15m",
        f"{ground.where}: all targets of {{{{ $labels.job }}}} are down",
    )  # fmt: skip


def _absent() -> Iterator[AlertRule]:
    """Of the whole store: a roster of clusters that is empty misses nobody."""
    for exporter in NEEDED:
        expr = f'absent(up{{job=~".*{exporter.job}.*"}})'
        name = "".join(word.capitalize() for word in exporter.id.split("-"))
        yield _page(
            f"FleetNo{name}Scraped", expr, "10m", f"no {exporter.title} is scraped anywhere: {exporter.missing}"
        )


def _prometheus() -> Iterator[AlertRule]:
    """Of the Prometheus that evaluates this; it has to scrape itself."""
    yield _page(
        "FleetRulesFail", "increase(prometheus_rule_evaluation_failures_total[10m]) > 0", "10m",
        "rules of {{ $labels.rule_group }} cannot be evaluated",
    )  # fmt: skip
    yield _ticket(
        "FleetRulesLate", "increase(prometheus_rule_group_iterations_missed_total[10m]) > 0", "15m",
        "rules of {{ $labels.rule_group }} take longer than their interval",
    )  # fmt: skip
    yield _ticket(
        "FleetNotificationsLost", "increase(prometheus_notifications_dropped_total[10m]) > 0", "10m",
        "alerts are dropped on their way to Alertmanager",
    )  # fmt: skip


def _page(name: str, expr: str, hold: str, summary: str, error_type: ErrorType = PIPELINE) -> AlertRule:
    return AlertRule(
        name=name,
        expr=expr,
        hold=hold,
        call=Call.PAGE,
        error_type=error_type,
        summary=summary,
        description="What is not seen is unknown, not well.",
    )


def _ticket(name: str, expr: str, hold: str, summary: str) -> AlertRule:
    return msgspec.structs.replace(_page(name, expr, hold, summary), call=Call.TICKET)
