"""What a metrics source answers, as values: points of one moment, lines over time, and how far the answer goes."""

from math import isnan

import msgspec

Labels = dict[str, str]
"""Without ``__name__`` where the query aggregates. Cleaned: harmless to show."""
Pairs = tuple[tuple[str, str], ...]
"""(name, value), sorted by name, none empty. Cleaned. Of rules and alerts: those of one poll are those of the next."""

PROMQL_NOTES = ("PromQL warning:", "PromQL info:")
"""How Prometheus begins what it has to say about the query itself, from 2.50 on. All other warnings of an answer are
about data that is missing in it (Thanos: a store that did not answer)."""


class Reply(msgspec.Struct, frozen=True):
    """How one answer came about. Times are Unix seconds by our clock."""

    source: str
    """Name of the source that answered."""
    asked_at: float
    received_at: float
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()
    partial: bool = False
    """Series may be missing: a store behind the source did not answer. What is not in it is unknown, not absent."""
    behind_s: float = 0.0
    """How far the source answers behind the present by design: VictoriaMetrics hides what is younger than its
    latency offset, and says nothing of it. Every age has to be read as this much older."""

    @property
    def took_s(self) -> float:
        return self.received_at - self.asked_at


class Point(msgspec.Struct, frozen=True):
    """One series at one moment."""

    labels: Labels
    value: float
    """NaN is a value: a quantile of no observations."""
    at: float
    """The moment it was evaluated for, by the source's clock. It is no sample's time: ask ``timestamp()`` for that."""

    def label(self, name: str) -> str:
        """Empty when it has none, which to Prometheus is the same."""
        return self.labels.get(name, "")

    @property
    def idle(self) -> bool:
        return isnan(self.value)


class Vector(msgspec.Struct, frozen=True):
    """The answer of an instant query. A scalar is one point without labels."""

    points: tuple[Point, ...]
    reply: Reply


class Line(msgspec.Struct, frozen=True):
    """One series over time: as many values as times, oldest first; a gap is a missing time."""

    labels: Labels
    times: tuple[float, ...]
    values: tuple[float, ...]


class Matrix(msgspec.Struct, frozen=True):
    """The answer of a range query."""

    lines: tuple[Line, ...]
    reply: Reply


class Target(msgspec.Struct, frozen=True):
    """One thing that a Prometheus scrapes."""

    labels: Labels
    url: str
    """What it asks: ``https://10.0.0.11:2379/metrics``."""
    up: bool | None
    """None: not scraped yet."""
    last_error: str = ""
    """Why the last scrape failed."""
    last_scrape: float | None = None
    """Unix seconds by the source's clock."""
    interval_s: float | None = None
    """How often it is scraped; None where the source does not say."""
    pool: str = ""
    """The job of the configuration that it comes from."""

    @property
    def job(self) -> str:
        return self.labels.get("job", "")

    @property
    def instance(self) -> str:
        return self.labels.get("instance", "")


class Targets(msgspec.Struct, frozen=True):
    active: tuple[Target, ...]
    reply: Reply


class Alert(msgspec.Struct, frozen=True):
    """One alert as its rule has it; Alertmanager never hears of a pending one."""

    labels: Pairs
    annotations: Pairs
    state: str
    """``pending`` or ``firing``."""
    active_at: float | None
    """Since when its expression holds."""
    value: float
    """Of the expression, at the last evaluation."""


class Alerts(msgspec.Struct, frozen=True):
    alerts: tuple[Alert, ...]
    reply: Reply


class Rule(msgspec.Struct, frozen=True):
    """One rule. Durations in seconds."""

    name: str
    kind: str
    """``alerting`` or ``recording``."""
    query: str
    """Can be asked as it stands."""
    group: str
    file: str
    interval_s: float
    """How often its group is evaluated."""
    hold_s: float = 0.0
    """``for``: how long the expression must hold before the alert fires."""
    labels: Pairs = ()
    annotations: Pairs = ()
    state: str = ""
    """Of an alerting rule: ``inactive``, ``pending``, ``firing``."""
    health: str = "unknown"
    """Of its evaluation: ``ok``, ``err``, ``unknown``."""
    last_error: str = ""
    last_evaluation: float | None = None
    alerts: tuple[Alert, ...] = ()


class Rules(msgspec.Struct, frozen=True):
    rules: tuple[Rule, ...]
    reply: Reply
