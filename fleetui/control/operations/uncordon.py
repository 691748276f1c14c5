"""Uncordon: these machines take pods again, whoever cordoned them; whose cordon it was is said and written down."""

from fleetui.control.effect_kind import UNCORDON
from fleetui.control.facts import Facts
from fleetui.control.machine_lock import Change, Sight, change_node, refusal
from fleetui.control.operation_kind import OperationKind, OptionKind, StepKind, one_step_each
from fleetui.control.preflight import CheckKind
from fleetui.control.preflight_machine import NODE_CHECKS, REPORTING, WHOSE_CORDON
from fleetui.control.preflight_start import SAME_CORDON
from fleetui.control.step_context import LockLostError, StepContext
from fleetui.model.lock import cordon_owner, read_cordon, uncordon_patch
from fleetui.model.operation import PlannedStep


class UncordonOperation:
    name = "uncordon"
    title = "Uncordon: these machines take pods again"
    disruptive = False
    options: tuple[OptionKind, ...] = ()
    keep = None
    undo = None
    """The cordon that was lifted was not ours to put on again."""
    steps = (StepKind("uncordon", "the machine takes pods again", effects=(UNCORDON,), guarded=True),)
    checks: tuple[CheckKind, ...] = (*NODE_CHECKS, WHOSE_CORDON, REPORTING)
    start_checks: tuple[CheckKind, ...] = (SAME_CORDON,)

    async def plan(self, facts: Facts) -> tuple[PlannedStep, ...]:
        return one_step_each(
            facts.intent, kind="uncordon", does="{name} takes pods again", breaks="whoever cordoned it may not be done"
        )

    async def run(self, context: StepContext) -> str:
        before: list[str] = []

        def build(sight: Sight) -> Change | None:
            if not sight.node.unschedulable and read_cordon(sight.node) is None:
                return None
            if not sight.lock.may_take:
                raise LockLostError(refusal(sight))
            before[:] = [cordon_owner(sight.node)]
            return UNCORDON, uncordon_patch()

        node = await change_node(context, build)
        return f"{node.name} uncordoned; it was cordoned by {before[0]}" if before else f"{node.name} is schedulable"


OPERATION: OperationKind = UncordonOperation()
