"""Checks made again after a person has confirmed the plan: before it begins, and at every point of no return.

What was accepted with the plan by a typed word stays accepted; everything else that is not ok is an objection.
"""

from collections.abc import Callable, Iterable

from fleetui.control.facts import Facts, Neighbour
from fleetui.control.operation_kind import OperationKind
from fleetui.control.preflight import CheckKind, run_checks
from fleetui.control.step_context import Surroundings
from fleetui.model.operation import Check, Plan, Target


class Guards:
    def __init__(
        self,
        kind: OperationKind,
        plan: Plan,
        around: Surroundings,
        *,
        neighbours: Callable[[], tuple[Neighbour, ...]] = tuple,
    ) -> None:
        self._neighbours = neighbours
        self._kind = kind
        self._plan = plan
        self._around = around
        self._accepted = {(check.id, check.target) for check in plan.checks if check.needs_word}

    async def at_start(self) -> list[Check]:
        """Objections to beginning at all."""
        guards = [check for check in self._kind.checks if check.guards]
        return await self._objections((*guards, *self._kind.start_checks), self._plan.intent.targets)

    async def at_step(self, target: Target) -> list[Check]:
        """Objections to going on with this machine."""
        return await self._objections([it for it in self._kind.checks if it.guards and it.per_machine], (target,))

    async def _objections(self, checks: Iterable[CheckKind], targets: tuple[Target, ...]) -> list[Check]:
        around = self._around
        async with Facts(
            around.cluster,
            around.intent,
            options=around.options,
            clock=around.clock,
            op_id=around.logbook.op_id,
            fence=around.logbook.fence,
            neighbours=self._neighbours(),
            plan=self._plan,
            open_etcd=around.open_etcd,
            snapshots=around.snapshots,
        ) as facts:
            made = await run_checks(checks, facts, targets, limit_s=around.timing.check_s)
        return [check for check in made if self._objects(check)]

    def _objects(self, check: Check) -> bool:
        return check.blocks or (check.needs_word and (check.id, check.target) not in self._accepted)
