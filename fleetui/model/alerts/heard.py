"""A metrics source's answer about its rules, as evidence about alerts."""

from math import isfinite

from fleetui.model.alerts.evidence import Active, Evaluation, Origin, PrometheusSays, Rule
from fleetui.model.fault import Fault
from fleetui.model.health import series

_PHASES = {"pending": False, "firing": True}


def heard(answer: series.Rules, origin: Origin, *, skew_s: float = 0.0) -> PrometheusSays:
    """The one answer of /api/v1/rules holds rules and alerts alike, from one moment."""
    pairs = [(rule, _rule(rule)) for rule in answer.rules if rule.kind == "alerting"]
    return PrometheusSays(
        origin=origin,
        at=answer.reply.received_at,
        active=tuple(_active(alert, rule) for said, rule in pairs for alert in said.alerts if alert.state in _PHASES),
        rules=tuple(rule for _, rule in pairs),
        evaluations=tuple(_evaluation(said) for said, _ in pairs),
        warnings=answer.reply.warnings if answer.reply.partial else (),
        skew_s=skew_s,
    )


def unheard(fault: Fault, origin: Origin, *, at: float) -> PrometheusSays:
    """No usable answer."""
    return PrometheusSays(origin=origin, at=at, fault=fault)


def _rule(rule: series.Rule) -> Rule:
    return Rule(
        name=rule.name,
        query=rule.query,
        hold_s=rule.hold_s,
        labels=rule.labels,
        annotations=rule.annotations,
        group=rule.group,
        interval_s=rule.interval_s or None,
    )


def _evaluation(rule: series.Rule) -> Evaluation:
    error = rule.last_error or ("no reason given" if rule.health == "err" else "")
    return Evaluation(rule.name, rule.last_evaluation, rule.interval_s or None, error)


def _active(alert: series.Alert, rule: Rule) -> Active:
    return Active(
        labels=alert.labels,
        firing=_PHASES[alert.state],
        active_at=alert.active_at,
        value=alert.value if isfinite(alert.value) else None,
        annotations=alert.annotations,
        rule=rule,
    )
