"""Snapshot etcd: one member's database in a file on the controller's machine, believed only when its hash is right.

It reads and changes nothing in the cluster, so it takes no lock there: it must also work when the API is down.
"""

from fleetui.control.etcd_saving import SAVE, save, snapshot_step
from fleetui.control.facts import Facts
from fleetui.control.operation_kind import OperationKind, OptionKind
from fleetui.control.preflight import CheckKind
from fleetui.control.preflight_etcd import MEANT, OTHERS, PLACE, ROOM, SOURCE
from fleetui.control.step_context import StepContext
from fleetui.model.operation import PlannedStep


class SnapshotOperation:
    name = "etcd-snapshot"
    title = "Snapshot etcd into a new file here, verified against its hash"
    disruptive = False
    options: tuple[OptionKind, ...] = (
        OptionKind("path", "", "the new file, on the controller's machine; none is overwritten"),
        OptionKind("member", "", "the member to take it from; empty: one that is well and does not lead"),
    )
    keep = None
    undo = None
    """A file that is whole is left."""
    steps = (SAVE,)
    checks: tuple[CheckKind, ...] = (MEANT, SOURCE, PLACE, ROOM, OTHERS)
    start_checks: tuple[CheckKind, ...] = ()

    async def plan(self, facts: Facts) -> tuple[PlannedStep, ...]:
        return (await snapshot_step(facts, facts.intent.targets[0], facts.intent.reason or "asked for"),)

    async def run(self, context: StepContext) -> str:
        await context.safe_point()
        return await save(context)


OPERATION: OperationKind = SnapshotOperation()
