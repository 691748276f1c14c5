"""The left side of a rule and its threshold; what cannot be split honestly is not split."""

import pytest

from fleetui.model.chart.comparison import Comparison, comparison
from fleetui.model.cluster import Health


@pytest.mark.parametrize(
    ("expression", "left", "sign", "threshold"),
    [
        ("up == 0", "up", "==", 0),
        ("a / b < 0.5", "a / b", "<", 0.5),
        ("100 * (count by (x) (up == 0) / count by (x) (up)) > 10",
         "100 * (count by (x) (up == 0) / count by (x) (up))", ">", 10),
        ("10 < a", "a", ">", 10),
        ("(a >= 5)", "a", ">=", 5),
        ("a > -1.5e3", "a", ">", -1_500),
        ("a > (10 * 60)", "a", ">", 600),
        ("(a > 5) and on (x) (b < 3)", "a", ">", 5),
        ("a > 5 unless b", "a", ">", 5),
        ('rate(a{x=~"b > 3"}[5m]) != 1', 'rate(a{x=~"b > 3"}[5m])', "!=", 1),
    ],
)  # fmt: skip
def test_it_is_split_at_its_own_comparison(expression: str, left: str, sign: str, threshold: float) -> None:
    assert comparison(expression) == Comparison(left, sign, threshold)


@pytest.mark.parametrize(
    "expression",
    [
        "vector(1)",
        "a > 1 or b > 2",
        "a > bool 1",
        "a > on (x) b",
        "a > b",
        "absent(up)",
        "count(up offset 1h) unless count(up)",
        "1 < a < 3",
        "a > time() - 5",
        "a > 'unclosed",
        "",
    ],
)
def test_what_has_no_number_to_compare_with_is_not_split(expression: str) -> None:
    assert comparison(expression) is None


def test_the_limit_begins_where_the_rule_does() -> None:
    above, below = comparison("a > 10"), comparison("a <= 10")
    assert above is not None
    assert below is not None
    assert [above.limit("r").judge(value) for value in (9.0, 10.0, 10.1)] == [Health.CALM, Health.CALM, Health.BROKEN]
    assert [below.limit("r").judge(value) for value in (11.0, 10.0, 9.0)] == [Health.CALM, Health.BROKEN, Health.BROKEN]
    assert [above.holds(10.0), above.holds(10.1)] == [False, True]


def test_a_test_for_equality_has_a_line_and_no_worse_side() -> None:
    found = comparison("up == 0")
    assert found is not None
    assert found.limit("r") is None
