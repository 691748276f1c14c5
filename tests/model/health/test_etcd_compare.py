"""Contradictions: hard ones are believed at once, soft ones when they are seen twice."""

import pytest

from fleetui.model.health.etcd import Member, Picture
from fleetui.model.health.etcd_compare import committing, lags, mismatches
from tests.model.health.pictures import AT, down, picture, up

AGREE = picture(up("a"), up("b"), up("c"), at=AT - 5)


def reading(*members: Member, at: float = AT) -> Picture:
    return picture(*members, at=at)


@pytest.mark.parametrize(
    ("odd", "about"),
    [
        ({"cluster_id": "bad"}, "cluster"),
        ({"version": "3.5.9"}, "version"),
        ({"storage_version": "3.5.0"}, "storage version"),
    ],
)
def test_a_hard_contradiction_is_believed_at_once(odd: dict[str, str], about: str) -> None:
    said = {"storage_version": "3.6.0", **odd}
    found = mismatches(
        reading(up("a", storage_version="3.6.0"), up("b", storage_version="3.6.0"), up("c", **said)), None
    )
    assert [(mismatch.about, mismatch.odd, mismatch.hard) for mismatch in found] == [(about, ("c",), True)]


@pytest.mark.parametrize(("said", "about"), [({"leader": "c"}, "leader"), ({"term": 8}, "term")])
def test_a_soft_one_needs_a_second_reading(said: dict[str, object], about: str) -> None:
    odd = (up("a"), up("b"), up("c", **said))
    now = reading(*odd)
    assert mismatches(now, None) == ()
    assert mismatches(now, AGREE) == ()
    assert mismatches(now, reading(*odd, at=AT - 0.5)) == ()
    for before in (AT - 1, AT - 5):
        assert [(m.about, m.odd) for m in mismatches(now, reading(*odd, at=before))] == [(about, ("c",))]


def test_another_one_at_odds_is_not_the_same_contradiction() -> None:
    before = reading(up("a"), up("b", term=8), up("c"), at=AT - 5)
    assert mismatches(reading(up("a"), up("b"), up("c", term=8)), before) == ()


def test_of_two_equal_parties_nobody_is_named() -> None:
    found = mismatches(reading(up("a"), up("b", version="3.5.9")), None)
    assert [(m.said, m.odd) for m in found] == [((("3.5.9", "b"), ("3.6.16", "a")), ())]


def test_what_is_not_said_contradicts_nothing() -> None:
    assert mismatches(reading(up("a", storage_version="3.6.0"), up("b", storage_version=""), down("c")), None) == ()


def test_a_member_behind_in_seconds_at_the_measured_rate() -> None:
    before = reading(up("a", applied=1_000), up("b", applied=1_000), at=AT - 5)
    lag = lags(reading(up("a", applied=2_000), up("b", applied=100)), before)[0]
    # 1,000 entries in 5 s, 1,900 behind: 9.5 s; that is less than two periods of 5 s.
    assert (lag.member, lag.entries, lag.seconds, lag.proven) == ("b", 1_900, None, True)
    lag = lags(reading(up("a", applied=3_100), up("b", applied=100)), before)[0]
    assert (lag.entries, lag.seconds) == (3_000, None)
    lag = lags(reading(up("a", applied=1_100), up("b", applied=100)), before)[0]
    assert (lag.entries, lag.seconds) == (1_000, 50.0)


def test_a_difference_within_one_reading_proves_nothing() -> None:
    before = reading(up("a", applied=1_000), up("b", applied=990), at=AT - 5)
    now = reading(up("a", applied=2_000), up("b", applied=1_950))
    assert [(lag.member, lag.entries, lag.proven) for lag in lags(now, before)] == [("b", 50, False), ("a", 0, False)]
    assert not lags(now, None)[0].proven


def test_nobody_writes_so_there_are_no_seconds() -> None:
    before = reading(up("a", applied=1_000), up("b", applied=10), at=AT - 5)
    lag = lags(reading(up("a", applied=1_000), up("b", applied=10)), before)[0]
    assert (lag.entries, lag.seconds, lag.proven) == (990, None, True)


def test_nobody_answers_so_there_is_no_lag() -> None:
    assert lags(reading(down("a"), down("b")), AGREE) == ()


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (reading(up("a", applied=1_001)), AGREE, True),
        (reading(up("a", applied=1_000)), AGREE, False),
        (reading(down("a")), AGREE, False),
        (reading(up("a", applied=2_000)), None, False),
    ],
)
def test_committing(now: Picture, before: Picture | None, expected: bool) -> None:
    assert committing(now, before) is expected


@pytest.mark.parametrize(
    ("seconds", "applied", "proven", "known"),
    [
        (5.0, 100, True, True),
        (1.0, 100, True, True),
        (0.5, 100, False, False),
        (5.0, 1_000, False, True),
    ],
)
def test_a_lag_needs_two_readings_and_an_earlier_front(seconds: float, applied: int, proven: bool, known: bool) -> None:
    """The front was at 1,000 before; whoever is there now is no further behind than the time between the looks."""
    before = reading(up("a", applied=1_000), up("b", applied=100), at=AT - seconds)
    lag = lags(reading(up("a", applied=1_010), up("b", applied=applied)), before)[0]
    assert (lag.member, lag.proven) == ("b", proven)
    assert (lag.seconds is not None) is (known and applied == 100)


def test_a_lag_of_two_periods_is_still_the_moment_of_asking() -> None:
    before = reading(up("a", applied=1_000), up("b", applied=1_000), at=AT - 5)
    twice = lags(reading(up("a", applied=1_010), up("b", applied=990)), before)[0]
    more = lags(reading(up("a", applied=1_010), up("b", applied=989)), before)[0]
    assert (twice.entries, twice.seconds, more.seconds) == (20, None, 10.5)
