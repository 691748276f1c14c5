"""Drain: no evictable pod is left on these machines, and they stay cordoned.

Lock and cordon all of them; then, machine by machine, evict, settle, release: first the machines whose pods may all go
now, then those of which the rehearsal says that a budget holds some. Where that is asked for, a machine's own alerts
are muted while it is at work. Only pods of the confirmed plan are
touched, each by uid, each at most once: an eviction that was answered 201 is never asked for again.
"""

import msgspec

from fleetui.control.effect_kind import EVICT, LOCK_AND_CORDON, RELEASE, RENEW
from fleetui.control.evict import EvictStep
from fleetui.control.facts import Facts
from fleetui.control.machine_lock import MachineLock, hand_back, keeper, release
from fleetui.control.maintenance import LIFT, MUTE, MUTING, SILENCE, UNMUTE, Maintenance, also_muted, mute_steps
from fleetui.control.mutes import OPTION
from fleetui.control.operation_kind import UNDO, OperationKind, OptionKind, StepKind, Undone
from fleetui.control.preflight import CheckKind
from fleetui.control.preflight_drain import DRAIN_POD_CHECKS
from fleetui.control.preflight_machine import DRAIN_MACHINE_CHECKS
from fleetui.control.preflight_spare import SPARE, WRITES
from fleetui.control.preflight_start import ARRIVED, SHUT
from fleetui.control.settle import settle
from fleetui.control.step_context import Keeper, StepContext
from fleetui.model.eviction import Action
from fleetui.model.fault import ClusterError
from fleetui.model.operation import PlannedPod, PlannedStep, Target

EVICT_ESTIMATE_S = 30.0
"""Kubernetes' default grace period: what a machine with well-behaved pods takes."""


def _keeper(context: StepContext) -> Keeper:
    return also_muted(context, keeper(context))


async def _give_back(context: StepContext, uncordon: bool) -> Undone:
    await Maintenance(context).end()
    return await hand_back(context, uncordon)


class DrainOperation:
    name = "drain"
    title = "Drain: move the pods of these machines elsewhere, then leave the machines cordoned"
    disruptive = True
    options = (
        OptionKind("grace_s", -1, "seconds a pod may take to end; -1: what the pod itself says", minimum=-1),
        OptionKind("timeout_s", 0, "seconds to wait for a machine's pods; 0: as long as it takes", minimum=0),
        OptionKind("settle_s", 300, "seconds to wait for replacements to become Ready; 0: do not wait", minimum=0),
        OptionKind("delete_emptydir_data", False, "evict pods whose emptyDir data is lost with them"),
        OptionKind("force", False, "evict pods that no controller will bring back"),
        OptionKind("ignore_daemonsets", True, "leave DaemonSet pods where they are"),
        OptionKind("max_parallel", 1, "machines at once", minimum=1),
        OptionKind(
            "skip_wait_unreachable_s", 0, "do not wait for pods of a silent kubelet past this; 0: wait", minimum=0
        ),
        OptionKind("uncordon_on_failure", False, "give a machine back when its drain fails"),
        MUTING,
    )
    keep = staticmethod(_keeper)
    undo = staticmethod(_give_back)
    steps = (
        StepKind(
            "cordon", "locked and cordoned in one request", effects=(LOCK_AND_CORDON,), advance=True, guarded=True
        ),
        StepKind(MUTE, "the alerts that it causes are muted", effects=(SILENCE, RENEW), kept=True),
        StepKind("evict", "no evictable pod is left", effects=(EVICT, RENEW, SILENCE), kept=True, guarded=True),
        StepKind("settle", "replacements are Ready", effects=(RENEW, SILENCE), kept=True),
        StepKind("release", "lock released, cordon kept", effects=(RELEASE,)),
        StepKind(UNMUTE, "its alerts are heard again", effects=(LIFT,)),
        msgspec.structs.replace(UNDO, effects=(*UNDO.effects, LIFT)),
    )
    checks: tuple[CheckKind, ...] = (*DRAIN_MACHINE_CHECKS, SPARE, WRITES, *DRAIN_POD_CHECKS)
    start_checks: tuple[CheckKind, ...] = (ARRIVED, SHUT)

    async def plan(self, facts: Facts) -> tuple[PlannedStep, ...]:
        pods = {target: await _pods(facts, target) for target in facts.intent.targets}
        why = facts.intent.reason or "asked for"
        return tuple(
            step
            for target in sorted(pods, key=lambda it: _waits(pods[it]))
            for step in _steps(target, pods[target], why)
            if facts.options.get(OPTION) or step.kind not in (MUTE, UNMUTE)
        )

    async def run(self, context: StepContext) -> str:
        match context.step.kind:
            case "cordon":
                await MachineLock(context).take()
                return f"{context.target.name} locked and cordoned"
            case "mute":
                return await Maintenance(context).begin()
            case "unmute":
                return await Maintenance(context).end()
            case "evict":
                return await EvictStep(context).run()
            case "settle":
                return await settle(context)
            case _:
                return await release(context)


async def _pods(facts: Facts, target: Target) -> tuple[PlannedPod, ...]:
    try:
        return await facts.planned(target)
    except ClusterError:
        return ()  # the check "pods" says so, and blocks


def _waits(pods: tuple[PlannedPod, ...]) -> int:
    """How many of them a budget would hold now."""
    return sum(bool(pod.blocked) for pod in pods)


def _steps(target: Target, pods: tuple[PlannedPod, ...], why: str) -> tuple[PlannedStep, ...]:
    name, (mute, unmute) = target.name, mute_steps(target, why)
    ends = f"{sum(pod.action == Action.EVICT for pod in pods)} pods end here"
    if held := _waits(pods):
        ends += f", {held} would wait: {next(pod.blocked for pod in pods if pod.blocked)}"
    return (
        PlannedStep(f"cordon/{name}", "cordon", target, f"{name} locked and cordoned", why, "no new pods on it", 1.0),
        mute,
        PlannedStep(f"evict/{name}", "evict", target, f"no evictable pod of {name}", why, ends, EVICT_ESTIMATE_S, pods),
        PlannedStep(f"settle/{name}", "settle", target, f"replacements of {name}'s pods Ready", why, "", 10.0),
        PlannedStep(f"release/{name}", "release", target, f"lock of {name} released", why, "", 1.0),
        unmute,
    )


OPERATION: OperationKind = DrainOperation()
