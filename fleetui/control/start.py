"""The start of an approved operation: one more look at the cluster, however long that has no answer, within a deadline.

Nothing has been changed yet, so an objection ends the operation and a new plan is asked for. No answer is no objection:
it is asked again, and the first step says what is wrong, when the next try is, and until when.
"""

from datetime import UTC, datetime

from fleetui.control.guards import Guards
from fleetui.control.step_context import StepContext, Surroundings
from fleetui.model.journal import StepWaiting, Waiting
from fleetui.model.operation import Check, Outcome, PlannedStep


class NotBegunError(Exception):
    """The plan does not fit the cluster any more, or nobody can tell. Its text is for people; nothing was changed."""


class Start:
    def __init__(self, guards: Guards, first: PlannedStep, around: Surroundings) -> None:
        """``first``: the step that shows what the start waits for."""
        self._guards = guards
        self._around = around
        self._context = StepContext(around, first)

    async def look_again(self) -> None:
        """Returns when the plan may begin. Raises NotBegunError, AbortRequestedError, StopRequestedError."""
        pause = self._around.timing.outage_retry_s
        with self._around.safe_points.lane():
            await self._context.safe_point()  # paused before it began: the look must come after the pause
            while objections := await self._guards.at_start():
                self._refuse(objections)
                wait = min(self._context.jittered(pause), max(self._deadline() - self._context.now(), 0.0))
                self._say(tuple(self._waiting(check, wait) for check in objections))
                await self._context.rest(wait)
                pause = min(pause * 2, self._around.timing.outage_retry_max_s)
        self._say(())

    def _refuse(self, objections: list[Check]) -> None:
        failed = [check for check in objections if check.outcome is Outcome.FAIL]
        if failed:
            said = "; ".join(dict.fromkeys(f"{check.title}: {check.evidence}" for check in failed))
            raise NotBegunError(f"not begun, the cluster has moved since the plan was made: {said}; make a new plan")
        if self._context.now() >= self._deadline():
            first = objections[0]
            minutes = self._around.timing.start_s / 60
            raise NotBegunError(f"not begun within {minutes:g} min: {first.title}: {first.evidence}; {first.remedy}")

    def _deadline(self) -> float:
        """Counted from the first controller that began, pauses left out."""
        started = self._around.logbook.operation.started
        assert started is not None
        return started + self._around.timing.start_s + self._around.logbook.paused_since(started, self._context.now())

    def _waiting(self, check: Check, wait: float) -> Waiting:
        next_try, given_up = (clock_time(at) for at in (self._context.now() + wait, self._deadline()))
        return Waiting(
            object=check.target or f"cluster {self._around.intent.cluster.name}",
            why="start unknown",
            detail=f"{check.title}: {check.evidence}; next try {next_try}, given up {given_up}",
            since=self._around.logbook.operation.started,
            remedy=check.remedy,
        )

    def _say(self, waiting: tuple[Waiting, ...]) -> None:
        """Every try is written down: there are few of them before the deadline."""
        step = next(it for it in self._around.logbook.operation.steps if it.id == self._context.step_id)
        if waiting or step.waiting:
            record = StepWaiting(step.id, waiting[:1], step.left, self._context.now())
            self._around.logbook.write(record)


def clock_time(at: float) -> str:
    """``14:03:10Z``: the journal is read in many time zones."""
    return f"{datetime.fromtimestamp(at, UTC):%H:%M:%S}Z"
