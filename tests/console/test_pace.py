"""When a paint may come: pure, by numbers."""

import itertools

import pytest

from fleetui.console.pace import BURST, GAP_S, PAINT_S, Pace


def painted_in(seconds: float, *, news_every: float) -> list[float]:
    """When paints come of news that arrive steadily."""
    pace, now, due, paints = Pace(), 0.0, 0.0, []
    while now < seconds:
        due = max(now, now + pace.wait(now))
        pace.painted(due)
        paints.append(due)
        now = due + news_every
    return paints


def test_the_first_news_are_painted_at_once() -> None:
    pace = Pace()
    assert pace.wait(100.0) == 0.0


def test_a_few_follow_closely_and_the_next_waits() -> None:
    paints = painted_in(1.0, news_every=0.001)
    gaps = [later - earlier for earlier, later in itertools.pairwise(paints)]
    burst = int(BURST) - 1
    assert gaps[:burst] == pytest.approx([GAP_S] * burst)
    assert gaps[burst] > 3 * GAP_S


def test_three_paints_come_at_once_or_nearly_and_the_fourth_waits_for_its_turn() -> None:
    """Of what has been painted at one moment: two more after a gap each, then one in a quarter of a second."""
    pace, waits = Pace(), []
    for _ in range(4):
        waits.append(pace.wait(10.0))
        pace.painted(10.0)
    assert waits == pytest.approx([0.0, 0.03, 0.03, 0.25])


def test_painting_before_it_is_due_is_no_debt() -> None:
    pace = Pace()
    for _ in range(20):
        pace.painted(10.0)
    assert pace.wait(10.0) == pytest.approx(PAINT_S)
    assert pace.wait(10.0 + PAINT_S) == 0.0
    assert pace.wait(50.0) == 0.0


def test_a_stream_of_news_is_painted_four_times_a_second() -> None:
    paints = painted_in(60.0, news_every=0.001)
    assert len(paints) == pytest.approx(60.0 / PAINT_S + BURST, abs=2)


def test_news_once_a_second_never_wait() -> None:
    assert painted_in(10.0, news_every=1.0) == [float(second) for second in range(10)]


def test_a_long_rest_earns_no_more_than_the_burst() -> None:
    pace = Pace()
    pace.painted(0.0)
    now = 1_000.0
    for _ in range(int(BURST)):
        now += pace.wait(now)
        pace.painted(now)
    assert pace.wait(now) > GAP_S
