"""The value of an alert with its unit, and in words when its rule takes it for trouble."""

from functools import lru_cache

import msgspec

from fleetui.model.chart.comparison import comparison
from fleetui.model.chart.expression_unit import unit_of
from fleetui.model.health.board import value_text

_WORDS = {
    ">": "above {}", ">=": "from {} on", "<": "below {}", "<=": "at {} or below", "==": "at exactly {}",
    "!=": "at anything but {}",
}  # fmt: skip


class Measure(msgspec.Struct, frozen=True):
    """What the values of one rule mean."""

    unit: str = ""
    trouble: str = ""
    """``above 95 %``; empty where the rule compares with no number: then it is true, and that is all."""

    def text(self, value: float) -> str:
        """``100 %``, ``45 ms``, ``2``."""
        return value_text(float(f"{value:.4g}"), self.unit)


@lru_cache(maxsize=1 << 10)
def measure(expression: str) -> Measure:
    """Of a rule's expression."""
    split = comparison(expression)
    if split is None:
        return Measure(unit_of(expression))
    unit = unit_of(split.left)
    return Measure(unit, _WORDS[split.sign].format(value_text(split.threshold, unit)))
