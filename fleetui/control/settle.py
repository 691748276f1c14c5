"""The settle step of a drain: the workloads whose pods were moved are whole again, or it is said which are not.

It only warns: the pods are gone either way, and a machine must not stay locked because an application is broken.
"""

import asyncio

import msgspec

from fleetui.control.step_context import StepContext
from fleetui.model.drain import OwnerRef, PodState
from fleetui.model.eviction import Action
from fleetui.model.fault import ClusterError, Fault
from fleetui.model.journal import Waiting
from fleetui.model.operation import PlannedPod
from fleetui.ports.target import OwnerState

SHOWN = 5

_API_VERSIONS = {"Job": "batch/v1", "CronJob": "batch/v1", "ReplicationController": "v1"}


class Look(msgspec.Struct, frozen=True):
    """What one look at the workloads came to."""

    short: tuple[Waiting, ...] = ()
    """Not whole, or perhaps not: there was no answer, and there may be one."""
    unknown: tuple[str, ...] = ()
    """Of which we shall never know: we may not read them, or they are of a kind that we cannot read."""


async def settle(context: StepContext) -> str:
    """Waits at most ``settle_s`` seconds; what it came to, in words."""
    limit = int(context.option("settle_s"))
    orphans = _moved(context)
    if not limit or not orphans:
        return "replacements not waited for" if orphans else "nothing to replace"
    while True:
        await context.safe_point()
        look = await _look(orphans, context)
        context.wait_for(look.short, 0)
        if not look.short:
            return _told(context, "every moved workload is whole again", look.unknown)
        if context.busy_s() > limit:
            context.wait_for((), 0)
            named = "; ".join(f"{one.object} {one.detail}" for one in look.short[:SHOWN])
            return _told(context, f"not whole after {limit} s: {named}", look.unknown, trouble=True)
        await context.rest(context.jittered(context.around.timing.poll_s))


def _told(context: StepContext, said: str, unknown: tuple[str, ...], *, trouble: bool = False) -> str:
    """What is not known is said with it, and noted with the operation as what is not whole is."""
    if unknown:
        named = ", ".join(unknown[:SHOWN]) + (", …" if len(unknown) > SHOWN else "")
        said = f"{said}; not known whether whole, for it cannot be read: {named}"
    if unknown or trouble:
        context.note(f"{context.target.name}: {said}")
    return said


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


async def _look(orphans: tuple[PodState, ...], context: StepContext) -> Look:
    states = await asyncio.gather(*(_owner(pod, context) for pod in orphans))
    short: dict[str, Waiting] = {}
    unknown: dict[str, None] = {}
    for pod, state in zip(orphans, states, strict=True):
        name = _name(pod, state)
        if isinstance(state, Fault):
            short[name] = _unanswered(name, state)
        elif state is None or state.replicas is None or state.ready is None:
            unknown[name] = None
        elif state.ready < state.replicas:
            short[name] = _replacing(name, state)
    return Look(tuple(short.values()), tuple(unknown))


async def _owner(pod: PodState, context: StepContext) -> OwnerState | Fault | None:
    """None for one that we may not read. Every failure is asked about again: without an answer nothing is whole."""
    try:
        return await context.cluster.owner(pod)
    except ClusterError as error:
        return error.fault


def _name(pod: PodState, state: OwnerState | Fault | None) -> str:
    if isinstance(state, OwnerState):
        return f"{state.kind} {state.namespace}/{state.name}"
    assert pod.controller is not None
    return f"{pod.controller.kind} {pod.namespace}/{pod.controller.name}"


def _replacing(name: str, state: OwnerState) -> Waiting:
    detail, remedy = f"{state.ready} of {state.replicas} ready", "see why its pods are not Ready"
    return Waiting(name, "replacement", detail, owner=f"{state.kind}/{state.name}", remedy=remedy)


def _unanswered(name: str, fault: Fault) -> Waiting:
    return Waiting(name, "unreachable", f"not known: {fault.word}", remedy=fault.remedy)
