"""How fast a member works, from two looks at its counters: fsync, commit and peer round trip at the 99th percentile,
writes a second, leader changes. One look has totals since the start of the process, which say nothing about now."""

from itertools import pairwise
from math import inf

import msgspec

Buckets = tuple[tuple[float, float], ...]
"""(upper bound in seconds, cumulative count), ascending; the last bound is infinite."""

QUANTILE = 0.99


class Counters(msgspec.Struct, frozen=True):
    """What one look at a member's metrics gave. ``None`` and empty: this version does not export it."""

    at: float
    started: float | None = None
    """When its process began, Unix seconds: totals of an earlier process are not comparable."""
    quota: int | None = None
    committed: float | None = None
    applied: float | None = None
    pending: float | None = None
    failed: float | None = None
    leader_changes: float | None = None
    defragmenting: bool | None = None
    fsync: Buckets = ()
    commit: Buckets = ()
    round_trips: tuple[tuple[str, Buckets], ...] = ()
    """By the peer's id."""


class Pace(msgspec.Struct, frozen=True):
    """The member between two looks. Seconds, and per second; None is unknown, ``idle`` says where nothing was done."""

    span_s: float
    fsync_p99: float | None = None
    commit_p99: float | None = None
    round_trip_p99: float | None = None
    """To the slowest peer."""
    slowest_peer: str = ""
    writes: float | None = None
    failures: float | None = None
    leader_changes: float | None = None
    idle: bool = False
    """No fsync happened: there is no latency to tell, which is not the same as zero."""


def pace(first: Counters, last: Counters) -> Pace | None:
    """None when the two are not of one process, or not in order."""
    span = last.at - first.at
    if span <= 0 or first.started != last.started or _went_back(first, last):
        return None
    fsync = _between(first.fsync, last.fsync)
    peers = dict(first.round_trips)
    trips = {peer: quantile(_between(peers.get(peer, ()), now), QUANTILE) for peer, now in last.round_trips}
    slowest = max(((took, peer) for peer, took in trips.items() if took is not None), default=(None, ""))
    return Pace(
        span_s=span,
        fsync_p99=quantile(fsync, QUANTILE),
        commit_p99=quantile(_between(first.commit, last.commit), QUANTILE),
        round_trip_p99=slowest[0],
        slowest_peer=slowest[1],
        writes=_rate(first.committed, last.committed, span),
        failures=_rate(first.failed, last.failed, span),
        leader_changes=_grown(first.leader_changes, last.leader_changes),
        idle=bool(fsync) and fsync[-1][1] == 0,
    )


def quantile(buckets: Buckets, share: float) -> float | None:
    """As PromQL's histogram_quantile: linear inside the bucket; what lies beyond the last finite bound is that bound.
    None without a single observation."""
    if not buckets or buckets[-1][1] <= 0:
        return None
    rank = share * buckets[-1][1]
    for (low, below), (high, upto) in pairwise(((0.0, 0.0), *buckets)):
        if upto >= rank:
            return low if high == inf else low + (high - low) * (rank - below) / (upto - below)
    return None


def _between(first: Buckets, last: Buckets) -> Buckets:
    """The observations between two looks; none where the bounds changed."""
    if tuple(bound for bound, _ in first) != tuple(bound for bound, _ in last):
        return ()
    return tuple((bound, now - then) for (bound, now), (_, then) in zip(last, first, strict=True))


def _went_back(first: Counters, last: Counters) -> bool:
    """A counter that shrank is another process, whatever the start time says."""
    return bool(first.fsync and last.fsync and last.fsync[-1][1] < first.fsync[-1][1])


def _grown(first: float | None, last: float | None) -> float | None:
    return None if first is None or last is None else last - first


def _rate(first: float | None, last: float | None, span: float) -> float | None:
    grown = _grown(first, last)
    return None if grown is None else grown / span
