"""Why there is no plan: the smallest set of rules that cannot be kept at once, each with what breaks it."""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

from fleetui.model.topology.rules import RuleId

Possible = Callable[[frozenset[RuleId]], bool]
"""Whether there is a plan that keeps these. What keeps more rules keeps fewer of them too."""


def smallest_conflict(rules: Iterable[RuleId], possible: Possible) -> frozenset[RuleId]:
    """Of all sets that cannot be kept at once one with the fewest rules; of equal ones the first in their order.

    Rules are dropped one by one while the rest stays impossible; what remains bounds the size, and all smaller sets
    are looked at before it is believed.
    """
    ordered = sorted(rules)
    found = _without_needless(ordered, possible)
    for smaller in _smaller(ordered, len(found)):
        if not possible(smaller):
            return smaller
    return found


def _without_needless(ordered: list[RuleId], possible: Possible) -> frozenset[RuleId]:
    kept = frozenset(ordered)
    for rule in ordered:
        if not possible(kept - {rule}):
            kept -= {rule}
    return kept


def _smaller(ordered: list[RuleId], size: int) -> Iterator[frozenset[RuleId]]:
    return (frozenset(some) for count in range(1, size) for some in combinations(ordered, count))
