"""Defragment etcd: every member gives the holes in its database back to the disk, one at a time, the leader last.

A member serves nothing meanwhile, so the others have to carry the cluster, and whoever leads hands over first.
"""

from fleetui.control.effect_kind import LOCK, RELEASE
from fleetui.control.etcd_effects import DEFRAGMENT, MOVE_LEADER
from fleetui.control.etcd_lock import EtcdLock
from fleetui.control.etcd_muting import MUTE_ETCD, UNMUTE_ETCD, give_back, keeper, let_go, muted
from fleetui.control.etcd_plan import SETTLE, locked, member_of, member_steps
from fleetui.control.etcd_work import defragment
from fleetui.control.facts import Facts
from fleetui.control.maintenance import LIFT, MUTING, SILENCE
from fleetui.control.operation_kind import OperationKind, OptionKind, StepKind
from fleetui.control.preflight import CheckKind
from fleetui.control.preflight_etcd import LOCKS, MEANT, OTHERS, PRODUCTION, WELL, WORTH
from fleetui.control.preflight_machine import LOCK_CHECKS
from fleetui.control.step_context import StepContext
from fleetui.model.operation import PlannedStep


class DefragmentOperation:
    name = "etcd-defragment"
    title = "Defragment etcd: each member in turn gives its holes back, the leader last"
    disruptive = False
    options: tuple[OptionKind, ...] = (SETTLE, MUTING)
    keep = staticmethod(keeper)
    undo = staticmethod(give_back)
    steps = (
        StepKind("lock", "a control-plane node is locked", effects=(LOCK,)),
        MUTE_ETCD,
        StepKind(
            "defragment",
            "the member's database has no holes",
            effects=(LOCK, MOVE_LEADER, DEFRAGMENT, SILENCE),
            kept=True,
            guarded=True,
        ),
        UNMUTE_ETCD,
        StepKind("release", "lock released", effects=(RELEASE,)),
        StepKind("undo", "release our lock; what was defragmented stays so", effects=(RELEASE, LIFT)),
    )
    checks: tuple[CheckKind, ...] = (*LOCK_CHECKS, MEANT, WELL, WORTH, LOCKS, OTHERS, PRODUCTION)
    start_checks: tuple[CheckKind, ...] = ()

    async def plan(self, facts: Facts) -> tuple[PlannedStep, ...]:
        target, why = facts.intent.targets[0], facts.intent.reason or "asked for"
        return await locked(facts, muted(facts, await member_steps(facts, target, why)))

    async def run(self, context: StepContext) -> str:
        match context.step.kind:
            case "lock":
                return await EtcdLock(context).take()
            case "defragment":
                await context.safe_point()
                return await defragment(context, member_of(context))
            case _:
                return await let_go(context)


OPERATION: OperationKind = DefragmentOperation()
