"""The settle step of a drain: the workloads whose pods were moved are whole again, or it is said which are not.

It only warns: the pods are gone either way, and a machine must not stay locked because an application is broken.
"""

import asyncio

from fleetui.control.step_context import StepContext
from fleetui.model.drain import OwnerRef, PodState
from fleetui.model.eviction import Action
from fleetui.model.fault import ClusterError
from fleetui.model.journal import Waiting
from fleetui.model.operation import PlannedPod
from fleetui.ports.target import OwnerState

SHOWN = 5

_API_VERSIONS = {"Job": "batch/v1", "CronJob": "batch/v1", "ReplicationController": "v1"}


async def settle(context: StepContext) -> str:
    """Waits at most ``settle_s`` seconds; what it came to, in words."""
    limit = int(context.option("settle_s"))
    orphans = _moved(context)
    if not limit or not orphans:
        return "replacements not waited for" if orphans else "nothing to replace"
    while True:
        await context.safe_point()
        short = await _short(orphans, context)
        context.wait_for(short, 0)
        if not short:
            return "every moved workload is whole again"
        if context.busy_s() > limit:
            named = "; ".join(f"{one.object} {one.detail}" for one in short[:SHOWN])
            context.wait_for((), 0)
            context.note(f"{context.target.name}: not whole after {limit} s: {named}")
            return f"not whole after {limit} s: {named}"
        await context.rest(context.jittered(context.around.timing.poll_s))


def _moved(context: StepContext) -> tuple[PodState, ...]:
    """One stand-in pod for each controller whose pods this machine lost: enough to ask for the controller's state."""
    plan = context.logbook.operation.plan
    assert plan is not None
    pods = (pod for other in plan.steps if other.target == context.target for pod in other.pods)
    owners = {(pod.namespace, pod.owner): pod for pod in pods if pod.action == Action.EVICT and pod.owner}
    return tuple(_stand_in(pod) for pod in owners.values())


def _stand_in(pod: PlannedPod) -> PodState:
    kind, _, name = pod.owner.partition("/")
    owner = OwnerRef(kind=kind, name=name, api_version=_API_VERSIONS.get(kind, "apps/v1"))
    return PodState(uid=pod.uid, namespace=pod.namespace, name=pod.name, node="", phase="Unknown", controller=owner)


async def _short(orphans: tuple[PodState, ...], context: StepContext) -> tuple[Waiting, ...]:
    states = await asyncio.gather(*(_owner(pod, context) for pod in orphans))
    unique = {(state.kind, state.namespace, state.name): state for state in states if state is not None}
    return tuple(_waiting(state) for state in unique.values() if _is_short(state))


async def _owner(pod: PodState, context: StepContext) -> OwnerState | None:
    try:
        return await context.cluster.owner(pod)
    except ClusterError:
        return None  # forbidden or not there: nothing that we could wait for


def _is_short(state: OwnerState) -> bool:
    return state.replicas is not None and state.ready is not None and state.ready < state.replicas


def _waiting(state: OwnerState) -> Waiting:
    return Waiting(
        object=f"{state.kind} {state.namespace}/{state.name}",
        why="replacement",
        detail=f"{state.ready} of {state.replicas} ready",
        owner=f"{state.kind}/{state.name}",
        remedy="see why its pods are not Ready",
    )
