"""The lock of an operation on etcd: the same annotation that a drain puts on its machines, on one control-plane node.

The node is the first of the control plane by name, chosen and frozen when the plan is made (in the id of the step that
takes the lock). Whoever works on etcd, and whoever drains a control-plane machine, looks at the locks of all
control-plane nodes once it has its own: of two that begin at the same moment at least one sees the other. A cluster
without control-plane nodes in its API has nowhere to put a lock; then only this store's own exclusion holds.
"""

from fleetui.control.effect_kind import LOCK
from fleetui.control.machine_lock import Change, MachineLock, Sight, refusal
from fleetui.control.operation_kind import Undone
from fleetui.control.step_context import Keeper, LockLostError, StepContext
from fleetui.model.drain import NodeState
from fleetui.model.lock import LockState, renew_patch
from fleetui.model.operation import Plan, PlannedStep, Target

LOCK_STEP = "lock"


def lock_step(nodes: tuple[NodeState, ...], target: Target, why: str) -> tuple[PlannedStep, ...]:
    """None where no control-plane node is there to carry the lock."""
    carriers = sorted((node for node in nodes if node.control_plane), key=lambda node: node.name)
    if not carriers:
        return ()
    node = carriers[0]
    title = f"{node.name} locked: no other operation on etcd, no drain of the control plane"
    return (PlannedStep(f"{LOCK_STEP}/{node.name}/{node.uid}", LOCK_STEP, target, title, why, "", 1.0),)


def lock_node(plan: Plan) -> Target | None:
    """Who carries the lock; None when nobody does."""
    for step in plan.steps:
        if step.kind == LOCK_STEP:
            _, name, uid = step.id.split("/")
            return Target(name, uid)
    return None


class _NodeLock(MachineLock):
    """As a drain's, without a cordon."""

    def _take(self, sight: Sight) -> Change | None:
        if not sight.lock.may_take:
            raise LockLostError(refusal(sight))
        return LOCK, renew_patch(self._lock(sight))

    def _renew(self, sight: Sight) -> Change | None:
        if sight.lock.state not in (LockState.OURS, LockState.FREE):
            raise LockLostError(refusal(sight))
        return LOCK, renew_patch(self._lock(sight))


class EtcdLock:
    """While a step runs, whose context speaks of etcd."""

    def __init__(self, context: StepContext) -> None:
        self._context = context
        plan = context.logbook.operation.plan
        assert plan is not None
        self._node = lock_node(plan)
        self._lock = _NodeLock(context.at(self._node)) if self._node is not None else None

    async def take(self) -> str:
        if self._lock is None or self._node is None:
            return "nowhere to put a lock"
        await self._lock.take()
        self._confirm()
        return f"{self._node.name} locked"

    async def keep(self) -> None:
        """Renews when that is due. Raises LockLostError."""
        if self._lock is not None:
            await self._lock.keep()
        self._confirm()

    async def release(self) -> str:
        if self._lock is None or self._node is None:
            return "nothing was locked"
        await self._lock.release()
        return f"{self._node.name} released"

    def _confirm(self) -> None:
        """Effects on etcd ask for the lock by etcd's own id; where none is, none can lapse."""
        renewals = self._context.around.renewals
        unlocked = self._context.around.clock.monotonic()
        renewals[self._context.target.uid] = renewals[self._node.uid] if self._node is not None else unlocked


def keeper(context: StepContext) -> Keeper:
    return EtcdLock(context).keep


async def give_back(context: StepContext, _uncordon: bool) -> Undone:
    """The undo: what was moved or defragmented stays so, and the lock goes."""
    return Undone(await EtcdLock(context).release(), given_back=True)
