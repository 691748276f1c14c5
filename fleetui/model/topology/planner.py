"""The planner's face: needs in, a plan or the reason why there is none out."""

from functools import cache

from fleetui.model.topology.arrangement import Arrangement, arrange
from fleetui.model.topology.breaches import breaches
from fleetui.model.topology.build import clusters_of, machines_of, racks_of, spare_of
from fleetui.model.topology.conflict import smallest_conflict
from fleetui.model.topology.decisions import decisions
from fleetui.model.topology.losses import losses
from fleetui.model.topology.needs import Needs
from fleetui.model.topology.plan import Impossible, Obstacle, Plan
from fleetui.model.topology.rules import RULES, RuleId
from fleetui.model.topology.terms import Terms, in_play


def plan(needs: Needs) -> Plan | Impossible:
    """``needs`` without mistakes (``mistakes.py``). The same needs give the same plan. Raises
    TooHardError where the search would take too long: then nothing is known."""
    return possible_plan(needs) or _explain(needs)


def possible_plan(needs: Needs) -> Plan | None:
    """As ``plan``, without the search for what stands in the way."""
    found = arrange(Terms(needs))
    if found is None:
        return None
    made = _plan(needs, found)
    broken = list(breaches(needs, made))
    assert not broken, f"a plan that breaks its own rules: {broken}"
    return made


def _plan(needs: Needs, found: Arrangement) -> Plan:
    clusters = tuple(clusters_of(found))
    machines = tuple(machines_of(needs, found))
    spare = spare_of(needs, found)
    return Plan(
        clusters=clusters,
        machines=machines,
        racks=tuple(racks_of(needs, machines)),
        decisions=tuple(decisions(needs, clusters, machines, spare)),
        losses=tuple(losses(needs, clusters, machines)),
        spare=spare,
    )


def _explain(needs: Needs) -> Impossible:
    @cache
    def arranged(rules: frozenset[RuleId]) -> Arrangement | None:
        return arrange(Terms(needs, rules))

    conflict = smallest_conflict(in_play(needs), lambda rules: arranged(rules) is not None)
    obstacles = []
    for id_ in sorted(conflict):
        rule, witness = RULES[id_], arranged(conflict - {id_})
        assert witness is not None, "a conflict is minimal: without one of its rules there is a plan"
        evidence = tuple(words for broken, words in breaches(needs, _plan(needs, witness)) if broken is id_)
        obstacles.append(Obstacle(id_, rule.words, rule.source, evidence, rule.mend))
    return Impossible(tuple(obstacles))
