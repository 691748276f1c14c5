"""Uncordon: these machines take pods again, whoever cordoned them; whose cordon it was is said and written down."""

from fleetui.control.facts import Facts
from fleetui.control.machine_lock import Change, Sight, change_node, refusal
from fleetui.control.operation_kind import OperationKind, OptionKind, StepKind
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
    steps = (StepKind("uncordon", "the machine takes pods again", effects=("uncordon",), guarded=True),)
    checks: tuple[CheckKind, ...] = (*NODE_CHECKS, WHOSE_CORDON, REPORTING)
    start_checks: tuple[CheckKind, ...] = (SAME_CORDON,)

    async def plan(self, facts: Facts) -> tuple[PlannedStep, ...]:
        return tuple(
            PlannedStep(
                id=f"uncordon/{target.name}",
                kind="uncordon",
                target=target,
                title=f"{target.name} takes pods again",
                why=facts.intent.reason or "asked for",
                breaks="whoever cordoned it may not be done",
                estimate_s=1.0,
            )
            for target in facts.intent.targets
        )

    async def run(self, context: StepContext) -> str:
        before: list[str] = []

        def build(sight: Sight) -> Change | None:
            if not sight.node.unschedulable and read_cordon(sight.node) is None:
                return None
            if not sight.lock.may_take:
                raise LockLostError(refusal(sight))
            before[:] = [cordon_owner(sight.node)]
            return "uncordon", uncordon_patch()

        node = await change_node(context, build)
        return f"{node.name} uncordoned; it was cordoned by {before[0]}" if before else f"{node.name} is schedulable"


OPERATION: OperationKind = UncordonOperation()
