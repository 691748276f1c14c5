"""Ticks stand at round values in the unit that is shown, and at round times on the operator's clock."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from fleetui.model.chart.axis import scale, time_ticks, value_ticks
from fleetui.model.chart.window import Window
from fleetui.model.health.threshold import Threshold
from tests.model.chart.samples import HOUR, WRITES

BERLIN = ZoneInfo("Europe/Berlin")
KOLKATA = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("low", "high", "unit", "texts"),
    [
        (0, 1.05, "s", ["0", "500 ms", "1 s"]),
        (0, 0.04, "s", ["0", "20 ms", "40 ms"]),
        (0.9985, 1.0, "ratio", ["99.85%", "99.90%", "99.95%", "100.00%"]),
        (0, 6 * 2**30, "B", ["0", "2 GiB", "4 GiB", "6 GiB"]),
        (-3, 3, "", ["-2", "0", "2"]),
    ],
)
def test_values_are_round_in_their_unit_and_never_twice_the_same(
    low: float, high: float, unit: str, texts: list[str]
) -> None:
    assert [text for _, text in value_ticks(low, high, unit=unit, most=4)] == texts


@pytest.mark.parametrize(("zone", "first"), [(UTC, "11:00"), (BERLIN, "12:00"), (KOLKATA, "16:30")])
def test_times_are_those_of_the_operators_zone(zone, first: str) -> None:
    assert time_ticks(HOUR, cells=80, zone=zone)[0][1] == first


def test_days_begin_at_the_operators_midnight_also_when_the_clock_is_put_back() -> None:
    """2026-10-25 has 25 hours in Berlin."""
    start = int(datetime(2026, 10, 22, 12, tzinfo=BERLIN).timestamp())
    ticks = time_ticks(Window(start, start + 7 * 86_400, 3_600), cells=160, zone=BERLIN)
    assert [text for _, text in ticks] == [f"{day} Oct" for day in range(23, 30)]
    assert {datetime.fromtimestamp(at, BERLIN).hour for at, _ in ticks} == {0}


def test_a_limit_that_is_near_is_in_the_picture_and_one_far_away_does_not_flatten_it() -> None:
    limit = WRITES.limit
    assert scale([[0.4, 0.6]], limit=limit)[1] > 1.0
    assert scale([[0.01, 0.02]], limit=limit)[1] < 0.03


def test_shares_just_below_the_whole_are_not_drawn_from_zero() -> None:
    falling = Threshold("available", "ratio", amber=0.999, red=0.99, source="test", falling=True)
    low, high = scale([[1.0, 0.9995, 1.0]], limit=falling)
    assert 0.99 < low < 0.999 < 1.0 <= high


@pytest.mark.parametrize("values", [[0.0, 0.0], [5.0], [None], [float("inf"), 1.0]])
def test_there_is_always_room_between_the_ends(values: list[float | None]) -> None:
    low, high = scale([values])
    assert low < high < float("inf")
