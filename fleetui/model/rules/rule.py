"""Rules as values, before they are text: what Prometheus evaluates, and what every alert has to say."""

from collections.abc import Mapping

import msgspec

from fleetui.model.alerts.page_or_ticket import SEVERITIES, Call
from fleetui.model.health.promql import Query, Scope
from fleetui.model.rules.error_type import OWNER, ErrorType


class Recording(msgspec.Struct, frozen=True):
    """A recording rule."""

    record: str
    expr: str


class AlertRule(msgspec.Struct, frozen=True, kw_only=True):
    """An alerting rule. Its severity, owner, runbook and summary come from here and from nowhere else."""

    name: str
    expr: str
    hold: str
    """``for``, as Prometheus spells it: ``5m``."""
    call: Call
    error_type: ErrorType
    slo: str = ""
    """The promise that it endangers, where it is not that of its kind."""
    window: str = ""
    """The long window, where a promise has several alerts of one severity."""
    summary: str
    """One line with the cluster; Prometheus' templates."""
    description: str

    @property
    def severity(self) -> str:
        return SEVERITIES[self.call][0]


Rule = Recording | AlertRule


class Group(msgspec.Struct, frozen=True):
    """Rules that are evaluated together, in this order."""

    name: str
    interval: str
    rules: tuple[Rule, ...]


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What differs from one store to the next."""

    scope: Scope = Scope()
    targets: Mapping[str, Mapping[float, tuple[str, ...]]] = {}
    """Objective to the shares that must be good, each with the label values of the clusters that it holds for; the one
    without clusters holds for all others. An objective that is not here has its own target."""
    owners: Mapping[str, str] = {}
    """Error type to who owns it; ``*`` is all others."""
    runbooks: str = ""
    """Where runbooks are on the web, without the last ``/``; empty: their names alone."""

    def fill(self, promql: str) -> str:
        """The text with the labels of this store."""
        return self.scope.fill(Query("", promql))

    def owner(self, error_type: ErrorType) -> str:
        return self.owners.get(error_type.id, self.owners.get("*", OWNER))

    @property
    def cluster(self) -> str:
        """The label that names the cluster."""
        return self.scope.cluster_label or "cluster"

    @property
    def where(self) -> str:
        """The cluster, in Prometheus' templates."""
        return f"{{{{ $labels.{self.cluster} }}}}"
