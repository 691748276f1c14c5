"""PodDisruptionBudget arithmetic over a whole plan.

A server-side dry-run spends nothing: five dry-runs under a budget that allows one all answer 201. So we spend the
budgets ourselves, pod by pod in the order of the plan, by the rules of the API server's eviction subresource
(pkg/registry/core/pod/storage/eviction.go).
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from fleetui.model.drain import Budget, PodState

FINISHED_PHASES = frozenset({"Succeeded", "Failed"})


UNREADY_NAMED = 2
"""Pods that a remedy names; the first two lead to the rest."""


def selects(budget: Budget, pod: PodState) -> bool:
    """Whether the selector matches: a null one matches nothing, an empty one everything in its namespace."""
    if budget.selects_nothing or budget.namespace != pod.namespace:
        return False
    labels = dict(pod.labels)
    return all(labels.get(key) == value for key, value in budget.match_labels) and all(
        requirement.admits(labels) for requirement in budget.match_expressions
    )


class Ruling(StrEnum):
    FREE = "free"
    """No budget has a say: none matches, or the pod is pending, finished or already going."""
    ALLOWED = "allowed"
    """A budget matches and lets it go."""
    SPENT = "spent"
    """Allowed now, but the pods before it in the plan will have used the budget up: it waits for their replacements."""
    REFUSED = "refused"
    """The budget allows none now: 429."""
    SEVERAL = "several"
    """More than one budget matches: the server answers 500 whatever they allow."""
    UNKNOWN = "unknown"
    """The disruption controller has not observed the budget yet: the server refuses until it has."""


class BudgetVerdict(msgspec.Struct, frozen=True):
    pod: PodState
    ruling: Ruling
    budgets: tuple[Budget, ...] = ()

    @property
    def blocks(self) -> bool:
        return self.ruling in (Ruling.REFUSED, Ruling.SEVERAL, Ruling.UNKNOWN)

    @property
    def detail(self) -> str:
        return _detail(self.ruling, self.budgets)

    @property
    def remedy(self) -> str:
        return self.remedy_for("")

    def remedy_for(self, owner: str, unready: tuple[str, ...] = ()) -> str:
        """``owner``: the workload that a person would scale, ``Deployment/api``; empty where it is not known.
        ``unready``: the pods that the budget waits for, as far as they are known."""
        return _remedy(self.ruling, self.budgets, owner, unready)

    @property
    def since(self) -> float | None:
        return self.budgets[0].blocked_since if self.blocks and self.budgets else None


def rehearse(pods: Iterable[PodState], budgets: Iterable[Budget]) -> tuple[BudgetVerdict, ...]:
    """The verdict on each pod, in order, each allowed eviction spending its budget for those that follow."""
    known = tuple(budgets)
    left = {budget.full_name: budget.disruptions_allowed for budget in known}
    return tuple(_judge(pod, tuple(budget for budget in known if selects(budget, pod)), left) for pod in pods)


def _judge(pod: PodState, matching: tuple[Budget, ...], left: dict[str, int | None]) -> BudgetVerdict:
    if not matching or _exempt(pod):
        return BudgetVerdict(pod, Ruling.FREE, matching)
    if len(matching) > 1:
        return BudgetVerdict(pod, Ruling.SEVERAL, matching)
    budget = matching[0]
    if not pod.ready and _lets_unhealthy_go(budget):
        return BudgetVerdict(pod, Ruling.ALLOWED, matching)
    allowed = left[budget.full_name]
    if allowed is None:
        return BudgetVerdict(pod, Ruling.UNKNOWN, matching)
    if allowed > 0:
        left[budget.full_name] = allowed - 1
        return BudgetVerdict(pod, Ruling.ALLOWED, matching)
    return BudgetVerdict(pod, Ruling.SPENT if budget.disruptions_allowed else Ruling.REFUSED, matching)


def _exempt(pod: PodState) -> bool:
    """Finished, pending and terminating pods are deleted without asking a budget (canIgnorePDB)."""
    return pod.phase in FINISHED_PHASES or pod.phase == "Pending" or pod.deleting_since is not None


def _lets_unhealthy_go(budget: Budget) -> bool:
    """AlwaysAllow; or IfHealthyBudget when enough others are healthy. Unobserved numbers are not enough."""
    if budget.always_allow_unhealthy:
        return True
    healthy, desired = budget.current_healthy, budget.desired_healthy
    return healthy is not None and desired is not None and desired > 0 and healthy >= desired


def at_limit(budgets: Iterable[Budget]) -> tuple[Budget, ...]:
    """Budgets that allow nothing now; the ones not yet observed count, because they refuse too."""
    return tuple(budget for budget in budgets if not budget.selects_nothing and not budget.disruptions_allowed)


def numbers(budget: Budget) -> str:
    """``needs 3, has 3 of 4 pods``; unknown numbers as ``?``."""
    needs, has, of = (
        "?" if value is None else str(value)
        for value in (budget.desired_healthy, budget.current_healthy, budget.expected_pods)
    )
    return f"needs {needs}, has {has} of {of} pods"


def _detail(ruling: Ruling, budgets: tuple[Budget, ...]) -> str:
    names = " and ".join(f"pdb {budget.full_name}" for budget in budgets)
    match ruling:
        case Ruling.REFUSED:
            return f"{names} allows 0: {numbers(budgets[0])}"
        case Ruling.SPENT:
            return f"{names} allows {budgets[0].disruptions_allowed} at a time: {numbers(budgets[0])}"
        case Ruling.SEVERAL:
            return f"{len(budgets)} budgets select it ({names}): the server refuses with 500"
        case Ruling.UNKNOWN:
            return f"{names} has no status for its newest generation yet"
        case Ruling.ALLOWED:
            return f"{names} allows it: {numbers(budgets[0])}"
    return ""


def _remedy(ruling: Ruling, budgets: tuple[Budget, ...], owner: str, unready: tuple[str, ...]) -> str:
    match ruling:
        case Ruling.REFUSED:
            return _unblock(budgets[0], owner, unready)
        case Ruling.SPENT:
            return "nothing: it goes when the replacements before it are ready"
        case Ruling.SEVERAL:
            return f"change a selector, or delete one: {', '.join(budget.full_name for budget in budgets)}"
        case Ruling.UNKNOWN:
            return "see that the disruption controller (kube-controller-manager) runs"
    return ""


def _unblock(budget: Budget, owner: str, unready: tuple[str, ...]) -> str:
    needs, has, of = budget.desired_healthy, budget.current_healthy, budget.expected_pods
    if needs is None or has is None or of is None:
        return "see that the disruption controller (kube-controller-manager) runs"
    if needs >= of:
        scale = f"scale {owner} up to" if owner else "scale up to"
        return f"it can never open with {of} pods: {scale} {needs + 1}, or lower what pdb {budget.full_name} asks for"
    more, short = needs + 1 - has, of - has
    whose = f"pod{'s' if more > 1 else ''} of {owner}" if owner else "of its pods"
    named = f": {', '.join(unready[:UNREADY_NAMED])}" if unready else ""
    return f"{more} more {whose} must become ready ({short} {'is' if short == 1 else 'are'} not{named})"
