"""What the steps of operations on etcd do: wait until all is well, move the leader away, defragment one member.

Each begins with a look at the members, so that it may be repeated from the start by another controller: who leads, how
big the databases are and what the journal says was answered decide what is left to be done.
"""

from collections.abc import Awaitable, Callable

from fleetui.control.effect_kind import EffectKind
from fleetui.control.etcd_effects import (
    DEFRAGMENT,
    MOVE_LEADER,
    SAID_NO,
    EtcdAnswer,
    answer_of,
    mark,
)
from fleetui.control.etcd_rules import WrongEtcdError, check_identity, ready_to_defragment
from fleetui.control.step_context import StepContext, StepFailedError
from fleetui.model.amount import bytes_text
from fleetui.model.health.etcd import Member, Picture
from fleetui.model.health.etcd_quorum import Ruling
from fleetui.model.health.etcd_steps import leader_candidates, may_move_leader
from fleetui.model.journal import EffectOutcome, Waiting
from fleetui.ports.etcd import Outcome

WELL_WITHIN_S = 60.0
"""A member that was defragmented, or has a new leader, is caught up within seconds; who takes longer is not well."""
TRIES = 3
"""Of a request whose answer got lost and that was not carried out."""
STEADY_LOOKS = 3
"""That see the same sizes."""
WELL_CHECK = "etcd-well"

Rule = Callable[[Picture], Ruling]


class RefusedError(StepFailedError):
    """etcd said no, and nothing was done."""


async def look(context: StepContext) -> Picture:
    """The members as they are; waits until one answers. Raises StepFailedError when another cluster answers."""

    async def ask() -> Picture:
        picture = await context.etcd.look()
        check_identity(picture, context.target.uid)
        return picture

    try:
        return await context.answered(ask)
    except WrongEtcdError as error:
        raise StepFailedError(str(error)) from error


async def wait_until(context: StepContext, rule: Rule) -> Picture:
    """The first picture that the rule allows. Raises StepFailedError with its reason after ``WELL_WITHIN_S``."""
    clock = context.around.clock
    until = clock.monotonic() + WELL_WITHIN_S
    while not (ruling := rule(picture := await look(context))).allowed:
        if clock.monotonic() > until:
            raise StepFailedError(ruling.reason)
        context.wait_for((Waiting(object="etcd", why="not well", detail=ruling.reason),), context.left)
        await context.rest(context.around.timing.poll_s)
    context.wait_for((), context.left)
    return picture


async def steady(context: StepContext) -> None:
    """Every member has caught up, and nothing is freed any more: a compaction is acknowledged before it is over. What
    goes on changing for ``WELL_WITHIN_S`` is left to itself."""
    seen: list[tuple[int | None, ...]] = []
    until = context.around.clock.monotonic() + WELL_WITHIN_S
    while len(seen) < STEADY_LOOKS or len(set(seen[-STEADY_LOOKS:])) > 1:
        if context.around.clock.monotonic() > until:
            return
        picture = await look(context)
        seen.append(tuple(member.said.db_in_use if member.said else None for member in picture.members))
        await context.rest(context.around.timing.poll_s)


async def insist(
    context: StepContext, kind: EffectKind, obj: str, member: str, act: Callable[[], Awaitable[Outcome]]
) -> str:
    """One effect until it is done; what was said of it. Asked again only where it is known not to have happened.

    Raises RefusedError with etcd's own words when it refuses, StepFailedError when it was never carried out.
    """
    uid = mark(context.target.uid, member)

    async def checked() -> EtcdAnswer:
        """Never to another cluster: this look is the precondition that etcd itself does not know."""
        try:
            check_identity(await context.etcd.look(), context.target.uid)
        except WrongEtcdError as error:
            return EtcdAnswer(SAID_NO, str(error))
        return answer_of(await act())

    for _ in range(TRIES):
        answered, _answer = await context.perform(kind, "POST", obj, uid, lambda: context.kept_during(checked))
        if answered.outcome is EffectOutcome.DONE:
            return answered.message
        if answered.code == SAID_NO:
            raise RefusedError(f"{kind.name} of {obj}: {answered.message}")
        await context.rest(context.jittered(context.around.timing.poll_s))
    raise StepFailedError(f"{kind.name} of {obj}: {answered.message}")


def done_before(context: StepContext, kind: EffectKind, member: str) -> bool:
    """This step's own effect is known to be done, perhaps by an earlier controller."""
    uid = mark(context.target.uid, member)
    return any(
        effect.answered is not None
        and effect.answered.outcome is EffectOutcome.DONE
        and (effect.intended.uid, effect.intended.step_id) == (uid, context.step_id)
        for effect in context.logbook.effects(kind.name)
    )


async def defragment(context: StepContext, member_id: str) -> str:
    """One member, the leader only once it leads no more. Returns what it gave back, in words."""
    if done_before(context, DEFRAGMENT, member_id):
        await wait_until(context, _ready(context))
        return "defragmented"
    before = _member(await _not_leading(context, member_id), member_id)
    await insist(context, DEFRAGMENT, f"member {before.host}", member_id, lambda: context.etcd.defragment(member_id))
    after = _member(await wait_until(context, _ready(context)), member_id)
    return f"{before.host}: {_size(before)} before, {_size(after)} now"


async def _not_leading(context: StepContext, member_id: str) -> Picture:
    """All well, and this member leads only where nobody else could. An election may bring it back, or come between a
    look and the request, which is then refused: then again, a few times."""
    said, tries = "", 0
    while _leads(picture := await wait_until(context, _replaceable(context, member_id)), member_id):
        if tries == TRIES:
            raise StepFailedError(said)
        tries += 1
        try:
            await hand_over(context, leader_candidates(picture)[0].id)
            said = f"{picture.host_of(member_id)} leads again and again"
        except RefusedError as error:
            said = str(error)
            await context.rest(context.jittered(context.around.timing.poll_s))
    return picture


def _leads(picture: Picture, member_id: str) -> bool:
    """And somebody else could."""
    return _member(picture, member_id).leads and len(picture.voters) > 1


def _replaceable(context: StepContext, member_id: str) -> Rule:
    """All well; and where this member leads, somebody else could: under load that may take a moment."""
    ready = _ready(context)

    def rule(picture: Picture) -> Ruling:
        ruling = ready(picture)
        if ruling.allowed and _leads(picture, member_id) and not leader_candidates(picture):
            return Ruling(False, f"{picture.host_of(member_id)} leads, and nobody else can")
        return ruling

    return rule


async def hand_over(context: StepContext, to: str) -> str:
    """The leader hands over, as soon as it may; returns once all follow the new one and the settling time is over."""

    def rule(seen: Picture) -> Ruling:
        leads = seen.leader is not None and seen.leader.id == to
        return Ruling(True, f"{seen.host_of(to)} leads") if leads else may_move_leader(seen, to, now=context.now())

    picture = await wait_until(context, rule)
    said = f"{picture.host_of(to)} leads"
    if picture.leader is None or picture.leader.id != to:
        obj = f"member {picture.host_of(to)}"
        said = await insist(context, MOVE_LEADER, obj, to, lambda: context.etcd.move_leader(to))
    await wait_until(context, lambda seen: _all_follow(seen, to))
    await context.rest(float(context.option("settle_s")))
    return said


def _all_follow(picture: Picture, leader: str) -> Ruling:
    behind = [member.host for member in picture.members if member.said is None or member.said.leader != leader]
    return Ruling(not behind, f"{' and '.join(behind)} does not follow {picture.host_of(leader)} yet")


def _ready(context: StepContext) -> Rule:
    accepted = _outage_accepted(context)

    def rule(picture: Picture) -> Ruling:
        ruling = ready_to_defragment(picture, now=context.now())
        return Ruling(True, ruling.reason) if ruling.outage and accepted else ruling

    return rule


def _outage_accepted(context: StepContext) -> bool:
    """With the plan's typed word: it is the only member, and the API stands still meanwhile."""
    plan = context.logbook.operation.plan
    return plan is not None and any(check.id == WELL_CHECK and check.needs_word for check in plan.checks)


def _member(picture: Picture, member_id: str) -> Member:
    member = picture.member(member_id)
    if member is None:
        raise StepFailedError(f"{member_id} is not in the member list any more")
    return member


def _size(member: Member) -> str:
    return bytes_text(member.said.db_size) if member.said and member.said.db_size is not None else "?"
