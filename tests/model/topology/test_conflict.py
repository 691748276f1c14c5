"""The smallest of the sets that cannot be kept at once."""

from collections.abc import Iterable

import pytest

from fleetui.model.topology.conflict import smallest_conflict
from fleetui.model.topology.rules import RuleId

A, B, C, D, E = RuleId.LOAD, RuleId.ROOM, RuleId.SCOPE, RuleId.QUORUM, RuleId.SUPPLY


@pytest.mark.parametrize(
    ("conflicts", "smallest"),
    [
        ([{A}], {A}),
        ([{A, B}], {A, B}),
        ([{A, B, C}, {D, E}], {D, E}),
        ([{A, B, C}, {B, C, D}, {E}], {E}),
        ([{A, B, C, D, E}], {A, B, C, D, E}),
    ],
)
def test_it_is_found(conflicts: Iterable[set[RuleId]], smallest: set[RuleId]) -> None:
    def possible(rules: frozenset[RuleId]) -> bool:
        return not any(conflict <= rules for conflict in conflicts)

    assert smallest_conflict([E, D, C, B, A], possible) == smallest
