"""Budgets and burn rates, row by row: who is called, when it is gone, and when there is no verdict."""

import pytest

from fleetui.model.cluster import Health
from fleetui.model.health.slo import (
    PAIRS,
    PERIOD_S,
    WINDOWS,
    Call,
    Measured,
    Policy,
    exhaustion_text,
    judge,
    needed_events,
    share_text,
    span_text,
)

TARGET = 0.999
BUDGET = 1 - TARGET


def burning(events: float | None = None, **burns: float) -> Measured:
    """``b1h=15`` is a burn rate of 15 over an hour; windows that are not named burn not at all."""
    said = {window: BUDGET * burns.pop(f"b{window}", 0.0) for window in WINDOWS}
    assert not burns, burns
    return Measured(said, events)


@pytest.mark.parametrize(
    ("measured", "call", "level"),
    [
        (burning(), Call.NOBODY, Health.CALM),
        (burning(b1h=14.5, b5m=14.5), Call.PAGE, Health.BROKEN),
        (burning(b1h=14.3, b5m=14.5), Call.NOBODY, Health.CALM),
        (burning(b1h=100.0, b5m=1.0), Call.NOBODY, Health.CALM),  # it is over
        (burning(b1h=1.0, b5m=100.0), Call.NOBODY, Health.CALM),  # it has just begun
        (burning(b6h=6.1, b30m=6.1), Call.PAGE, Health.BROKEN),
        (burning(b1d=3.1, b2h=3.1), Call.TICKET, Health.WARNING),
        (burning(b3d=1.1, b6h=1.1), Call.TICKET, Health.WARNING),
        (burning(b30d=1.2), Call.NOBODY, Health.WARNING),  # nothing burns, and the promise is broken
    ],
)
def test_the_four_pairs(measured: Measured, call: Call, level: Health) -> None:
    verdict = judge(measured, target=TARGET)
    assert (verdict.call, verdict.level) == (call, level)


@pytest.mark.parametrize(
    ("policy", "measured", "call"),
    [
        (Policy.LOW_BUDGET, burning(b1h=2.1, b30d=0.8), Call.PAGE),
        (Policy.LOW_BUDGET, burning(b1h=2.1, b30d=0.7), Call.NOBODY),
        (Policy.LOW_BUDGET, burning(b1h=1.9, b30d=0.8), Call.NOBODY),
        (Policy.LOW_BUDGET, burning(b1h=15.0, b5m=15.0), Call.TICKET),
        (Policy.HALF_SPENT, burning(b1d=15.1), Call.PAGE),  # 15.1 x 1 d of 30 d
        (Policy.HALF_SPENT, burning(b1d=14.9), Call.NOBODY),
        (Policy.HALF_SPENT, burning(b3d=30.0), Call.NOBODY),  # no short window
    ],
)
def test_the_other_policies(policy: Policy, measured: Measured, call: Call) -> None:
    assert judge(measured, target=TARGET, policy=policy).call is call


def test_the_factors_are_shares_of_the_budget() -> None:
    spent = [round(pair.factor * WINDOWS[pair.long] / PERIOD_S, 3) for pair in PAIRS]
    assert spent == [0.02, 0.05, 0.1, 0.1]


@pytest.mark.parametrize(
    ("left", "burn", "text"),
    [
        (0.7, 10.0, "gone in 2.1 d"),
        (1.0, 360.0, "gone in 2.0 h"),
        (1.0, 1000.0, "gone in 43 min"),
        (0.5, 0.4, "lasts"),
        (0.5, 0.0, "lasts"),
        (0.0, 5.0, "gone"),
        (-2.0, 0.0, "gone"),
        (None, 5.0, "?"),
        (0.5, None, "?"),
    ],
)
def test_when_it_is_gone_in_words(left: float | None, burn: float | None, text: str) -> None:
    assert exhaustion_text(left, burn) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(1, "1 min"), (5_399, "90 min"), (5_400, "1.5 h"), (172_800, "2.0 d"), (5_443_200, "63 d")]
)
def test_spans(seconds: float, text: str) -> None:
    assert span_text(seconds) == text


def test_one_failure_among_few_requests_is_no_verdict() -> None:
    """37 requests an hour: one of them is a burn rate of 27, which would page."""
    one = 1 / 37 / BUDGET
    verdict = judge(burning(37, b5m=one, b1h=one), target=TARGET)
    assert verdict.call is not Call.PAGE
    assert "37 requests in 1 h: no verdict" in verdict.reason
    assert judge(burning(10_000, b5m=one, b1h=one), target=TARGET).call is Call.PAGE


def test_traffic_too_thin_for_any_window_is_unknown_and_never_calm() -> None:
    verdict = judge(burning(3, b1h=300.0, b5m=300.0), target=TARGET)
    assert (verdict.call, verdict.level, verdict.word) == (Call.UNKNOWN, Health.UNKNOWN, "low traffic")
    assert verdict.reason == "3 requests in 1 h: no verdict"


def test_how_many_events_it_takes() -> None:
    assert [needed_events(pair, BUDGET) for pair in PAIRS] == [70, 167, 334, 1000]


def test_what_nobody_measures_is_unknown() -> None:
    verdict = judge(Measured({}), target=TARGET)
    assert (verdict.call, verdict.level, verdict.word) == (Call.UNKNOWN, Health.UNKNOWN, "no data")
    assert (verdict.left, verdict.burn, verdict.gone_in_s) == (None, None, None)


@pytest.mark.parametrize(
    ("spent", "level", "word", "reason"),
    [
        (0.7, Health.CALM, "kept", ""),
        (0.8, Health.WARNING, "low budget", "20% of the budget is left"),
        (1.5, Health.WARNING, "gone", "50% more was spent than there was"),
    ],
)
def test_a_budget_of_which_little_is_left_is_worth_a_look_although_nobody_is_called(
    spent: float, level: Health, word: str, reason: str
) -> None:
    verdict = judge(burning(b30d=spent), target=TARGET)
    assert (verdict.call, verdict.level, verdict.word, verdict.reason) == (Call.NOBODY, level, word, reason)


def test_without_thirty_days_the_burn_still_pages_and_the_budget_is_unknown() -> None:
    verdict = judge(Measured({"1h": 0.02, "5m": 0.02}), target=TARGET)
    assert (verdict.call, verdict.left, verdict.word) == (Call.PAGE, None, "burns")


@pytest.mark.parametrize("target", [0.0, 1.0, 99.9])
def test_a_target_is_a_share(target: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        judge(Measured({}), target=target)


@pytest.mark.parametrize(
    ("share", "text"),
    [(1.0, "100%"), (0.99999, "99.999%"), (0.9999999, "99.999%"), (0.9985, "99.85%"), (0.99, "99%"), (None, "?")],
)
def test_shares_are_exact_where_the_nines_are(share: float | None, text: str) -> None:
    assert share_text(share) == text
