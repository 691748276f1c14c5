"""Recover etcd from NOSPACE: take a snapshot, drop the history, give the room back member by member, then disarm.

No lock is put into the cluster: its API server can write nothing while the alarm stands, neither our lock nor anybody
else's cordon or eviction, and disarming is the last thing that is done. Locks that were there before are respected.
"""

from functools import partial

from fleetui.control.etcd_effects import COMPACT, DEFRAGMENT, DISARM, MOVE_LEADER
from fleetui.control.etcd_plan import SETTLE, member_of, member_steps
from fleetui.control.etcd_saving import SAVE, insist_on_saved, save, snapshot_step
from fleetui.control.etcd_work import defragment, done_before, insist, look, steady, wait_until
from fleetui.control.facts import Facts
from fleetui.control.operation_kind import OperationKind, OptionKind, StepKind
from fleetui.control.preflight import CheckKind
from fleetui.control.preflight_etcd import (
    COMPACTABLE,
    LOCKS_SEEN,
    MEANT,
    OTHERS,
    PRODUCTION,
    SAVED_FIRST,
    SNAPSHOT_FIRST,
    SPACE,
    WELL,
)
from fleetui.control.step_context import StepContext, StepFailedError
from fleetui.model.health.etcd import Alarm, AlarmKind, Picture
from fleetui.model.health.etcd_pace import Counters
from fleetui.model.health.etcd_steps import may_compact, may_disarm
from fleetui.model.journal import EffectOutcome
from fleetui.model.operation import PlannedStep


class RecoverSpaceOperation:
    name = "etcd-recover-space"
    title = "Recover etcd from NOSPACE: snapshot, compact, defragment, disarm"
    disruptive = False
    options: tuple[OptionKind, ...] = (
        SETTLE,
        OptionKind(SAVED_FIRST, True, "take a snapshot first; false: go on without, where no disk has room for one"),
        OptionKind("path", "", "its new file, on the controller's machine; empty: one in its state directory"),
    )
    keep = None
    undo = None
    """Dropped history does not come back, and what was defragmented stays so."""
    steps = (
        SAVE,
        StepKind("compact", "history before now is dropped", effects=(COMPACT,), guarded=True),
        StepKind("defragment", "the member's database has no holes", effects=(MOVE_LEADER, DEFRAGMENT), guarded=True),
        StepKind("disarm", "no member raises NOSPACE", effects=(DISARM,), guarded=True),
    )
    checks: tuple[CheckKind, ...] = (MEANT, SPACE, WELL, COMPACTABLE, SNAPSHOT_FIRST, LOCKS_SEEN, OTHERS, PRODUCTION)
    start_checks: tuple[CheckKind, ...] = ()

    async def plan(self, facts: Facts) -> tuple[PlannedStep, ...]:
        target, why = facts.intent.targets[0], facts.intent.reason or "asked for"
        members = await member_steps(facts, target, why)
        if not members:
            return ()
        saved = (await snapshot_step(facts, target, why),) if facts.options[SAVED_FIRST] else ()
        gone = "every key keeps its value; who watches from an older revision lists anew"
        compacted = f"compact the history before the revision of then ({_revision(await facts.picture()):,} now)"
        return (
            *saved,
            PlannedStep("compact/etcd", "compact", target, compacted, why, gone, 10.0),
            *members,
            PlannedStep("disarm/etcd", "disarm", target, "disarm NOSPACE of every member that raised it", why, "", 2.0),
        )

    async def run(self, context: StepContext) -> str:
        await context.safe_point()
        match context.step.kind:
            case "snapshot":
                return await save(context)
            case "compact":
                return await _compact(context)
            case "defragment":
                return await defragment(context, member_of(context))
            case _:
                return await _disarm(context)


async def _compact(context: StepContext) -> str:
    """To the revision of now: every key keeps its value, only what it was before goes."""
    if not done_before(context, COMPACT, ""):
        if context.option(SAVED_FIRST):
            await insist_on_saved(context)
        picture = await wait_until(context, lambda seen: may_compact(seen, now=context.now()))
        revision = _revision(picture)
        if not revision:
            raise StepFailedError("no member says which revision it has")
        await insist(context, COMPACT, f"revision {revision}", "", lambda: context.etcd.compact(revision))
    await steady(context)
    return f"compacted: {_compacted(context)}"


def _compacted(context: StepContext) -> str:
    """What the journal says of it, whoever did it."""
    done = (
        effect.intended.object
        for effect in context.logbook.effects(COMPACT.name)
        if effect.answered is not None and effect.answered.outcome is EffectOutcome.DONE
    )
    return f"history before {' and '.join(dict.fromkeys(done))} dropped"


def _revision(picture: Picture) -> int:
    """The newest that any member says; 0 when none does."""
    return max((member.said.revision or 0 for member in picture.members if member.said), default=0)


async def _disarm(context: StepContext) -> str:
    """Each alarm by itself, and only once every member has room. Looks again a moment after the last one: a member
    raises its own when it applies what did not fit, perhaps after the first was disarmed."""
    disarmed: list[str] = []
    quota = await _quota(context)
    while raised := await _raised(context):
        picture = await wait_until(
            context, lambda seen: may_disarm(seen, AlarmKind.NOSPACE, now=context.now(), quota=quota)
        )
        for alarm in raised:
            act = partial(context.etcd.disarm, alarm)
            await insist(context, DISARM, f"alarm {alarm.kind}", alarm.member, act)
            disarmed.append(picture.host_of(alarm.member))
        await context.rest(context.around.timing.poll_s)
    return f"NOSPACE of {' '.join(disarmed)} disarmed" if disarmed else "NOSPACE is not raised"


async def _raised(context: StepContext) -> tuple[Alarm, ...]:
    await look(context)
    alarms = await context.answered(context.etcd.alarms)
    return tuple(alarm for alarm in alarms if alarm.kind is AlarmKind.NOSPACE)


async def _quota(context: StepContext) -> int | None:
    """The smallest that any member's metrics say, for versions whose status says none."""
    said = (await context.etcd.counters()).values()
    return min((each.quota for each in said if isinstance(each, Counters) and each.quota), default=None)


OPERATION: OperationKind = RecoverSpaceOperation()
