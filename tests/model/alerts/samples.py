"""Evidence and rows with just what a test is about."""

from collections.abc import Iterable
from typing import Any

from fleetui.model.alerts.alert import Alert, Phase
from fleetui.model.alerts.evidence import (
    Active,
    AlertmanagerSays,
    Evaluation,
    Origin,
    Posted,
    PostedState,
    PrometheusSays,
    Rule,
)
from fleetui.model.alerts.label_set import Labels, label_set
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.alerts.silence import Draft, Silence
from fleetui.model.fault import Fault, FaultKind

NOW = 1_800_000_000.0
AWAITED = Fault(FaultKind.AWAITED, "no answer yet", "asked a moment ago", "it is slow")
DOWN = Fault(FaultKind.REFUSED, "refused", "10.0.0.1:9093: connection refused", "is it up?")
RULE = Rule("Broken", "up == 0", hold_s=300.0, interval_s=30.0)


def labels(name: str = "Broken", cluster: str = "eu-1", **more: str) -> Labels:
    return label_set({"alertname": name, "cluster": cluster, "severity": "warning"} | more)


def active(said: Labels | None = None, *, firing: bool = True, rule: Rule | None = RULE, **more: Any) -> Active:
    defaults: dict[str, Any] = {"active_at": NOW - 600, "value": 1.0, "rule": rule}
    return Active(labels() if said is None else said, firing, **(defaults | more))


def prometheus(*alerts: Active, name: str = "prom", evaluated: float | None = NOW - 5, **more: Any) -> PrometheusSays:
    origin = more.pop("origin", Origin(name))
    evaluations = more.pop("evaluations", (Evaluation("Broken", evaluated, 30.0),))
    return PrometheusSays(origin, more.pop("at", NOW), alerts, (RULE,), evaluations, **more)


def posted(said: Labels | None = None, *, fingerprint: str = "", **more: Any) -> Posted:
    said = labels() if said is None else said
    defaults: dict[str, Any] = {
        "state": PostedState.SUPPRESSED
        if {"silenced_by", "inhibited_by", "muted_by"} & set(more)
        else PostedState.ACTIVE,
        "starts_at": NOW - 300,
        "updated_at": NOW - 20,
        "ends_at": NOW + 220,
        "receivers": ("on-call",),
    }
    return Posted(fingerprint or str(hash(said)), said, **(defaults | more))


def watchdog(*, sent: float = NOW - 20, **route: str) -> Posted:
    return posted(label_set({"alertname": "Watchdog", "severity": "none"} | route), updated_at=sent)


def alertmanager(*posts: Posted, name: str = "am", **more: Any) -> AlertmanagerSays:
    return AlertmanagerSays(name, more.pop("at", NOW), posts, **more)


def alert(name: str = "Broken", cluster: str = "eu-1", **more: Any) -> Alert:
    said = more.pop("labels", labels(name, cluster))
    defaults: dict[str, Any] = {
        "key": f"{cluster}/{name}/{hash(said)}",
        "labels": said,
        "phase": Phase.FIRING,
        "call": Call.TICKET,
        "why": "severity warning",
        "confirmed_at": NOW - 20,
        "since": NOW - 600,
        "firing_since": NOW - 300,
        "sources": ("am",),
        "alertmanagers": ("am",),
    }
    return Alert(name=name, cluster=cluster, **(defaults | more))


def silence(*matchers: Any, id: str = "s1", **more: Any) -> Silence:  # noqa: A002 - as Alertmanager calls it
    defaults: dict[str, Any] = {
        "starts_at": NOW - 60,
        "ends_at": NOW + 840,
        "created_by": "ana",
        "comment": "disk is being changed",
    }
    return Silence(id, tuple(matchers), **(defaults | more))


def draft(*matchers: Any, **more: Any) -> Draft:
    defaults: dict[str, Any] = {"starts_at": NOW, "ends_at": NOW + 900, "created_by": "ana", "comment": "why"}
    return Draft(tuple(matchers), **(defaults | more))


def by_name(rows: Iterable[Alert]) -> dict[str, Alert]:
    return {row.name: row for row in rows}
