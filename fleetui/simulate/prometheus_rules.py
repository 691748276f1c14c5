"""A simulated Prometheus, without a wire and without a clock: it evaluates rules, lets alerts wait and fire, and sends
what fires.

Its rules look at the simulated world instead of at series, so no query language is needed: the expression of a rule is
what a real one would be called by, the look beside it is what it finds.
"""

from collections.abc import Callable, Iterable, Mapping
from math import ceil, floor
from typing import Any

import msgspec

from fleetui.model.alerts.label_set import ALERTNAME, Labels, label_set
from fleetui.simulate.alertmanager_mesh import Sent

INTERVAL_S = 30.0
"""Evaluation, as kube-prometheus sets it."""
RESEND_S = 60.0
"""--rules.alert.resend-delay."""
LEASES = 4
"""endsAt is so many resends ahead (Prometheus rules/alerting.go)."""


class Sign(msgspec.Struct, frozen=True):
    """One series for which a rule's expression holds now."""

    labels: Mapping[str, str]
    value: float = 1.0
    since: float | None = None
    """Unix seconds, where the world knows since when; None is from the evaluation on that found it."""


class SimulatedRule(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    query: str
    """As Prometheus prints it."""
    look: Callable[[], Iterable[Sign]]
    """Called at every evaluation."""
    hold_s: float = 0.0
    """``for``."""
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    """With the labels of the alert as ``{node}``, its value as ``{value}``."""
    group: str = "fleet"
    recording: bool = False


class ActiveAlert(msgspec.Struct, frozen=True):
    labels: Labels
    annotations: Labels
    active_at: float
    value: float
    firing: bool


class Timing(msgspec.Struct, frozen=True):
    interval_s: float = INTERVAL_S
    resend_s: float = RESEND_S
    behind_s: float = 0.0
    """How late its evaluations are: a machine that is too small for its rules."""


class SimulatedPrometheus:
    """``tick`` moves time on; nothing happens between two calls of it."""

    def __init__(
        self,
        rules: Iterable[SimulatedRule],
        *,
        external: Mapping[str, str] | None = None,
        timing: Timing | None = None,
    ) -> None:
        """``external``: labels that alerts get on their way to Alertmanager."""
        self.rules = tuple(rules)
        self.timing = timing or Timing()
        self.evaluated_at: float | None = None
        self._external = dict(external or {})
        self._active: dict[str, dict[Labels, ActiveAlert]] = {rule.name: {} for rule in self.rules}
        self._told: dict[tuple[str, Labels], float] = {}

    def active(self, rule: str) -> tuple[ActiveAlert, ...]:
        return tuple(self._active[rule].values())

    def tick(self, now: float) -> tuple[Sent, ...]:
        """What is to be sent to Alertmanager since the last call: what fires and is due again, what has resolved."""
        interval = self.timing.interval_s
        at = floor((now - self.timing.behind_s) / interval) * interval
        if self.evaluated_at is not None and at <= self.evaluated_at:
            return ()
        self.evaluated_at = at
        return tuple(sent for rule in self.rules if not rule.recording for sent in self._evaluate(rule, at, now))

    def _evaluate(self, rule: SimulatedRule, at: float, now: float) -> Iterable[Sent]:
        before = self._active[rule.name]
        found = {alert.labels: alert for alert in (self._alert(rule, sign, at) for sign in rule.look())}
        self._active[rule.name] = found
        for labels, alert in found.items():
            told = self._told.get((rule.name, labels))
            if alert.firing and (told is None or now - told >= self.timing.resend_s):
                self._told[rule.name, labels] = now
                yield self._sent(rule, alert, ends_at=now + LEASES * self.timing.resend_s)
        for labels, alert in before.items():
            if labels not in found and self._told.pop((rule.name, labels), None) is not None:
                yield self._sent(rule, alert, ends_at=now)

    def _alert(self, rule: SimulatedRule, sign: Sign, at: float) -> ActiveAlert:
        labels = label_set({**sign.labels, **rule.labels, ALERTNAME: rule.name})
        known = self._active[rule.name].get(labels)
        active_at = known.active_at if known is not None else min(at, self._evaluation_after(sign.since, at))
        said: dict[str, Any] = {**sign.labels, "value": sign.value}
        annotations = label_set({name: text.format(**said) for name, text in rule.annotations.items()})
        firing = at >= active_at + self._held(rule)
        return ActiveAlert(labels, annotations, active_at, sign.value, firing)

    def _evaluation_after(self, since: float | None, at: float) -> float:
        """A condition begins for a rule at the first evaluation that sees it."""
        interval = self.timing.interval_s
        return at if since is None else ceil(since / interval) * interval

    def _held(self, rule: SimulatedRule) -> float:
        return ceil(rule.hold_s / self.timing.interval_s) * self.timing.interval_s

    def _sent(self, rule: SimulatedRule, alert: ActiveAlert, *, ends_at: float) -> Sent:
        return Sent(
            labels=label_set({**self._external, **dict(alert.labels)}),
            starts_at=alert.active_at + self._held(rule),
            ends_at=ends_at,
            annotations=alert.annotations,
        )
