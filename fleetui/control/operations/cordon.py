"""Cordon: no new pods on these machines. One request a machine; nothing is held in between, so nothing is locked."""

import msgspec

from fleetui.control.effect_kind import CORDON, UNCORDON
from fleetui.control.facts import Facts
from fleetui.control.machine_lock import Change, Sight, change_node, hand_back, own_cordon, refusal
from fleetui.control.operation_kind import UNDO, OperationKind, OptionKind, StepKind, one_step_each
from fleetui.control.preflight import CheckKind
from fleetui.control.preflight_machine import CORDONED, NODE_CHECKS
from fleetui.control.preflight_spare import WRITES
from fleetui.control.step_context import LockLostError, StepContext
from fleetui.model.lock import cordon_owner, cordon_patch, owns_cordon
from fleetui.model.operation import PlannedStep

_UNDO = msgspec.structs.replace(UNDO, effects=(UNCORDON,))
"""It never holds a lock that an undo could have to release."""


class CordonOperation:
    name = "cordon"
    title = "Cordon: no new pods on these machines"
    disruptive = False
    options: tuple[OptionKind, ...] = ()
    keep = None
    undo = staticmethod(hand_back)
    steps = (StepKind("cordon", "the machine takes no new pods", effects=(CORDON,), guarded=True), _UNDO)
    checks: tuple[CheckKind, ...] = (*NODE_CHECKS, CORDONED, WRITES)
    start_checks: tuple[CheckKind, ...] = ()

    async def plan(self, facts: Facts) -> tuple[PlannedStep, ...]:
        return one_step_each(
            facts.intent,
            kind="cordon",
            does="{name} takes no new pods",
            breaks="pods that need this machine stay Pending",
        )

    async def run(self, context: StepContext) -> str:
        node = await change_node(context, lambda sight: self._build(sight, context))
        if owns_cordon(node, context.logbook.op_id):
            return f"{node.name} cordoned"
        return f"{node.name} was already cordoned by {cordon_owner(node)}"

    def _build(self, sight: Sight, context: StepContext) -> Change | None:
        if sight.node.unschedulable:
            return None
        if not sight.lock.may_take:
            raise LockLostError(refusal(sight))
        return CORDON, cordon_patch(own_cordon(context, sight.now))


OPERATION: OperationKind = CordonOperation()
