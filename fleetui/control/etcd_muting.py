"""Muting an operation on etcd that takes a lock: beside what it holds, and before and after what it does."""

from fleetui.control import etcd_lock
from fleetui.control.effect_kind import LOCK
from fleetui.control.etcd_lock import EtcdLock
from fleetui.control.facts import Facts
from fleetui.control.maintenance import LIFT, MUTE, SILENCE, UNMUTE, Maintenance, also_muted, mute_steps
from fleetui.control.mutes import OPTION
from fleetui.control.operation_kind import StepKind, Undone
from fleetui.control.step_context import Keeper, StepContext
from fleetui.model.operation import PlannedStep

MUTE_ETCD = StepKind(MUTE, "the alerts that it causes are muted", effects=(LOCK, SILENCE), kept=True)
UNMUTE_ETCD = StepKind(UNMUTE, "they are heard again", effects=(LIFT,))


def muted(facts: Facts, steps: tuple[PlannedStep, ...]) -> tuple[PlannedStep, ...]:
    """The steps between those that mute them, where that is asked for."""
    target, why = facts.intent.targets[0], facts.intent.reason or "asked for"
    if not steps or not facts.options.get(OPTION):
        return steps
    before, after = mute_steps(target, why)
    return (before, *steps, after)


def keeper(context: StepContext) -> Keeper:
    return also_muted(context, etcd_lock.keeper(context))


async def give_back(context: StepContext, uncordon: bool) -> Undone:
    await Maintenance(context).end()
    return await etcd_lock.give_back(context, uncordon)


async def let_go(context: StepContext) -> str:
    """A step that mutes, one that does so no more, or the one that lets the lock go."""
    match context.step.kind:
        case "mute":
            await context.safe_point()
            return await Maintenance(context).begin()
        case "unmute":
            return await Maintenance(context).end()
        case _:
            return await EtcdLock(context).release()
