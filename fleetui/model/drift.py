"""What has moved on a machine between the plan that a person confirmed and the moment it begins, in ways that matter.

Pods come and go all day: what goes is welcome, what comes and must leave was confirmed by nobody. A budget that has
shut since turns "goes at once" into "waits", which is another plan than the one that was read.
"""

from collections.abc import Iterable, Mapping

from fleetui.model.budget import BudgetVerdict, Ruling
from fleetui.model.drain import PodState
from fleetui.model.eviction import Action, must_leave
from fleetui.model.operation import PlannedPod


def arrived(planned: Iterable[PlannedPod], present: Iterable[PodState]) -> tuple[PodState, ...]:
    """Pods that the plan does not know, that stand in the way of an empty machine and are not going by themselves."""
    known = {pod.uid for pod in planned}
    return tuple(pod for pod in present if pod.uid not in known and must_leave(pod) and pod.deleting_since is None)


def shut(planned: Iterable[PlannedPod], verdicts: Mapping[str, BudgetVerdict]) -> tuple[BudgetVerdict, ...]:
    """The verdicts, by uid, on pods that no budget held when the plan was made and that one refuses now.

    A budget whose status is not there yet is no refusal: the eviction waits for it and says so.
    """
    free = [pod.uid for pod in planned if pod.action == Action.EVICT and not pod.blocked]
    found = (verdicts.get(uid) for uid in free)
    return tuple(it for it in found if it is not None and it.ruling in (Ruling.REFUSED, Ruling.SEVERAL))
