"""The eviction subresource: which answer a POST gets, and what it does.

Order of the questions as in the API server: a pod that is pending, finished or going is deleted without asking; two
budgets are refused; an unready pod may go where the budget says so; then the budget is spent. Preconditions come last:
a spent budget answers 429 even to a request whose uid is wrong.
"""

from msgspec.structs import replace

from fleetui.simulate import disruption, kubelet, refusals
from fleetui.simulate.objects import DisruptionBudget, Pod, Resource
from fleetui.simulate.request import Answer, Delete, Evict, Refused, Status
from fleetui.simulate.state import State


def evict(state: State, request: Evict, now: float) -> Answer:
    pod = state.pod((request.namespace, request.name))
    if pod is None:
        raise Refused(refusals.not_found("pods", request.name))
    budget = _budget_to_spend(state, pod)
    check_preconditions(pod, request)
    if not request.dry_run:
        if budget is not None:
            state.put(replace(budget, allowed=(budget.allowed or 0) - 1))
        kubelet.delete(state, state.put(replace(pod, evicted=True)), now, grace_s=request.grace_s)
    return Answer(201, status=Status(201))


def check_preconditions(thing: Resource, request: Evict | Delete) -> None:
    if request.uid and request.uid != thing.uid:
        raise Refused(refusals.other_uid(thing, request.uid))
    if request.resource_version and request.resource_version != str(thing.revision):
        raise Refused(refusals.other_version(thing, request.resource_version))


def _budget_to_spend(state: State, pod: Pod) -> DisruptionBudget | None:
    """None when no budget is asked. Raises Refused."""
    if pod.phase == "Pending" or pod.finished or pod.deletes_at is not None:
        return None
    matching = [budget for budget in state.budgets_in(pod.namespace) if disruption.selects(budget, pod)]
    if len(matching) > 1:
        raise Refused(refusals.several_budgets())
    if not matching:
        return None
    budget = matching[0]
    if not pod.ready and _lets_unhealthy_go(budget):
        return None
    if budget.allowed is None:
        raise Refused(
            refusals.over_budget(f"The disruption budget {budget.name} is still being processed by the server.")
        )
    if budget.allowed == 0:
        raise Refused(
            refusals.over_budget(
                f"The disruption budget {budget.name} needs {budget.desired} healthy pods "
                f"and has {budget.healthy} currently"
            )
        )
    return budget


def _lets_unhealthy_go(budget: DisruptionBudget) -> bool:
    if budget.always_allow_unhealthy:
        return True
    return bool(budget.desired) and (budget.healthy or 0) >= (budget.desired or 0)
