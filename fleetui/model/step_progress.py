"""How far one step of an operation has come, as the records about it say: each moves it on. Pure."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from fleetui.model import journal
from fleetui.model.journal import Waiting
from fleetui.model.operation import OpState, PlannedStep, Target
from fleetui.model.waiting import holding

StepRecord = journal.StepStarted | journal.StepWaiting | journal.StepDone | journal.StepFailed


class StepState(StrEnum):
    PENDING = "pending"
    """Not begun, or given up by an abort before its state was reached."""
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class StepProgress(Struct, frozen=True):
    id: str
    kind: str
    title: str
    target: Target
    state: StepState = StepState.PENDING
    waiting: tuple[Waiting, ...] = ()
    held_since: float | None = None
    """Since when it has been held by what it waits for, whatever that was; None while anything of it moves. Not the
    ``since`` of a cause: a budget may have been shut long before anybody asked it."""
    left: int = 0
    """Pods still to be evicted."""
    total: int = 0
    """Pods that the plan evicts in this step."""
    started: float | None = None
    ended: float | None = None
    summary: str = ""

    @property
    def done(self) -> int:
        """Of ``total`` and one more for the step itself."""
        return self.total + 1 if self.state is StepState.DONE else self.total - min(self.left, self.total)


def pending(step: PlannedStep) -> StepProgress:
    """As it was planned."""
    pods = sum(1 for pod in step.pods if pod.action == "evict")
    return StepProgress(id=step.id, kind=step.kind, title=step.title, target=step.target, left=pods, total=pods)


def unplanned(step_id: str) -> StepProgress:
    """A step of the undo: its id says what it is, ``release/wk-b-01``."""
    kind, _, target = step_id.partition("/")
    return StepProgress(id=step_id, kind=kind, title=step_id, target=Target(name=target, uid=""))


def moved(step: StepProgress, record: StepRecord) -> StepProgress:
    """After the record."""
    match record:
        case journal.StepStarted():
            started = record.at if step.started is None else step.started
            title = record.title or step.title
            return replace(step, state=StepState.RUNNING, started=started, ended=None, title=title)
        case journal.StepWaiting():
            going = StepState.PENDING if step.started is None else StepState.RUNNING
            state, held = StepState.WAITING if record.waiting else going, _held_since(step, record)
            return replace(step, state=state, waiting=record.waiting, left=record.left, held_since=held)
        case journal.StepDone():
            ended, summary = record.at, record.summary
            return replace(
                step, state=StepState.DONE, waiting=(), held_since=None, left=0, ended=ended, summary=summary
            )
        case journal.StepFailed():
            why = (Waiting(step.target.name, "failed", record.why, since=record.at, remedy=record.remedy),)
            state, at = StepState.FAILED, record.at
            return replace(step, state=state, waiting=why, held_since=at, ended=at, summary=record.why)


def left(step: StepProgress, finished: journal.Finished) -> StepProgress:
    """As the end of the operation leaves it: what was under way is not any more."""
    if step.state not in (StepState.RUNNING, StepState.WAITING):
        return step
    state = StepState.FAILED if finished.state is OpState.FAILED else StepState.PENDING
    return replace(step, state=state, waiting=(), held_since=None, ended=finished.at)


def _held_since(step: StepProgress, record: journal.StepWaiting) -> float | None:
    """One cause after another holds it all the while."""
    if not holding(record.waiting):
        return None
    return record.at if step.held_since is None else step.held_since
