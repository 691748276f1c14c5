"""Checks made once more when an approved plan is to begin: is this still the cluster that was confirmed?

A plan may wait a quarter of an hour for its approval. Each of these compares what is there now with what the plan saw,
says the difference, and asks for a new plan. The checks that ``guard`` are made with them, in the same words as before.
"""

from fleetui.control.facts import Facts
from fleetui.control.preflight import CheckKind, Finding, fail, ok
from fleetui.control.preflight_machine import whose_cordon
from fleetui.model.drift import arrived, shut
from fleetui.model.operation import PlannedPod, Severity, Target

SHOWN = 5
NEW_PLAN = "make a new plan and look at it"


def _planned(facts: Facts, target: Target) -> list[PlannedPod]:
    assert facts.plan is not None, "a check of the start is made for a plan"
    return [pod for step in facts.plan.steps if step.target == target for pod in step.pods]


async def _arrived(facts: Facts, target: Target) -> Finding:
    pods = arrived(_planned(facts, target), await facts.pods_on(target.name))
    if not pods:
        return ok("no pod has come since the plan was made")
    more = f" and {len(pods) - SHOWN} more" if len(pods) > SHOWN else ""
    named = ", ".join(pod.full_name for pod in pods[:SHOWN])
    return fail(f"{len(pods)} came to {target.name} since the plan was made: {named}{more}", NEW_PLAN)


async def _shut(facts: Facts, target: Target) -> Finding:
    verdicts = shut(_planned(facts, target), await facts.rehearsal())
    if not verdicts:
        return ok("no budget has shut since the plan was made")
    return fail(f"{len(verdicts)} pods of {target.name} would wait now: {verdicts[0].detail}", NEW_PLAN)


async def _same_cordon(facts: Facts, target: Target) -> Finding:
    assert facts.plan is not None
    before = next((it.evidence for it in facts.plan.checks if (it.id, it.target) == ("cordoned", target.name)), "")
    now = await whose_cordon(facts, target)
    if not now or now in before:
        return ok("no other cordon than the plan saw")
    return fail(f"{target.name} is cordoned by {now} since the plan was made", NEW_PLAN)


_PODS = "GET /api/v1/pods?fieldSelector=spec.nodeName={name}"
_BUDGETS = "GET /apis/policy/v1/namespaces/*/poddisruptionbudgets, computed"

ARRIVED = CheckKind("arrived", "pods of the plan", Severity.BLOCK, _PODS, _arrived)
SHUT = CheckKind("shut", "budgets of the plan", Severity.BLOCK, _BUDGETS, _shut)
SAME_CORDON = CheckKind("same-cordon", "cordon of the plan", Severity.BLOCK, "GET /api/v1/nodes/{name}", _same_cordon)
