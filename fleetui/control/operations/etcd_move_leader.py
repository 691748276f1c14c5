"""Move etcd's leader: another member leads, before a machine is worked on or because its disk is slow."""

from fleetui.control.effect_kind import LOCK, RELEASE
from fleetui.control.etcd_effects import MOVE_LEADER
from fleetui.control.etcd_lock import EtcdLock
from fleetui.control.etcd_muting import MUTE_ETCD, UNMUTE_ETCD, give_back, keeper, let_go, muted
from fleetui.control.etcd_plan import SETTLE, locked, member_of
from fleetui.control.etcd_work import hand_over, look
from fleetui.control.facts import Facts
from fleetui.control.maintenance import LIFT, MUTING, SILENCE
from fleetui.control.operation_kind import OperationKind, OptionKind, StepKind
from fleetui.control.preflight import CheckKind
from fleetui.control.preflight_etcd import LOCKS, MEANT, MOVE, OTHERS, new_leader
from fleetui.control.preflight_machine import LOCK_CHECKS
from fleetui.control.step_context import StepContext
from fleetui.model.fault import ClusterError
from fleetui.model.operation import PlannedStep, Target


class MoveLeaderOperation:
    name = "etcd-move-leader"
    title = "Move etcd's leader to another member"
    disruptive = False
    options: tuple[OptionKind, ...] = (
        OptionKind("to", "", "the member that is to lead; empty: the one furthest in the log"),
        SETTLE,
        MUTING,
    )
    keep = staticmethod(keeper)
    undo = staticmethod(give_back)
    steps = (
        StepKind("lock", "a control-plane node is locked", effects=(LOCK,)),
        MUTE_ETCD,
        StepKind("move", "the member leads", effects=(LOCK, MOVE_LEADER, SILENCE), kept=True, guarded=True),
        UNMUTE_ETCD,
        StepKind("release", "lock released", effects=(RELEASE,)),
        StepKind("undo", "release our lock; who leads by now goes on leading", effects=(RELEASE, LIFT)),
    )
    checks: tuple[CheckKind, ...] = (*LOCK_CHECKS, MEANT, MOVE, LOCKS, OTHERS)
    start_checks: tuple[CheckKind, ...] = ()

    async def plan(self, facts: Facts) -> tuple[PlannedStep, ...]:
        target, why = facts.intent.targets[0], facts.intent.reason or "asked for"
        return await locked(facts, muted(facts, await _move(facts, target, why)))

    async def run(self, context: StepContext) -> str:
        match context.step.kind:
            case "lock":
                return await EtcdLock(context).take()
            case "move":
                await context.safe_point()
                return await _lead(context, member_of(context))
            case _:
                return await let_go(context)


async def _move(facts: Facts, target: Target, why: str) -> tuple[PlannedStep, ...]:
    try:
        picture = await facts.picture()
    except ClusterError:
        return ()  # the check "the etcd meant" says so, and blocks
    to, _ = new_leader(picture, str(facts.options.get("to", "")))
    if to is None:
        return ()  # the check "who may lead" says so, and blocks
    title = f"{to.host} leads"
    return (PlannedStep(f"move/{to.id}", "move", target, title, why, "writes wait for some milliseconds", 2.0),)


async def _lead(context: StepContext, to: str) -> str:
    picture = await look(context)
    if picture.leader is not None and picture.leader.id == to:
        return f"{picture.leader.host} leads"
    return await hand_over(context, to)


OPERATION: OperationKind = MoveLeaderOperation()
