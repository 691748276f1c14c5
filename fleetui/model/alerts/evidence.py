"""What the two sources say about alerts, as they said it: Prometheus about its rules, Alertmanager about what reached
it. Neither alone is enough: pending never reaches Alertmanager, silences never reach Prometheus."""

from enum import StrEnum

import msgspec

from fleetui.model.alerts.label_set import Labels
from fleetui.model.fault import Fault


class Rule(msgspec.Struct, frozen=True):
    """An alerting rule, as /api/v1/rules tells it."""

    name: str
    query: str
    """The expression as Prometheus prints it."""
    hold_s: float = 0.0
    """``for``: how long the expression must hold before the alert fires."""
    labels: Labels = ()
    annotations: Labels = ()
    """Not expanded."""
    group: str = ""
    interval_s: float | None = None
    """Of its group's evaluation."""


class Evaluation(msgspec.Struct, frozen=True):
    """The last evaluation of a rule. Not in the rule: it changes all the time, and an alert with it."""

    rule: str
    at: float | None
    """Unix seconds by its Prometheus' clock; None when there was none yet."""
    interval_s: float | None = None
    error: str = ""
    """Why it failed; such a rule says nothing about its alert."""


class Active(msgspec.Struct, frozen=True, gc=False):
    """A pending or firing alert in one Prometheus. External labels are not in it."""

    labels: Labels
    firing: bool
    active_at: float | None = None
    """When the expression began to hold, Unix seconds."""
    value: float | None = None
    """Of the expression at its last evaluation; None for NaN and what is no number."""
    annotations: Labels = ()
    rule: Rule | None = None


class Origin(msgspec.Struct, frozen=True):
    """One Prometheus, or a store that speaks like one."""

    name: str
    cluster: str = ""
    """The fleet's name of the only cluster that it watches; empty for a store of many."""
    external: Labels = ()
    """The external labels that it adds on the way to Alertmanager, where they are known."""


class PrometheusSays(msgspec.Struct, frozen=True):
    """One look at one Prometheus. With a ``fault`` there was no usable answer."""

    origin: Origin
    at: float
    """When the answer (or the failure) reached us, Unix seconds by our clock."""
    active: tuple[Active, ...] = ()
    rules: tuple[Rule, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    """Of these rules."""
    fault: Fault | None = None
    warnings: tuple[str, ...] = ()
    """The server says itself that its answer is partial."""
    skew_s: float = 0.0
    """Its clock minus ours."""


class PostedState(StrEnum):
    UNPROCESSED = "unprocessed"
    ACTIVE = "active"
    SUPPRESSED = "suppressed"


class Posted(msgspec.Struct, frozen=True, gc=False):
    """An alert as one Alertmanager has it. Times are Unix seconds by its clock."""

    fingerprint: str
    """Of all labels, the same in every Alertmanager."""
    labels: Labels
    state: PostedState
    starts_at: float
    """When it fired."""
    updated_at: float
    """When somebody last said that it fires."""
    ends_at: float
    """A lease, prolonged by every sending; not an end."""
    annotations: Labels = ()
    silenced_by: tuple[str, ...] = ()
    """Ids of silences."""
    inhibited_by: tuple[str, ...] = ()
    """Fingerprints of alerts."""
    muted_by: tuple[str, ...] = ()
    """Names of time intervals, from 0.28 on."""
    receivers: tuple[str, ...] = ()
    query: str = ""
    """The expression named in its generator URL; empty when there is none."""


class AlertmanagerSays(msgspec.Struct, frozen=True):
    """One look at one Alertmanager. With a ``fault`` there was no usable answer."""

    source: str
    at: float
    """When the answer (or the failure) reached us, Unix seconds by our clock."""
    posted: tuple[Posted, ...] = ()
    fault: Fault | None = None
    skew_s: float = 0.0
    """Its clock minus ours."""
    undecodable: int = 0
    """Alerts that could not be read; they are not in ``posted``."""
