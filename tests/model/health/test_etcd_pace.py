"""Latencies and rates between two looks at a member's counters."""

from math import inf

import pytest

from fleetui.model.health.etcd_pace import Buckets, Counters, pace, quantile

NONE: Buckets = ((0.001, 0), (0.002, 0), (0.004, 0), (0.008, 0), (0.016, 0), (inf, 0))


def buckets(*counts: float) -> Buckets:
    """Cumulative counts for the bounds of ``NONE``."""
    return tuple((bound, count) for (bound, _), count in zip(NONE, counts, strict=True))


@pytest.mark.parametrize(
    ("counted", "share", "expected"),
    [
        (buckets(100, 100, 100, 100, 100, 100), 0.99, 0.00099),
        (buckets(0, 100, 100, 100, 100, 100), 0.5, 0.0015),
        (buckets(0, 0, 0, 0, 100, 100), 0.99, 0.008 + 0.008 * 0.99),
        (buckets(50, 50, 50, 50, 50, 100), 0.99, 0.016),
        (buckets(0, 0, 0, 0, 0, 100), 0.99, 0.016),
        (NONE, 0.99, None),
        ((), 0.99, None),
    ],
)
def test_quantile(counted: Buckets, share: float, expected: float | None) -> None:
    assert quantile(counted, share) == (None if expected is None else pytest.approx(expected))


def test_only_what_happened_between_the_looks_counts() -> None:
    first = Counters(at=0.0, fsync=buckets(0, 0, 0, 0, 1_000, 1_000), commit=NONE, committed=10.0, leader_changes=1.0)
    last = Counters(
        at=10.0, fsync=buckets(98, 98, 98, 98, 1_100, 1_100), commit=NONE, committed=60.0, leader_changes=3.0
    )
    found = pace(first, last)
    assert found is not None
    assert found.fsync_p99 == pytest.approx(0.012)
    assert (found.writes, found.leader_changes, found.commit_p99, found.idle) == (5.0, 2.0, None, False)


def test_idle_is_not_zero() -> None:
    found = pace(Counters(at=0.0, fsync=NONE), Counters(at=5.0, fsync=NONE))
    assert found is not None
    assert (found.idle, found.fsync_p99, found.writes) == (True, None, None)


def test_the_slowest_peer_is_named() -> None:
    quick, slow = buckets(10, 10, 10, 10, 10, 10), buckets(0, 0, 0, 0, 10, 10)
    first = Counters(at=0.0, round_trips=(("b", NONE), ("c", NONE)))
    found = pace(first, Counters(at=5.0, round_trips=(("b", quick), ("c", slow))))
    assert found is not None
    assert (found.slowest_peer, found.round_trip_p99) == ("c", pytest.approx(0.01592))
    new = pace(first, Counters(at=5.0, round_trips=(("d", slow),)))
    assert new is not None
    assert (new.slowest_peer, new.round_trip_p99) == ("", None)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (Counters(at=5.0), Counters(at=5.0)),
        (Counters(at=5.0), Counters(at=4.0)),
        (Counters(at=0.0, started=1.0), Counters(at=5.0, started=3.0)),
        (Counters(at=0.0, fsync=buckets(9, 9, 9, 9, 9, 9)), Counters(at=5.0, fsync=buckets(1, 1, 1, 1, 1, 1))),
    ],
)
def test_looks_at_two_processes_are_not_compared(first: Counters, last: Counters) -> None:
    assert pace(first, last) is None
