"""One instance of a cluster that replicates, or has a state alone, with the verdict on it: role, link, seconds, backlog
and age read together. A broken link is never 0 s behind, and what nobody knows is never calm."""

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.health.replication_kind import Role
from fleetui.model.health.replication_reading import Figure, Link


class Finding(msgspec.Struct, frozen=True):
    """One thing to say of an instance."""

    level: Health
    word: str
    """For the cell: ``link broken``, ``lagging``, ``slot filling``."""
    detail: str = ""
    step: str = ""
    """The first safe step."""


class Replica(msgspec.Struct, frozen=True):
    """A row."""

    kind: str
    title: str
    """Of the kind: ``PostgreSQL``."""
    cluster: str
    """Display name; empty where no label says it."""
    group: str
    instance: str
    source: str
    """Name of the source of metrics."""
    level: Health
    word: str
    reason: str = ""
    step: str = ""
    role: Role | None = None
    link: Link = Link.NONE
    link_how: str = ""
    lag_s: float | None = None
    lag_how: str = ""
    """``at most``, ``about``; empty for a measured one."""
    backlog: float | None = None
    backlog_unit: str = ""
    """Empty for a kind that has none."""
    lag_as: str = ""
    """What the primary calls it, whose word the seconds are; empty where they are its own."""
    backlog_as: str = ""
    """The same of the backlog."""
    figures: tuple[Figure, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Worst first; the first is the row's own word."""
    sampled_at: float | None = None
    """By our clock; None while it is silent."""
    period_s: float = 30.0

    @property
    def id(self) -> str:
        return "/".join((self.kind, self.cluster, self.group, self.instance))

    @property
    def lags(self) -> bool:
        """Whether it is of those that can be behind."""
        return self.role is not None and self.role.follows

    @property
    def where(self) -> str:
        """Cluster and group: ``eu-1``, ``eu-1/payments``."""
        return "/".join(filter(None, (self.cluster, self.group)))

    def age_s(self, now: float) -> float | None:
        return None if self.sampled_at is None else max(0.0, now - self.sampled_at)
