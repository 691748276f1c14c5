"""One alert as the operator sees it: what Prometheus and Alertmanager say about it, made one."""

from enum import StrEnum

import msgspec

from fleetui.model.alerts.evidence import Rule
from fleetui.model.alerts.label_set import ALERTNAME, Labels, text
from fleetui.model.alerts.page_or_ticket import SEVERITY, Call

_SAID_ELSEWHERE = (ALERTNAME, SEVERITY, "cluster", "prometheus", "job")


class Phase(StrEnum):
    FIRING = "firing"
    PENDING = "pending"
    UNKNOWN = "unknown"
    """It fired, and since then nobody who could know has spoken. Never shown as resolved."""
    RESOLVED = "resolved"
    """Its end was seen through a pipeline that lives."""
    ENDED_UNSEEN = "ended unseen"
    """It was unknown, and now that the pipeline lives again it does not fire: when and why it ended, nobody saw."""

    @property
    def over(self) -> bool:
        return self in (Phase.RESOLVED, Phase.ENDED_UNSEEN)


class Hush(StrEnum):
    """What keeps it from notifying anybody. It is shown all the same."""

    NONE = ""
    ACKED = "ack"
    """Somebody is at it: a silence whose comment begins with ``ACK!``."""
    PLANNED = "planned"
    """An operation works there: its own maintenance silence."""
    SILENCED = "silenced"
    INHIBITED = "inhibited"
    """Another alert implies it."""
    MUTED = "muted"
    """By a time interval of the route."""
    UNKNOWN = "?"
    """It fires, and no Alertmanager answers that would know."""


class Ack(msgspec.Struct, frozen=True):
    """Who is at it, and until when nobody else is told."""

    silence: str
    """Id."""
    by: str
    until: float
    """Unix seconds."""
    comment: str
    """Without the prefix."""


class Alert(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row. Times are Unix seconds by our clock; None is unknown."""

    key: str
    """Stable from pending to its end, over both sources and over HA pairs."""
    name: str
    cluster: str
    """The fleet's name; empty where neither a label nor the source says."""
    labels: Labels
    """All, without those that only tell replicas apart."""
    phase: Phase
    call: Call
    why: str
    """Why it pages or not."""
    confirmed_at: float
    """When a source last said so."""
    annotations: Labels = ()
    severity: str = ""
    """As its rule says."""
    since: float | None = None
    """When the condition began."""
    firing_since: float | None = None
    fires_at: float | None = None
    """While pending: at which evaluation it will fire if nothing changes."""
    value: float | None = None
    rule: Rule | None = None
    """None where no Prometheus with its rules is configured, or more than one rule could be meant."""
    sources: tuple[str, ...] = ()
    """Who says so, sorted."""
    alertmanagers: tuple[str, ...] = ()
    """Those among the sources that could notify."""
    hush: Hush = Hush.NONE
    planned: str = ""
    """Whose operation keeps it quiet: ``maintenance: drain wk-1 by ana@jump-1``."""
    ack: Ack | None = None
    silenced_by: tuple[str, ...] = ()
    """Ids of silences."""
    inhibited_by: tuple[str, ...] = ()
    """Keys of the alerts that imply it; the fingerprint where that alert is not in the picture."""
    muted_by: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    elsewhere: int = 0
    """Other clusters in which an alert of this name fires."""
    apart: tuple[str, ...] = ()
    """Names of the labels that are not the same on all of its name and cluster, sorted."""
    ended_at: float | None = None
    """RESOLVED: when its end was seen. UNKNOWN, ENDED_UNSEEN: when it was last known to fire."""
    calm_since: float | None = None
    """UNKNOWN: since when its pipeline lives again without it; None while it is dead."""

    @property
    def loud(self) -> bool:
        """It calls for somebody now: it fires, or may fire, and nothing hushes it."""
        return self.phase in (Phase.FIRING, Phase.UNKNOWN) and self.hush in (Hush.NONE, Hush.UNKNOWN)

    @property
    def began(self) -> float | None:
        """Since when it fires, or fired; of one that never did, since when its condition holds."""
        return self.since if self.firing_since is None else self.firing_since

    @property
    def distinction(self) -> str:
        """The labels that tell it from the others of its name and cluster."""
        return text(self.labels, without=_SAID_ELSEWHERE)

    @property
    def told_apart(self) -> str:
        """The same for a narrow cell: first what differs between those there are, a single value without its name."""
        names = [name for name in self.apart if name not in _SAID_ELSEWHERE]
        first = tuple(pair for pair in self.labels if pair[0] in names)
        said = first[0][1] if len(names) == 1 and first else text(first)
        return " ".join(part for part in (said, text(self.labels, without=(*_SAID_ELSEWHERE, *names))) if part)

    def annotation(self, name: str) -> str:
        return next((value for key, value in self.annotations if key == name), "")

    def fires_in(self, now: float) -> float | None:
        """Seconds until it fires, while it is pending and that is known; 0 when it is due."""
        return None if self.fires_at is None else max(0.0, self.fires_at - now)
