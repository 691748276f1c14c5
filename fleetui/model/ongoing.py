"""From operations to the work that clusters' rows show: what is under way, blocked work first."""

from collections.abc import Iterable

from fleetui.model.ledger import Operation
from fleetui.model.operation import OpState
from fleetui.model.step_progress import StepProgress, StepState
from fleetui.model.waiting import Waiting, holding
from fleetui.model.work import Work


def state_word(operation: Operation) -> str:
    """The state with what was asked of it: ``running``, ``pausing``, ``paused``, ``aborting``, ``planning``."""
    if operation.state.ended:
        return operation.state.value
    if operation.aborting:
        return "aborting"
    if operation.paused:
        return "paused"
    if operation.pausing:
        return "pausing"
    planning = operation.state is OpState.PROPOSED and operation.plan is None and not operation.plan_error
    return "planning" if planning else operation.state.value


def holds(operation: Operation) -> tuple[Waiting, ...]:
    """What blocks it, step after step; empty while every step moves, and when it has ended."""
    if operation.state.ended:
        return ()
    return tuple(hold for step in operation.steps for hold in holding(step.waiting))


def machines_done(operation: Operation) -> int:
    """Machines of which every step is done."""
    steps: dict[str, list[StepProgress]] = {}
    for step in operation.steps:
        steps.setdefault(step.target.name, []).append(step)
    wanted = (steps.get(target.name, []) for target in operation.intent.targets)
    return sum(bool(own) and all(step.state is StepState.DONE for step in own) for own in wanted)


def ongoing(operations: Iterable[Operation]) -> tuple[Work, ...]:
    """The work of those that are approved and have not ended; what waits for a person comes first."""
    works = [_work(operation) for operation in operations if _under_way(operation)]
    return tuple(sorted(works, key=lambda work: (not work.stuck, work.op_id)))


def _under_way(operation: Operation) -> bool:
    return not operation.state.ended and not operation.newer and operation.state is not OpState.PROPOSED


def _work(operation: Operation) -> Work:
    held = holds(operation)
    cluster = operation.intent.cluster
    return Work(
        op_id=operation.op_id,
        kind=operation.intent.kind,
        by=operation.actor.user,
        cluster=cluster.name,
        uid=cluster.uid,
        done=machines_done(operation),
        total=len(operation.intent.targets),
        state=state_word(operation),
        stuck=bool(held) or operation.paused,
        stuck_since=operation.held_since if held else operation.paused_at,
        holds=held,
    )
