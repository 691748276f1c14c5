"""Changing one Node under the rules of ``model.lock``: read, judge, one guarded PATCH, and again after a conflict."""

from collections.abc import Callable

import msgspec

from fleetui.control.effect_kind import LOCK_AND_CORDON, RELEASE, RENEW, UNCORDON, EffectKind
from fleetui.control.operation_kind import Undone
from fleetui.control.step_context import Keeper, LockLostError, StepContext, StepFailedError
from fleetui.model.drain import NodeState
from fleetui.model.journal import EffectAnswered, EffectOutcome
from fleetui.model.lock import (
    Cordon,
    Lock,
    LockState,
    LockVerdict,
    judge,
    owns_cordon,
    release_patch,
    renew_patch,
    take_patch,
    uncordon_patch,
)

Change = tuple[EffectKind, bytes]
"""The kind of the effect and its merge patch."""

CONFLICT_RETRY_S = 0.2
"""A Node changes a few times a minute; a conflict is settled by reading again at once."""


class Sight(msgspec.Struct, frozen=True):
    """A node just read."""

    node: NodeState
    lock: LockVerdict
    now: float
    """The server's clock."""
    since: float
    """Monotonic, before the server was asked: what is written by ``now`` is no younger than this."""


async def change_node(context: StepContext, build: Callable[[Sight], Change | None]) -> NodeState:
    """The node after the change; ``build`` looks and returns None when nothing has to change.

    Raises StepFailedError when the server refuses for good, and what ``build`` raises.
    """
    pause = CONFLICT_RETRY_S
    while True:
        node = await context.node()
        since = context.around.clock.monotonic()
        now = await context.answered(context.cluster.server_now)
        change = build(Sight(node, _judge(context, node, now), now, since))
        if change is None:
            return node
        kind, patch = change
        answered, answer = await context.perform(
            kind,
            "PATCH",
            f"node {node.name}",
            node.uid,
            lambda node=node, patch=patch: context.cluster.patch_node(  # type: ignore[misc]
                node.name, uid=node.uid, resource_version=node.resource_version, patch=patch
            ),
        )
        if answered.outcome is EffectOutcome.DONE and answer is not None and answer.node is not None:
            return answer.node
        _refuse_for_good(answered)
        await context.linger(context.jittered(pause))
        pause = min(pause * 2, context.around.timing.outage_retry_max_s)


def _judge(context: StepContext, node: NodeState, now: float) -> LockVerdict:
    logbook, timing = context.logbook, context.around.timing
    return judge(node, op=logbook.op_id, fence=logbook.fence, server_now=now, ttl_s=timing.lock_ttl_s)


def _refuse_for_good(answered: EffectAnswered) -> None:
    """A conflict and a rate limit pass; any other 4xx is the server's last word on this request."""
    if 400 <= answered.code < 500 and answered.code not in (409, 429):
        raise StepFailedError(f"the API server refused to change the node: {answered.code} {answered.message}")


class MachineLock:
    """The lock on one machine while a step runs."""

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._written_since = 0.0

    async def take(self) -> NodeState:
        """Lock and cordon in one PATCH. A cordon that was there before stays whose it was. Raises StepFailedError."""
        return await self._confirmed(self._take)

    async def keep(self) -> None:
        """Renews when that is due; a controller that has just taken over always looks. Raises LockLostError."""
        now = self._context.around.clock.monotonic()
        last = self._renewals.get(self._context.target.uid)
        if last is None or now - last >= self._context.around.timing.lock_renew_s:
            await self._confirmed(self._renew)

    async def release(self) -> NodeState:
        """The lock goes if it is ours; the cordon stays."""
        return await change_node(self._context, self._release)

    async def give_back(self) -> Undone:
        """Lifts our own cordon and releases our lock; leaves a machine alone that somebody else holds."""
        outlook: list[Undone] = []

        def build(sight: Sight) -> Change | None:
            outlook[:] = [Undone(self._outlook(sight), sight.lock.may_take)]
            return self._give_back(sight)

        await change_node(self._context, build)
        return outlook[0]

    async def _confirmed(self, build: Callable[[Sight], Change | None]) -> NodeState:
        """Only a PATCH that went through says that the lock is ours, and only from when its time was asked for."""
        node = await change_node(self._context, build)
        self._renewals[node.uid] = self._written_since
        return node

    @property
    def _renewals(self) -> dict[str, float]:
        return self._context.around.renewals

    def _take(self, sight: Sight) -> Change | None:
        if not sight.lock.may_take:
            raise LockLostError(refusal(sight))
        cordon = None if sight.node.unschedulable else own_cordon(self._context, sight.now)
        return LOCK_AND_CORDON, take_patch(self._lock(sight), cordon)

    def _renew(self, sight: Sight) -> Change | None:
        if sight.lock.state not in (LockState.OURS, LockState.FREE):
            raise LockLostError(refusal(sight))
        if not sight.node.unschedulable:
            raise StepFailedError(f"somebody uncordoned {sight.node.name} meanwhile")
        return RENEW, renew_patch(self._lock(sight))

    def _release(self, sight: Sight) -> Change | None:
        return (RELEASE, release_patch()) if sight.lock.state is LockState.OURS else None

    def _give_back(self, sight: Sight) -> Change | None:
        if not sight.lock.may_take:
            return None
        if owns_cordon(sight.node, self._context.logbook.op_id):
            return UNCORDON, uncordon_patch()
        return self._release(sight)

    def _outlook(self, sight: Sight) -> str:
        node = sight.node
        if not sight.lock.may_take:
            return f"{node.name} left as it is: {sight.lock.reason}"
        if owns_cordon(node, self._context.logbook.op_id):
            return f"{node.name} uncordoned"
        return f"{node.name} stays cordoned as it was before" if node.unschedulable else f"{node.name} is schedulable"

    def _lock(self, sight: Sight) -> Lock:
        around = self._context.around
        self._written_since = sight.since
        return Lock(
            holder=around.holder,
            op=around.logbook.op_id,
            by=str(around.actor),
            kind=around.intent.kind,
            fence=around.logbook.fence,
            expires=sight.now + around.timing.lock_ttl_s,
        )


def keeper(context: StepContext) -> Keeper:
    """Keeps the lock of the context's machine."""
    return MachineLock(context).keep


async def hand_back(context: StepContext, uncordon: bool) -> Undone:
    """The undo of an operation on machines. Without ``uncordon`` only the lock goes."""
    if uncordon:
        return await MachineLock(context).give_back()
    return Undone(await release(context), given_back=False)


async def release(context: StepContext) -> str:
    """The lock goes if it is ours; in words whether a cordon stays."""
    node = await MachineLock(context).release()
    return f"{node.name} released" + (", still cordoned" if node.unschedulable else "")


def own_cordon(context: StepContext, now: float) -> Cordon:
    """Our name for the cordon, by the server's clock."""
    around = context.around
    return Cordon(
        op=around.logbook.op_id, by=str(around.actor), at=now, reason=around.intent.reason, kind=around.intent.kind
    )


def refusal(sight: Sight) -> str:
    """Why the machine cannot be had, for people."""
    remedy = f" ({sight.lock.remedy})" if sight.lock.remedy else ""
    return f"{sight.node.name} is {sight.lock.reason}{remedy}"
