"""What of an alert is drawn: the left side of its rule's own expression, with the threshold as a line."""

from collections.abc import Iterable

import msgspec

from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.label_set import Labels
from fleetui.model.chart.comparison import comparison
from fleetui.model.chart.expression_unit import unit_of
from fleetui.model.chart.subject import Request, Subject
from fleetui.model.health.series import Rule


def alert_request(alert: Alert) -> Request | None:
    """None where nobody has told its rule."""
    if alert.rule is None:
        return None
    return Request(
        subject=_subject(alert.rule.name, alert.rule.query),
        clusters=(alert.cluster,) if alert.cluster else (),
        sources=alert.sources,
        labels=_said_by_series(alert.labels, alert.rule.labels),
    )


class RuleSubject(msgspec.Struct, frozen=True):
    """An alerting rule, and who has it: whoever evaluates a rule need not keep its series."""

    subject: Subject
    sources: tuple[str, ...]


def rule_subjects(told: Iterable[tuple[str, Rule]]) -> dict[str, RuleSubject]:
    """By the alert's name, of (source, rule); a rule of the same name that asks something else has its severity behind
    it: ``KubeAPIErrorBudgetBurn:warning``."""
    found: dict[str, RuleSubject] = {}
    for source, rule in told:
        if rule.kind != "alerting":
            continue
        known = found.get(rule.name)
        same = known is None or known.subject.doc == rule.query
        name = rule.name if same else f"{rule.name}:{dict(rule.labels).get('severity', 'other')}"
        before = found[name].sources if name in found else ()
        subject = found[name].subject if name in found else _subject(name, rule.query)
        found[name] = RuleSubject(subject, tuple(dict.fromkeys((*before, source))))
    return found


def _subject(name: str, expression: str) -> Subject:
    split = comparison(expression)
    if split is None:
        return Subject(id=f"alerts/{name}", title=name, query=_literal(expression), doc=expression)
    limit = split.limit("its rule")
    return Subject(
        id=f"alerts/{name}",
        title=name,
        query=_literal(split.left),
        unit=unit_of(split.left),
        doc=expression,
        limit=limit,
        mark=split.threshold if limit is None else None,
    )


def _literal(expression: str) -> str:
    """A rule is no template: a dollar in it ends a regular expression."""
    return expression.replace("$", "$$")


def _said_by_series(labels: Labels, of_rule: Labels) -> Labels:
    """What the rule adds is on no series."""
    added = {name for name, _ in of_rule} | {"alertname"}
    return tuple((name, value) for name, value in labels if name not in added)
