"""All rules as plain data, for a rule file of Prometheus or for prometheus-operator's PrometheusRule."""

from collections.abc import Iterator
from typing import Any

from fleetui.model.alerts.page_or_ticket import SEVERITY, Call
from fleetui.model.health.slo import Policy
from fleetui.model.rules.burn import burns
from fleetui.model.rules.error_type import LABEL
from fleetui.model.rules.etcd import etcd
from fleetui.model.rules.limits import limits
from fleetui.model.rules.pipeline import pipeline
from fleetui.model.rules.recordings import recordings
from fleetui.model.rules.rule import AlertRule, Ground, Group, Rule
from fleetui.model.rules.supply import supplies

FORMAT_VERSION = 1
"""Of names and labels: another number where a rule or a label has another name or meaning."""
NAME = "fleetui"
Json = dict[str, Any]


def groups(ground: Ground, policy: Policy = Policy.PAIRS) -> tuple[Group, ...]:
    """Every rule, in an order that is the same each time."""
    alerts = (burns(ground, policy), pipeline(ground), etcd(ground), limits(ground), supplies(ground))
    return (*recordings(ground), *alerts)


def alerts(found: tuple[Group, ...]) -> Iterator[AlertRule]:
    return (rule for group in found for rule in group.rules if isinstance(rule, AlertRule))


def rule_file(found: tuple[Group, ...], ground: Ground) -> Json:
    """As Prometheus reads it."""
    return {"groups": [_group(group, ground) for group in found]}


def prometheus_rule(found: tuple[Group, ...], ground: Ground) -> Json:
    """As prometheus-operator reads it; its labels are those that kube-prometheus selects."""
    labels = {"app.kubernetes.io/managed-by": NAME, "prometheus": "k8s", "role": "alert-rules"}
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": NAME, "labels": labels},
        "spec": rule_file(found, ground),
    }


def _group(group: Group, ground: Ground) -> Json:
    return {"name": group.name, "interval": group.interval, "rules": [_rule(rule, ground) for rule in group.rules]}


def _rule(rule: Rule, ground: Ground) -> Json:
    if not isinstance(rule, AlertRule):
        return {"record": rule.record, "expr": rule.expr}
    said: Json = {"alert": rule.name, "expr": rule.expr, "for": rule.hold}
    return {**said, "labels": labels(rule, ground), "annotations": _annotations(rule, ground)}


def labels(rule: AlertRule, ground: Ground) -> dict[str, str]:
    """What an alert carries beside the labels of its figure. The Watchdog has nothing that other alerts lack: by its
    labels it is known which of them come its way."""
    if rule.call is Call.PLUMBING:
        return {SEVERITY: rule.severity}
    kind = rule.error_type
    said = {"owner": ground.owner(kind), "slo": rule.slo or kind.slo, "window": rule.window}
    return {SEVERITY: rule.severity, LABEL: kind.id, **{name: value for name, value in said.items() if value}}


def _annotations(rule: AlertRule, ground: Ground) -> dict[str, str]:
    runbook = rule.error_type.runbook
    url = {"runbook_url": f"{ground.runbooks}/{runbook}.md"} if ground.runbooks else {}
    return {"summary": rule.summary, "description": rule.description, "runbook": runbook, **url}
