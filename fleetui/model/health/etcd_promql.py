"""The etcd board as PromQL: a fixed number of questions to a store, however many clusters are in it.

Each answer has one series a member, so that the bad host has a name, and what is not to be trusted (not up, stale) is
left out here and not in the query. None needs a recording rule.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum

import msgspec

from fleetui.model.health import etcd_limits
from fleetui.model.health.promql import Query, last_sampled
from fleetui.model.health.threshold import Threshold

JOBS = ".*etcd.*"
"""As the etcd mixin selects; kube-prometheus calls it ``kube-etcd``, OpenShift ``etcd``."""
COUNTED_S = 600
"""Window of the query ``scrapes``, from which the scrape interval follows where nobody says it."""
ROSTER_EVERY_S = 300.0
DISK_BOUNDS = (0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 1.024, 8.192)
"""Out of 0.001 doubled 13 times: those beside 10, 25, 100 and 250 ms, and what shows how far beyond."""
PEER_BOUNDS = (0.0064, 0.0256, 0.0512, 0.1024, 0.2048, 0.8192)
"""Out of 0.0001 doubled 15 times: those beside 50 and 150 ms."""
FAILING_SENDS = 0.01
"""A second (etcd mixin)."""


def _plain(metric: str) -> str:
    return f"max by ($by) ({metric}{{$s}})"


def _rate(metric: str) -> str:
    return f"max by ($by) (rate({metric}{{$s}}[$w]))"


def _p99(metric: str, bounds: tuple[float, ...], *, by: str = "$by", window: str = "$w") -> str:
    """Of some of the histogram's buckets: those around the limits, where the answer is the same as of all of them;
    reading all costs twice as much. ``bounds`` are etcd's own."""
    chosen = "|".join([*(f"{bound:g}".replace(".", "\\\\.") for bound in bounds), "\\\\+Inf"])
    buckets = f'{metric}_bucket{{$s,le=~"{chosen}"}}'
    return f"histogram_quantile(0.99, sum by ({by}, le) (rate({buckets}[{window}])))"


ROSTER_LOOKS = ("10m", "1h", "6h", "1d", "7d")
_ROSTER = last_sampled("$cluster", "up{$s}", ROSTER_LOOKS)
"""Which clusters there were at some moments of the last week, and the latest of them: what has gone silent since. Five
looks cost 0.1 s where count_over_time() reads a week of samples."""
_FSYNC = "etcd_disk_wal_fsync_duration_seconds"
_COMMITTED, _APPLIED = "etcd_server_proposals_committed_total", "etcd_server_proposals_applied_total"

QUERIES: tuple[Query, ...] = (
    Query("up", _plain("up")),
    Query("seen", "max by ($by) (timestamp(up{$s}))"),
    Query("scrapes", f"max by ($by) (count_over_time(up{{$s}}[{COUNTED_S}s]))", every_s=60.0),
    Query("roster", _ROSTER, every_s=ROSTER_EVERY_S),
    Query("has_leader", "min by ($by) (etcd_server_has_leader{$s})"),
    Query("is_leader", _plain("etcd_server_is_leader")),
    Query("is_learner", _plain("etcd_server_is_learner")),
    Query("id", "max by ($by, server_id) (etcd_server_id{$s})", every_s=60.0),
    Query("version", "max by ($by, server_version) (etcd_server_version{$s})", every_s=60.0),
    # From 3.6 on; it counts the member itself. Service discovery drops the targets of deleted machines, and a count of
    # targets with them.
    Query("peers", "count by ($by) (max by ($by, Remote) (etcd_network_known_peers{$s}) == 1)", every_s=60.0),
    Query("alarms", "max by ($by, alarm_type) (etcd_debugging_server_alarms{$s}) > 0"),
    Query("changes", "max by ($by) (increase(etcd_server_leader_changes_seen_total{$s}[15m]))"),
    Query("fsync", _p99(_FSYNC, DISK_BOUNDS)),
    Query(
        "fsync_slow",
        f'1 - sum by ($by) (rate({_FSYNC}_bucket{{$s,le="0.008"}}[$w]))'
        f" / sum by ($by) (rate({_FSYNC}_count{{$s}}[$w]))",
    ),
    Query("commit", _p99("etcd_disk_backend_commit_duration_seconds", DISK_BOUNDS)),
    # Members probe each other every 30 s, however often they are scraped.
    Query(
        "rtt",
        _p99("etcd_network_peer_round_trip_time_seconds", PEER_BOUNDS, by="$by, To", window="5m"),
        every_s=30.0,
    ),
    Query("failing", f"sum by ($by, To) (rate(etcd_network_peer_sent_failures_total{{$s}}[$w])) > {FAILING_SENDS}"),
    Query("unapplied", f"max by ($by) ({_COMMITTED}{{$s}} - {_APPLIED}{{$s}})"),
    Query("applied", _plain(_APPLIED)),
    Query("writes", _rate(_COMMITTED)),
    Query("pending", _plain("etcd_server_proposals_pending")),
    Query("failed", _rate("etcd_server_proposals_failed_total")),
    Query("slow_apply", _rate("etcd_server_slow_apply_total")),
    Query("heartbeats", _rate("etcd_server_heartbeat_send_failures_total")),
    Query("size", _plain("etcd_mvcc_db_total_size_in_bytes")),
    Query("in_use", _plain("etcd_mvcc_db_total_size_in_use_in_bytes")),
    Query("quota", _plain("etcd_server_quota_backend_bytes")),
    Query("growth", "max by ($by) (deriv(etcd_mvcc_db_total_size_in_bytes{$s}[1h]))"),
    Query("defragmenting", _plain("etcd_disk_defrag_inflight")),
)

Figures = Mapping[str, float]
"""What one member's series say, by the id of their query; without those that it has not."""


class Worst(StrEnum):
    """Which member's figure stands for the cluster."""

    HIGHEST = "highest"
    LOWEST = "lowest"
    SUM = "sum"


class Panel(msgspec.Struct, frozen=True):
    """One figure of the board."""

    id: str
    title: str
    of: Callable[[Figures], float | None]
    """A member's figure; None when something it needs is missing, NaN when there was nothing to measure."""
    needs: tuple[str, ...]
    """Ids of the queries."""
    unit: str = ""
    short: str = ""
    """Before the figure in a cell: ``fsync 320 ms``."""
    worst: Worst = Worst.HIGHEST
    limit: Threshold | None = None


def _one(query: str) -> Callable[[Figures], float | None]:
    return lambda figures: figures.get(query)


def _of_quota(figures: Figures) -> float | None:
    size, quota = figures.get("size"), figures.get("quota")
    return size / quota if size is not None and quota else None


def _free(figures: Figures) -> float | None:
    size, in_use = figures.get("size"), figures.get("in_use")
    return max(0.0, 1 - in_use / size) if size and in_use is not None else None


def _hours(figures: Figures) -> float | None:
    """NaN while it does not grow: there is no hour to tell."""
    size, quota, growth = figures.get("size"), figures.get("quota"), figures.get("growth")
    if size is None or not quota or growth is None:
        return None
    return max(0.0, quota - size) / growth / 3600 if growth > 0 else float("nan")


SLOW_FSYNCS = Threshold("fsyncs over 8 ms", "ratio", amber=0.01, red=0.5, source="etcd FAQ; red: own judgement")
PENDING = Threshold("proposals pending", "", amber=50, red=1_000, source="own judgement")
FAILED = Threshold("proposals failed", "/s", amber=0.001, red=5 / 900, source="any; red: etcd mixin, 5 in 15 min")
SLOW_APPLIES = Threshold("slow applies", "/s", amber=0.05, red=float("inf"), source="own judgement")
LATE_HEARTBEATS = Threshold("late heartbeats", "/s", amber=0.05, red=float("inf"), source="own judgement")

PANELS: tuple[Panel, ...] = (
    Panel("fsync", "WAL fsync p99", _one("fsync"), ("fsync",), "s", "fsync", limit=etcd_limits.FSYNC_P99),
    Panel("fsync_slow", "fsyncs over 8 ms", _one("fsync_slow"), ("fsync_slow",), "ratio", "slow", limit=SLOW_FSYNCS),
    Panel("commit", "backend commit p99", _one("commit"), ("commit",), "s", "commit", limit=etcd_limits.COMMIT_P99),
    Panel("rtt", "peer round trip p99", _one("rtt"), ("rtt",), "s", "rtt", limit=etcd_limits.RTT_P99),
    Panel(
        "unapplied", "entries not applied", _one("unapplied"), ("unapplied",), "", "behind", limit=etcd_limits.APPLY_LAG
    ),
    Panel("writes", "writes", _one("writes"), ("writes",), "/s", "writes"),
    Panel("pending", "proposals pending", _one("pending"), ("pending",), "", "pending", limit=PENDING),
    Panel("failed", "proposals failed", _one("failed"), ("failed",), "/s", "failed", limit=FAILED),
    Panel("slow_apply", "slow applies", _one("slow_apply"), ("slow_apply",), "/s", "slow applies", limit=SLOW_APPLIES),
    Panel(
        "heartbeats", "late heartbeats", _one("heartbeats"), ("heartbeats",), "/s", "heartbeats", limit=LATE_HEARTBEATS
    ),
    Panel(
        "of_quota", "database of its quota", _of_quota, ("size", "quota"), "ratio", "db", limit=etcd_limits.DB_OF_QUOTA
    ),
    Panel("size", "database", _one("size"), ("size",), "B", "db"),
    Panel("free", "free in the database", _free, ("size", "in_use"), "ratio", "free"),
    Panel(
        "hours", "hours to full", _hours, ("size", "quota", "growth"), "h", "full in", Worst.LOWEST,
        etcd_limits.HOURS_TO_FULL,
    ),
    Panel(
        "changes", "leader changes in 15 min", _one("changes"), ("changes",), "", "leaders",
        limit=etcd_limits.LEADER_CHANGES,
    ),
    Panel("defragmenting", "defragmenting", _one("defragmenting"), ("defragmenting",), "", worst=Worst.SUM),
)  # fmt: skip


def panel_of(id_: str) -> Panel:
    """Raises KeyError."""
    return _BY_ID[id_]


_BY_ID = {panel.id: panel for panel in PANELS}
