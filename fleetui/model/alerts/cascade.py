"""Many machines of one cluster lost together are one failure that spreads: a page, though each alone is a ticket."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from fleetui.model.alerts.alert import Alert, Phase
from fleetui.model.alerts.label_set import get
from fleetui.model.alerts.page_or_ticket import AS_CONFIGURED, Call

MACHINES_LOST = frozenset({"KubeNodeNotReady", "KubeNodeUnreachable", "KubeNodeReadinessFlapping", "NodeDown"})
AT_LEAST = 3
"""Own judgement: one machine dies by itself, two may be a pair on one feed; three in one cluster have a cause."""


def escalated(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """The same alerts; those of a cascade page, and say why."""
    found = tuple(alerts)
    lost: dict[str, set[str]] = defaultdict(set)
    for alert in found:
        if _machine_lost(alert):
            lost[alert.cluster].add(get(alert.labels, "node") or get(alert.labels, "instance"))
    cascades = {cluster: len(machines) for cluster, machines in lost.items() if len(machines) >= AT_LEAST}
    return tuple(_paging(alert, cascades) for alert in found) if cascades else found


def _machine_lost(alert: Alert) -> bool:
    return bool(alert.cluster) and alert.name in MACHINES_LOST and alert.phase is Phase.FIRING


def _paging(alert: Alert, cascades: dict[str, int]) -> Alert:
    count = cascades.get(alert.cluster)
    if count is None or not _machine_lost(alert) or alert.call is Call.PAGE or alert.why == AS_CONFIGURED:
        return alert
    return msgspec.structs.replace(alert, call=Call.PAGE, why=f"cascading failure: {count} machines of {alert.cluster}")
