"""The steps of one operation as lanes, one a machine: first what must hold for all of them, then so many at a time.

A drain cordons all its machines before it evicts from any, as ``kubectl drain A B`` does: else the pods of the first
would land on the second, be evicted again, and be pods that nobody confirmed. The price is room: a budget that opens
only when a pod finds another machine needs one outside the plan, which the check of the capacity weighs. The machines
then take their turns in the order of the plan's steps, and one that is held lends its place (``turns``). A failure
starts no further machine, and gives those back that were only waiting.
"""

import asyncio
from shlex import quote

from fleetui.control.causes import root_cause
from fleetui.control.guards import Guards
from fleetui.control.operation_kind import UNDO, OperationKind, Undone, step_kind
from fleetui.control.safe_points import AbortRequestedError, StopRequestedError
from fleetui.control.step_context import LockLostError, MachineGoneError, StepContext, StepFailedError, Surroundings
from fleetui.control.turns import Turn, Turns
from fleetui.model.journal import StepDone, StepFailed, StepStarted, Waiting
from fleetui.model.operation import Check, Outcome, Plan, PlannedStep, Target
from fleetui.model.step_progress import StepProgress, StepState

DEFAULT_PARALLEL = 4
"""Machines at once for operations without the option ``max_parallel``: their steps are single requests."""

FAILED = "failed"
"""``Waiting.why`` of a step that will not be tried again, not even by another controller."""
LOST = "lost"
"""The same, of a machine that is somebody else's now: nothing is written to it again."""


class Lanes:
    def __init__(self, kind: OperationKind, plan: Plan, around: Surroundings, guards: Guards) -> None:
        self._kind = kind
        self._plan = plan
        self._guards = guards
        self._around = around
        names = dict.fromkeys(step.target.name for step in plan.steps)
        self._advancing = set(names)
        self._turns = Turns(names, at_once=int(around.options.get("max_parallel", DEFAULT_PARALLEL)))
        self.failures: dict[str, str] = {}
        """Machine to reason."""
        self.interrupted: AbortRequestedError | StopRequestedError | None = None
        self._given_back: set[str] = set()
        self.left_behind: list[str] = []
        """Machines that an undo could not give back."""

    async def run(self) -> None:
        """Every machine to its end, or to the first safe point after an abort or a stop, or to a failure."""
        try:
            async with asyncio.TaskGroup() as group:
                for target in self._plan.intent.targets:
                    group.create_task(self._lane(target), name=target.name)
        except BaseExceptionGroup as errors:
            raise root_cause(errors) from errors

    async def undo(self) -> tuple[str, ...]:
        """Gives every machine back that was begun and not finished; what it came to, machine by machine.

        A finished one stays as the operator wanted it: a drained machine stays empty.
        """
        return tuple([await self._undo_one(target) for target in self._begun()])

    @property
    def all_given_back(self) -> bool:
        """Nothing of this operation is left on any machine that it has begun with."""
        return all(target.name in self._given_back for target in self._begun())

    def finished(self) -> tuple[str, ...]:
        """The names of the machines whose every step is done."""
        return tuple(target.name for target in self._begun() if self._is_finished(target))

    async def _lane(self, target: Target) -> None:
        steps = tuple(step for step in self._plan.steps if step.target == target)
        with self._around.safe_points.lane():
            await asyncio.sleep(0)  # every lane has entered before the first can stand: "paused" means all of them
            try:
                if failure := self._failed_before(steps):
                    await self._fail(target, failure)
                else:
                    await self._advance(target, steps)
                    await self._finish(target, steps)
            except (AbortRequestedError, StopRequestedError) as request:
                self.interrupted = request
            except StepFailedError as error:
                await self._fail(target, self._failed_before(steps) or _failure(error, target))
            finally:
                self._advancing.discard(target.name)
                self._turns.leave(target.name)

    async def _advance(self, target: Target, steps: tuple[PlannedStep, ...]) -> None:
        for step in steps:
            if step_kind(self._kind, step.kind).advance:
                await self._run_step(step, self._context(step))
        self._advancing.discard(target.name)

    async def _finish(self, target: Target, steps: tuple[PlannedStep, ...]) -> None:
        rest = [step for step in steps if self._progress()[step.id].state is not StepState.DONE]
        if not rest:
            return
        turn = Turn(self._turns, target.name)
        context = self._context(rest[0], turn)
        try:
            if not await self._begin(turn, context):
                self.failures[target.name] = "not begun, since another machine failed"
                await self._hand_back(target)
                return
            for step in rest:
                await self._run_step(step, context if step is rest[0] else self._context(step, turn))
        finally:
            turn.end()

    async def _begin(self, turn: Turn, context: StepContext) -> bool:
        """Waits for its turn, keeping the lock; False when a failure ends the launching of machines."""
        await context.safe_point()
        while self._advancing or not turn.begin():
            await context.rest(self._around.timing.poll_s)
        return not self.failures or self._progress()[context.step_id].started is not None

    async def _run_step(self, step: PlannedStep, context: StepContext) -> None:
        if self._progress()[step.id].state is StepState.DONE:
            return
        if step_kind(self._kind, step.kind).advance:
            await context.safe_point()
        self._around.logbook.write(StepStarted(step.id, context.now()))
        try:
            await self._guard(step, context)
            summary = await self._kind.run(context)
        except StepFailedError as error:
            context.wait_for((_failure(error, step.target),), context.left)
            raise
        self._around.logbook.write(StepDone(step.id, summary, context.now()))

    def _context(self, step: PlannedStep, turn: Turn | None = None) -> StepContext:
        context = StepContext(self._around, step, turn=turn)
        if self._kind.keep is not None and step_kind(self._kind, step.kind).kept:
            context.keep_with(self._kind.keep(context))
        return context

    def _begun(self) -> tuple[Target, ...]:
        return tuple(
            target
            for target in self._plan.intent.targets
            if any(step.started is not None for step in self._steps_of(target))
        )

    def _is_finished(self, target: Target) -> bool:
        return all(step.state is StepState.DONE for step in self._steps_of(target))

    def _steps_of(self, target: Target) -> list[StepProgress]:
        """As planned: without those of the undo."""
        progress = self._progress()
        return [progress[step.id] for step in self._plan.steps if step.target == target]

    async def _guard(self, step: PlannedStep, context: StepContext) -> None:
        """The same checks again at the point of no return. What was confirmed with the plan stays confirmed."""
        if not step_kind(self._kind, step.kind).guarded:
            return
        pause = self._around.timing.outage_retry_s
        while objections := await self._guards.at_step(step.target):
            failed = next((check for check in objections if check.outcome is Outcome.FAIL), None)
            if failed is not None:
                raise StepFailedError(f"{failed.title}: {failed.evidence}")
            context.wait_for([_unclear(check, context.next_within_s) for check in objections], context.left)
            await context.linger(context.jittered(pause))
            pause = min(pause * 2, self._around.timing.outage_retry_max_s)
        context.wait_for((), context.left)

    async def _fail(self, target: Target, failure: Waiting) -> None:
        """The machine is left locked by nobody; its cordon stays unless the operator wanted it back."""
        self.failures[target.name] = failure.detail
        wanted_back = bool(self._around.options.get("uncordon_on_failure", False))
        if failure.why != LOST:
            await self._hand_back(target, uncordon=wanted_back)
        elif wanted_back:
            self.failures[target.name] += f" ({target.name} not given back: it is not ours any more)"

    async def _hand_back(self, target: Target, *, uncordon: bool = True) -> None:
        if self._kind.undo is not None:
            said = await self._give_back(target, uncordon=uncordon)
            self.failures[target.name] += f" ({said})"

    async def _undo_one(self, target: Target) -> str:
        if self._is_finished(target):
            return f"{target.name} was finished and stays so"
        if self._kind.undo is None:
            return f"{target.name} was begun; there is nothing to undo"
        return await self._give_back(target, uncordon=True)

    async def _give_back(self, target: Target, *, uncordon: bool) -> str:
        assert self._kind.undo is not None
        title = f"{target.name} given back" if uncordon else f"{target.name} unlocked"
        step = PlannedStep(f"undo/{target.name}", UNDO.name, target, title, "undo", "", 1.0)
        context = StepContext(self._around, step, abortable=False)
        self._around.logbook.write(StepStarted(step.id, context.now(), title))
        try:
            undone = await self._kind.undo(context, uncordon)
        except MachineGoneError as error:
            undone = Undone(f"nothing to give back: {error}", given_back=True)
        except StepFailedError as error:
            return self._not_given_back(step, error, uncordon=uncordon)
        except StopRequestedError as request:
            self.interrupted = request
            return "not given back yet"
        if undone.given_back:
            self._given_back.add(target.name)
        self._around.logbook.write(StepDone(step.id, undone.said, context.now()))
        return undone.said

    def _not_given_back(self, step: PlannedStep, error: StepFailedError, *, uncordon: bool) -> str:
        """Something of this operation is left on the machine, and only a person can take it away now."""
        name = step.target.name
        said = f"{name} could not be given back: {str(error)[:REASON_LIMIT]}"
        cluster = quote(self._plan.intent.cluster.name)
        lift = f"then lift our cordon: fleetui run uncordon {quote(name)} --cluster {cluster}"
        remedy = lift if uncordon else "nothing else: our lock runs out"
        self._around.logbook.write(
            StepFailed(step.id, said, f"see to what refused it; {remedy}", self._around.clock.now())
        )
        self.left_behind.append(name)
        return f"{said}; {remedy}"

    def _progress(self) -> dict[str, StepProgress]:
        return {step.id: step for step in self._around.logbook.operation.steps}

    def _failed_before(self, steps: tuple[PlannedStep, ...]) -> Waiting | None:
        waiting = (one for step in steps for one in self._progress()[step.id].waiting)
        return next((one for one in waiting if one.why in (FAILED, LOST)), None)


def _failure(error: StepFailedError, target: Target) -> Waiting:
    return Waiting(
        object=target.name, why=LOST if isinstance(error, LockLostError) else FAILED, detail=str(error)[:REASON_LIMIT]
    )


REASON_LIMIT = 1_000
"""Characters; one record holds a step's reasons."""


def _unclear(check: Check, next_within_s: float) -> Waiting:
    return Waiting(
        object=check.target or "cluster",
        why="guard unknown",
        detail=f"{check.title}: {check.evidence}",
        remedy=check.remedy,
        next_within_s=next_within_s,
    )
