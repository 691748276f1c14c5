"""How old a value is, in units of its own source; an unknown one has its reason."""

import pytest

from fleetui.model.freshness import Source
from fleetui.model.health.sample import Age, Sample, missing, sampled

POLLED = Source.POLLED


@pytest.mark.parametrize(
    ("seconds", "age", "usable"),
    [
        (0, Age.FRESH, True),
        (20, Age.FRESH, True),
        (21, Age.LATE, True),
        (40, Age.LATE, True),
        (41, Age.STALE, False),
        (-5, Age.FRESH, True),
    ],
)
def test_age_counts_periods(seconds: float, age: Age, usable: bool) -> None:
    sample = sampled(0.0, at=100.0, source=POLLED)
    assert sample.age(100.0 + seconds, period_s=10) is age
    assert sample.usable(100.0 + seconds, period_s=10) is usable


def test_age_is_that_of_the_value_and_not_of_its_arrival() -> None:
    sample = sampled(7, at=100.0, source=Source.SCRAPED, received_at=160.0)
    assert sample.age_s(161.0) == 61.0


def test_zero_is_known_and_missing_is_not() -> None:
    nothing: Sample[int] = missing("not scraped", at=100.0, source=POLLED)
    assert (sampled(0, at=1.0, source=POLLED).known, nothing.known) == (True, False)
    assert nothing.age(100.0, period_s=10) is Age.NONE
    assert nothing.age_s(100.0) is None
    assert not nothing.usable(100.0, period_s=10)


def test_a_missing_value_needs_its_reason() -> None:
    with pytest.raises(ValueError, match="reason"):
        missing("", at=1.0, source=POLLED)
