"""A curve says nothing where there was no sample: not 0, not the value before."""

import math

from fleetui.model.chart.curve import by_key, curve, folded
from fleetui.model.chart.window import Window
from fleetui.model.health.series import Line
from tests.model.chart.samples import of

OVER = Window(0, 240, 60)


def test_a_missing_moment_is_a_gap() -> None:
    found = curve(Line({}, (0.0, 60.0, 240.0), (1.0, 2.0, 5.0)), OVER)
    assert found.values == (1.0, 2.0, None, None, 5.0)
    assert found.last == (240, 5.0)


def test_nothing_to_measure_is_a_gap_and_the_infinite_is_a_value() -> None:
    found = curve(Line({}, (0.0, 60.0), (math.nan, math.inf)), OVER)
    assert found.values == (None, math.inf, None, None, None)


def test_what_is_outside_of_the_window_is_not_taken_for_its_edge() -> None:
    found = curve(Line({}, (-60.0, 300.0), (1.0, 1.0)), OVER)
    assert found.empty
    assert found.last is None


def test_it_has_ended_when_its_last_moments_are_missing() -> None:
    assert of([1, 2, 3, None, None, None]).ended_at == of([1, 2, 3, None, None, None]).window.end - 180
    assert of([1, 2, 3, 4, None, None]).ended_at is None, "the youngest scrape may be still to come"
    assert of([None, None]).ended_at is None


def test_of_several_the_worst_is_kept_and_a_gap_is_only_where_all_have_one() -> None:
    both = (of([1, None, 3, None]), of([2, 5, None, None]))
    assert folded(both).values == (2, 5, 3, None)
    assert folded(both, falling=True).values == (1, 5, 3, None)


def test_curves_of_one_key_are_one_and_those_without_a_key_are_left_out() -> None:
    found = by_key([of([1], name="a"), of([3], name="a"), of([2], name="")], lambda labels: labels["instance"])
    assert {name: each.values for name, each in found.items()} == {"a": (3,)}
