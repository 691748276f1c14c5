"""Thousands of random requirements: no plan breaks a hard rule, and what is called impossible is, for the smallest
reason. The judge and the oracle are written apart from the planner."""

from itertools import combinations
from random import Random

import pytest

from fleetui.model.topology.mistakes import mistakes
from fleetui.model.topology.plan import Impossible, Plan
from fleetui.model.topology.planner import plan, possible_plan
from fleetui.model.topology.rules import HARD
from tests.model.topology.judge import faults
from tests.model.topology.oracle import possible
from tests.model.topology.samples import drawn

LARGE, SMALL = 200, 60
"""Requirements a seed."""


@pytest.mark.parametrize("seed", range(8))
def test_no_plan_breaks_a_hard_rule(seed: int) -> None:
    random, plans = Random(seed), 0
    for _ in range(LARGE):
        needs = drawn(random, small=False)
        if not list(mistakes(needs)) and (made := possible_plan(needs)):
            plans += 1
            assert faults(needs, made) == [], needs
    assert plans > LARGE // 10, "hardly anything was planned: nothing is proved"


@pytest.mark.parametrize("seed", range(8))
def test_what_is_called_impossible_is_for_the_smallest_reason(seed: int) -> None:
    random, verdicts = Random(1_000 + seed), {Plan: 0, Impossible: 0}
    for _ in range(SMALL):
        needs = drawn(random, small=True)
        if list(mistakes(needs)):
            continue
        made = plan(needs)
        verdicts[type(made)] += 1
        if isinstance(made, Plan):
            assert faults(needs, made) == [], needs
            assert possible(needs, frozenset(HARD)), "the oracle overlooks a plan"
            continue
        conflict = frozenset(obstacle.rule for obstacle in made.conflict)
        assert not possible(needs, conflict), needs
        assert all(possible(needs, frozenset(some)) for some in combinations(HARD, len(conflict) - 1)), needs
        assert all(obstacle.evidence for obstacle in made.conflict), made
    assert min(verdicts.values()) > SMALL // 10
