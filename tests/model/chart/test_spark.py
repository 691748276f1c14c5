"""Twelve cells of five minutes: as high as the figure is near its limit, blank where nobody knows."""

import pytest

from fleetui.model.chart.curve import Curve, Value
from fleetui.model.chart.spark import CELLS, heights, spark_style, spark_text
from fleetui.model.chart.window import Window
from fleetui.model.health.threshold import Threshold
from tests.model.chart.samples import HOUR, NOON, WRITES, of

BARS = "▁▂▃▄▅▆▇█"
LEFT = Threshold("left", "d", amber=30, red=7, source="test", falling=True)


def hour(*cells: Value) -> Curve:
    """One value for each five minutes; noon itself begins the last cell."""
    values = tuple(cells[CELLS - 1 - (NOON // 300 - at // 300)] if NOON // 300 - at // 300 < CELLS else None
                   for at in HOUR.moments)  # fmt: skip
    return Curve({}, HOUR, values)


def drawn(*cells: Value, limit: Threshold | None = None) -> str:
    return spark_text(heights(hour(*cells), limit), BARS)


def test_a_gap_is_blank_and_a_zero_is_not() -> None:
    assert drawn(0, 0, None, None, 1, 1, 1, 2, 2, None, 0, 2) == "▁▁  ▅▅▅██ ▁█"


def test_what_is_far_from_its_limit_stands_low() -> None:
    assert drawn(*[0.1] * 12, limit=WRITES.limit) == "▁" * 12
    assert drawn(*[0.1] * 11, 1.0, limit=WRITES.limit) == "▁" * 11 + "█"


def test_of_what_must_not_fall_the_lowest_of_each_cell_counts() -> None:
    over = Window(NOON - 240, NOON, 60)
    found = heights(Curve({}, over, (90.0, 90.0, 90.0, 90.0, 30.0)), LEFT)
    assert found[-1] == 0
    assert found[-2] == 7
    assert found[:-2] == (None,) * 10


def test_a_single_spike_between_two_cells_is_seen() -> None:
    values = [0.0] * 61
    values[27] = 9.0
    assert 7 in heights(of(values))


def test_one_minute_later_only_the_last_cell_may_differ() -> None:
    before = Curve({}, HOUR, tuple(float(at % 700) for at in HOUR.moments))
    later = Window(HOUR.start + 60, HOUR.end + 60, 60)
    after = Curve({}, later, tuple(float(at % 700) for at in later.moments))
    assert heights(before)[1:-1] == heights(after)[1:-1]


@pytest.mark.parametrize(
    ("values", "style"),
    [([0.1] * 12, "muted"), ([0.1] * 11 + [1.0], "warn"), ([0.1] * 11 + [4.0], "danger"),
     ([9.0] * 9 + [None] * 3, "stale"), ([None] * 12, "unknown")],
)  # fmt: skip
def test_its_colour_is_that_of_the_last_value_and_old_is_no_verdict(values: list[Value], style: str) -> None:
    assert spark_style(of(values), WRITES.limit) == style


def test_the_infinite_stands_at_the_edge() -> None:
    assert drawn(*[1.0] * 11, float("inf")) == "█" * 12
