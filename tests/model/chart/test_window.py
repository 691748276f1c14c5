"""Which moments are asked for: round, few enough, and the same for whoever asks again."""

import pytest

from fleetui.model.chart.window import MOST_MOMENTS, Window, step_of, window


@pytest.mark.parametrize(
    ("span_s", "moments", "least_s", "step"),
    [
        (3_600, 61, 15, 60),
        (3_600, 320, 15, 15),
        (3_600, 320, 30, 30),
        (900, 10_000, 15, 15),
        (6 * 3_600, 80, 15, 300),
        (30 * 86_400, 160, 15, 6 * 3_600),
        (30 * 86_400, 10, 15, 4 * 86_400),
        (3_600, 1, 60, 3_600),
    ],
)
def test_the_step_is_round_and_no_shorter_than_samples_come(
    span_s: float, moments: int, least_s: float, step: int
) -> None:
    assert step_of(span_s, moments=moments, least_s=least_s) == step


@pytest.mark.parametrize("end", [1_795_003_200.0, 1_795_003_259.9])
def test_the_moments_are_multiples_of_the_step_and_end_with_the_last_one_that_has_come(end: float) -> None:
    assert window(end=end, span_s=3_600, moments=61) == Window(1_795_003_200 - 3_600, 1_795_003_200, 60)


@pytest.mark.parametrize("span_s", [900, 3_600, 86_400, 30 * 86_400, 400 * 86_400])
@pytest.mark.parametrize("moments", [1, 40, 320, 5_000])
def test_there_are_never_more_than_were_asked_for(span_s: int, moments: int) -> None:
    found = window(end=1_795_003_217.0, span_s=span_s, moments=moments)
    assert len(found.moments) <= max(2, min(moments, MOST_MOMENTS))
    assert found.moments[-1] == found.end


@pytest.mark.parametrize(("at", "index"), [(0, 0), (29, 0), (31, 1), (3_600, 60), (3_640, None), (-31, None)])
def test_a_sample_belongs_to_the_nearest_moment(at: float, index: int | None) -> None:
    assert Window(0, 3_600, 60).index(at) == index
